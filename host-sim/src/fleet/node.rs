//! Nodes: a recording each, named after its file.

use anyhow::{Context, bail, ensure};
use std::path::{Path, PathBuf};

/// Endings of recordings, which are no part of a node's name.
const ENDINGS: [&str; 12] = [
    "gz", "zst", "csv", "tsv", "txt", "dat", "parquet", "json", "jsonl", "ndjson", "xlsx", "log",
];

/// A node and its recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeFile {
    /// The name: that of the file without its endings.
    pub name: String,
    /// The recording.
    pub path: PathBuf,
}

impl NodeFile {
    fn of(path: &Path) -> anyhow::Result<Self> {
        let name = path.file_name().context("it has no name")?;
        let mut name = name.to_str().context("its name is no UTF-8")?;
        while let Some((stem, ending)) = name.rsplit_once('.') {
            if stem.is_empty() || !ENDINGS.contains(&ending) {
                break;
            }
            name = stem;
        }
        ensure!(
            !name.starts_with('.') && !name.chars().any(char::is_control),
            "`{}` names no node",
            name.escape_debug()
        );
        Ok(Self {
            name: name.to_owned(),
            path: path.to_owned(),
        })
    }
}

/// The nodes of recordings, in order of their names: the same on every task that has the same files.
///
/// # Errors
/// A path names no file, or two files the same node.
pub fn nodes(paths: &[PathBuf]) -> anyhow::Result<Vec<NodeFile>> {
    let mut nodes = Vec::with_capacity(paths.len());
    for path in paths {
        let said = || path.display().to_string();
        if path.is_dir() {
            bail!("{}: a folder; name the recordings in it", said());
        }
        ensure!(path.is_file(), "{}: no such file", said());
        nodes.push(NodeFile::of(path).with_context(said)?);
    }
    nodes.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.path.cmp(&b.path)));
    for pair in nodes.windows(2) {
        if let [a, b] = pair
            && a.name == b.name
        {
            let (name, a, b) = (&a.name, a.path.display(), b.path.display());
            bail!("{a} and {b} are both of node {name}: a node has one recording");
        }
    }
    Ok(nodes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_the_file_without_its_endings() {
        for (file, name) in [
            ("a/r1n02.csv.gz", "r1n02"),
            ("r1n02.parquet", "r1n02"),
            ("n1.cluster.org", "n1.cluster.org"),
            ("csv", "csv"),
        ] {
            assert_eq!(NodeFile::of(Path::new(file)).unwrap().name, name);
        }
        assert!(NodeFile::of(Path::new(".csv")).is_err());
        assert!(NodeFile::of(Path::new("a\nb.csv")).is_err());
    }

    /// Broken if the order is that of the arguments, by which tasks would differ.
    #[test]
    fn nodes_are_sorted_and_have_one_file_each() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, "").unwrap();
            path
        };
        let paths = [file("b.csv"), file("a.csv.gz"), file("c.csv")];
        let found = nodes(&paths).unwrap();
        let names: Vec<&str> = found.iter().map(|node| node.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        let twice = [file("b.csv"), file("b.parquet")];
        let error = nodes(&twice).unwrap_err().to_string();
        assert!(error.contains("both of node b"), "{error}");
        let error = nodes(&[folder.path().join("none.csv")]).unwrap_err();
        assert!(error.to_string().contains("no such file"));
        assert!(nodes(&[folder.path().to_owned()]).is_err());
    }
}
