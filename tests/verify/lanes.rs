//! All stages in two lanes side by side: linking firmware and emulating boards leave a core idle, and so do the tails
//! of builds for this machine. Each stage is a process of its own; its output comes in one piece when it ends.

use crate::shell::root;
use crate::stages::{STAGES, Stage};
use anyhow::{Context as _, anyhow};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, thread};

/// The lane of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Before all others.
    First,
    /// Built for this machine.
    Host,
    /// Built for boards, or with a toolchain that is installed on the way.
    Boards,
    /// Behind all others, since it promises a time.
    Last,
}

/// Runs all stages; the number that failed.
pub fn run(bless: bool) -> anyhow::Result<usize> {
    let folder = root().join("target/verify/stages");
    fs::create_dir_all(&folder)?;
    let lane = |lane| -> anyhow::Result<usize> {
        let mut failed = 0;
        for stage in STAGES.iter().filter(|stage| stage.lane == lane) {
            failed += usize::from(!passes(stage, &folder, bless)?);
        }
        Ok(failed)
    };
    let mut failed = lane(Lane::First)?;
    failed += thread::scope(|scope| {
        let boards = scope.spawn(|| lane(Lane::Boards));
        let host = lane(Lane::Host)?;
        let boards = boards.join().map_err(|_| anyhow!("a lane panicked"))??;
        anyhow::Ok(host + boards)
    })?;
    Ok(failed + lane(Lane::Last)?)
}

/// Runs a stage as a process.
fn passes(stage: &Stage, folder: &Path, bless: bool) -> anyhow::Result<bool> {
    println!("-- {} begins", stage.name);
    let path = folder.join(stage.name).with_extension("log");
    let output = File::create(&path).with_context(|| path.display().to_string())?;
    let status = Command::new(env::current_exe()?)
        .arg(stage.name)
        .args(bless.then_some("--bless"))
        .stdin(Stdio::null())
        .stderr(output.try_clone()?)
        .stdout(output)
        .status()?;
    let said = fs::read(&path)?;
    let said = String::from_utf8_lossy(&said);
    // The last line counts the stages of a process, which is one.
    let said = said.trim_end();
    println!(
        "{}\n",
        said.rsplit_once('\n')
            .map_or(said, |(said, _)| said.trim_end())
    );
    Ok(status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a stage that needs the toolchain runs before it is there, or the timed one beside another.
    #[test]
    fn the_toolchain_comes_first_and_the_timed_stage_last() {
        let of = |lane| -> Vec<_> {
            let stages = STAGES.iter().filter(|stage| stage.lane == lane);
            stages.map(|stage| stage.name).collect()
        };
        assert_eq!(of(Lane::First), ["setup"]);
        assert_eq!(of(Lane::Last), ["demo"]);
        assert!(of(Lane::Host).contains(&"host") && of(Lane::Boards).contains(&"qemu"));
    }
}
