//! A folder of results: the plan, and a file for each node that is there whole or not at all.

use super::line::{Line, Origin};
use super::plan::{FILE, Plan};
use anyhow::{Context, bail};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Ending of a result.
pub const ENDING: &str = "jsonl";

/// Ending of a file that is being written.
const PART: &str = ".part";

/// A folder of results.
#[derive(Clone, Debug)]
pub struct Results {
    folder: PathBuf,
}

impl Results {
    /// Opens or makes the folder. Every task of a run has the same plan; the first one writes it.
    ///
    /// # Errors
    /// It cannot be made, or holds results of another run.
    pub fn open(folder: &Path, plan: &Plan) -> anyhow::Result<Self> {
        let name = || folder.display().to_string();
        fs::create_dir_all(folder).with_context(name)?;
        let file = folder.join(FILE);
        if file.exists() {
            let found = read_plan(&file)?;
            if let Some(difference) = found.difference(plan) {
                bail!(
                    "{}: results of another run ({difference}): name another folder, or empty it",
                    name()
                );
            }
        } else {
            let text = serde_json::to_string_pretty(plan)?;
            whole(folder, FILE, |out| Ok(writeln!(out, "{text}")?))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// The file of a node's result.
    pub fn file(&self, node: &str) -> PathBuf {
        self.folder.join(format!("{node}.{ENDING}"))
    }

    /// Whether a node's result is there, of this recording.
    pub fn has(&self, node: &str, origin: &Origin) -> bool {
        let Ok(file) = File::open(self.file(node)) else {
            return false;
        };
        let mut first = String::new();
        if BufReader::new(file).read_line(&mut first).is_err() {
            return false;
        }
        let line = serde_json::from_str::<Line<'_>>(&first).ok();
        line.and_then(|line| line.recording).as_ref() == Some(origin)
    }

    /// Writes a node's result: in its place only when complete. What a killed task left of it is removed.
    ///
    /// # Errors
    /// It cannot be written; the file is named.
    pub fn write(
        &self,
        node: &str,
        content: impl FnOnce(&mut BufWriter<&File>) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let name = format!("{node}.{ENDING}");
        self.sweep(&name);
        whole(&self.folder, &name, content)
    }

    /// Removes unfinished files of this name that no living task holds.
    fn sweep(&self, name: &str) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let begin = format!(".{name}.");
        for entry in entries.flatten() {
            let found = entry.file_name();
            let found = found.to_string_lossy();
            if !found.starts_with(&begin) || !found.ends_with(PART) {
                continue;
            }
            let free = File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
            if free {
                // Another task may have removed it as well.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Reads a plan.
///
/// # Errors
/// It cannot be read, or is no plan.
pub fn read_plan(file: &Path) -> anyhow::Result<Plan> {
    let name = || file.display().to_string();
    let text = fs::read_to_string(file).with_context(name)?;
    let plan: Plan = serde_json::from_str(&text).with_context(name)?;
    if plan.version != super::plan::VERSION {
        bail!("{}: version {} is not known", name(), plan.version);
    }
    Ok(plan)
}

/// Writes a file beside its place, brings it to the disk, and moves it there.
///
/// # Errors
/// It cannot be written; the file is named.
pub fn whole(
    folder: &Path,
    name: &str,
    content: impl FnOnce(&mut BufWriter<&File>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let path = folder.join(name);
    let write = || -> anyhow::Result<()> {
        let begin = format!(".{name}.");
        let file = tempfile::Builder::new()
            .prefix(&begin)
            .suffix(PART)
            .tempfile_in(folder)?;
        // Some shared file systems know no locks: what a killed task left stays there until it is locked nowhere.
        let _ = file.as_file().try_lock();
        let mut out = BufWriter::new(file.as_file());
        content(&mut out)?;
        out.flush()?;
        drop(out);
        readable(&file)?;
        file.as_file().sync_all()?;
        file.persist(&path)?;
        Ok(())
    };
    write().with_context(|| path.display().to_string())
}

/// Gives a temporary file the mode of any other: the owner's alone would shut out who merges.
#[cfg(unix)]
fn readable(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(nodes: &[&str]) -> Plan {
        Plan {
            version: 1,
            detector: "node".to_owned(),
            settings: vec!["learn=100".to_owned()],
            from: String::new(),
            all: false,
            nodes: nodes.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// Broken by a result that is there before it is complete, or by rests of a task that was killed.
    #[test]
    fn a_result_is_whole_or_absent_and_rests_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path(), &plan(&["a"])).unwrap();
        fs::write(folder.path().join(".a.jsonl.dead.part"), "half").unwrap();
        let other = File::create(folder.path().join(".ab.jsonl.x.part")).unwrap();
        let failed = results.write("a", |out| {
            writeln!(out, "half")?;
            bail!("no more")
        });
        assert!(failed.unwrap_err().to_string().contains("a.jsonl"));
        drop(other);
        assert_eq!(names(folder.path()), [".ab.jsonl.x.part", FILE]);
        let held = File::create(folder.path().join(".a.jsonl.live.part")).unwrap();
        held.lock().unwrap();
        results.write("a", |out| Ok(writeln!(out, "x")?)).unwrap();
        let kept = [".a.jsonl.live.part", ".ab.jsonl.x.part", "a.jsonl", FILE];
        assert_eq!(names(folder.path()), kept);
    }

    /// Broken if results of two runs may mix.
    #[test]
    fn another_plan_is_refused_with_the_difference() {
        let folder = tempfile::tempdir().unwrap();
        Results::open(folder.path(), &plan(&["a", "b"])).unwrap();
        Results::open(folder.path(), &plan(&["a", "b"])).unwrap();
        let error = Results::open(folder.path(), &plan(&["a"])).unwrap_err();
        assert!(error.to_string().contains("b is only in one"), "{error}");
        let all = Plan {
            all: true,
            ..plan(&["a", "b"])
        };
        let error = Results::open(folder.path(), &all).unwrap_err();
        assert!(error.to_string().contains("--all"), "{error}");
    }

    #[test]
    fn a_result_is_known_by_its_recording() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::open(folder.path(), &plan(&["a"])).unwrap();
        let origin = |bytes| Origin {
            file: "a.csv".to_owned(),
            bytes,
        };
        assert!(!results.has("a", &origin(7)));
        let line = super::super::line::about("a", "recording", &origin(7)).unwrap();
        results
            .write("a", |out| Ok(writeln!(out, "{line}")?))
            .unwrap();
        assert!(results.has("a", &origin(7)) && !results.has("a", &origin(8)));
    }
}
