//! Results of all nodes in one file: every frame judged exactly once, or an error that names the place.

mod checked;

use super::counts::Counts;
use super::plan::{FILE, Plan};
use super::results::{ENDING, read_plan};
use anyhow::{Context, bail, ensure};
use checked::Checked;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

/// Results in files, by node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// The plan that all of them have.
    pub plan: Plan,
    files: BTreeMap<String, PathBuf>,
}

impl Inputs {
    /// Results in folders, or named one by one together with their plan.
    ///
    /// # Errors
    /// There is no plan, plans differ, or a node has two results.
    pub fn find(paths: &[PathBuf]) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                let name = || path.display().to_string();
                for entry in std::fs::read_dir(path).with_context(name)? {
                    files.push(entry.with_context(name)?.path());
                }
            } else {
                ensure!(path.is_file(), "{}: no such file", path.display());
                files.push(path.clone());
            }
        }
        files.sort();
        let mut plan: Option<(Plan, PathBuf)> = None;
        let mut by_node = BTreeMap::new();
        for path in files {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name == FILE {
                let found = read_plan(&path)?;
                match &plan {
                    Some((known, of)) => {
                        if let Some(difference) = known.difference(&found) {
                            let (a, b) = (of.display(), path.display());
                            bail!("{a} and {b} are of different runs: {difference}");
                        }
                    }
                    None => plan = Some((found, path)),
                }
            } else if let Some(node) = name.strip_suffix(&format!(".{ENDING}"))
                && !node.starts_with('.')
            {
                let node = node.to_owned();
                if let Some(other) = by_node.insert(node.clone(), path.clone()) {
                    let (a, b) = (other.display(), path.display());
                    bail!("{a} and {b} are both of node {node}: its frames would count twice");
                }
            }
        }
        let (plan, _) = plan.with_context(|| {
            format!("no {FILE} among these: name the folder of the results, or all files in it")
        })?;
        Ok(Self {
            plan,
            files: by_node,
        })
    }

    /// Writes all results one after the other, in order of the nodes, with the sums behind them.
    ///
    /// # Errors
    /// A node of the plan has no result, one is not of the plan, or a frame is missing or there twice.
    pub fn merge(&self, out: &mut impl Write, mut step: impl FnMut()) -> anyhow::Result<Total> {
        let missing: Vec<&str> = self.missing().collect();
        if let Some(first) = missing.first() {
            bail!(
                "{} of {} nodes have no result, the first is {first}: run their shards again",
                missing.len(),
                self.plan.nodes.len()
            );
        }
        let mut total = Total::default();
        for (node, path) in &self.files {
            let name = || path.display().to_string();
            ensure!(
                self.plan.nodes.binary_search(node).is_ok(),
                "{}: node {node} is not of this run",
                name()
            );
            let file = BufReader::new(File::open(path).with_context(name)?);
            let counts = copy(node, &self.plan, file, out).with_context(name)?;
            total.add(counts);
            step();
        }
        total.write(out)?;
        Ok(total)
    }

    /// Nodes of the plan without a result.
    fn missing(&self) -> impl Iterator<Item = &str> {
        let nodes = self.plan.nodes.iter().map(String::as_str);
        nodes.filter(|node| !self.files.contains_key(*node))
    }

    /// Number of results.
    pub fn nodes(&self) -> u64 {
        self.files.len() as u64
    }
}

/// Copies the lines of a node's result that are merged, and checks them.
///
/// # Errors
/// A line is of another node, out of order, or not to be read; or the result does not end. The line is named.
pub fn copy(
    node: &str,
    plan: &Plan,
    mut lines: impl BufRead,
    out: &mut impl Write,
) -> anyhow::Result<Counts> {
    let mut checked = Checked::new(node, plan.all);
    let (mut line, mut number) = (String::new(), 0_u64);
    loop {
        line.clear();
        let place = || format!("line {}", number + 1);
        if lines.read_line(&mut line).with_context(place)? == 0 {
            break;
        }
        let text = line.strip_suffix('\n');
        let text = text.context("it breaks off").with_context(place)?;
        if checked.take(text).with_context(place)? {
            out.write_all(line.as_bytes())?;
        }
        number += 1;
    }
    checked.finish()
}

/// Sums over nodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Total {
    /// Nodes.
    pub nodes: u64,
    /// Counters of all frames.
    #[serde(flatten)]
    pub counts: Counts,
}

impl Total {
    /// Takes a further node.
    pub fn add(&mut self, counts: Counts) {
        self.nodes += 1;
        self.counts += counts;
    }

    /// Writes the last line of a merged result.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, out: &mut impl Write) -> anyhow::Result<()> {
        #[derive(Serialize)]
        struct Fleet<'a> {
            fleet: &'a Total,
        }
        let line = serde_json::to_string(&Fleet { fleet: self })?;
        Ok(writeln!(out, "{line}")?)
    }
}

/// The name of a merged file's folder, and of the file in it.
///
/// # Errors
/// It names no file.
pub fn place(path: &Path) -> anyhow::Result<(&Path, &str)> {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.with_context(|| format!("{}: names no file", path.display()))?;
    ensure!(!path.is_dir(), "{}: a folder; name a file", path.display());
    let folder = path.parent().filter(|of| *of != Path::new(""));
    Ok((folder.unwrap_or(Path::new(".")), name))
}
