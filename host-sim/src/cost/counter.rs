//! The counting plugin: compiled on demand; its counts are paired with the firmware's output.

use crate::board::{Board, emulator};
use anyhow::{Context, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const SOURCE: &str = include_str!("counter.c");

/// A compiled plugin.
pub struct Counter(PathBuf);

/// One line of the probe `cost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A call and its instructions: the words after `counted`.
    Counted(String, u64),
    /// Anything else the firmware says, as `stack bytes=600`.
    Said(String),
}

impl Counter {
    /// Compiles the plugin into a folder.
    ///
    /// # Errors
    /// There is no C compiler, or it refuses.
    pub fn compile(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self(plugin(folder, "counter", SOURCE)?))
    }

    /// Runs a program on a board and counts.
    ///
    /// # Errors
    /// The program fails, or the counts do not fit its lines.
    pub fn run(&self, board: &Board, program: &Path) -> anyhow::Result<Vec<Line>> {
        let mut command = emulator::command(board, program);
        command
            .arg("-plugin")
            .arg(&self.0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let output = command.output();
        let output = output.map_err(|error| emulator::not_started(&command, error))?;
        let said = String::from_utf8_lossy(&output.stdout);
        let counts = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("{}: {}\n{counts}", program.display(), output.status);
        }
        pair(&said, &counts).with_context(|| program.display().to_string())
    }
}

/// Compiles a plugin into a folder.
///
/// # Errors
/// There is no C compiler, or it refuses.
pub(super) fn plugin(folder: &Path, name: &str, text: &str) -> anyhow::Result<PathBuf> {
    std::fs::create_dir_all(folder)?;
    let (source, library) = (
        folder.join(name).with_extension("c"),
        folder.join(name).with_extension("so"),
    );
    std::fs::write(&source, text)?;
    let status = Command::new("cc")
        .args(["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status()
        .context("cc: a C compiler builds the counting plugin")?;
    ensure!(status.success(), "cc: {status}");
    Ok(library)
}

fn pair(said: &str, counts: &str) -> anyhow::Result<Vec<Line>> {
    let mut counts = counts
        .lines()
        .filter_map(|line| line.strip_prefix("instructions "))
        .map(str::parse);
    let mut lines = Vec::new();
    for line in said.lines() {
        lines.push(match line.strip_prefix("counted ") {
            Some(label) => {
                let count = counts.next().context("more calls than counts")??;
                Line::Counted(label.to_owned(), count)
            }
            None => Line::Said(line.to_owned()),
        });
    }
    ensure!(counts.next().is_none(), "more counts than calls");
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_counts_are_paired_in_order() {
        let said = "state bytes=9\ncounted a x=1\ncounted b\n";
        let lines = pair(said, "instructions 7\nRESULT ok\ninstructions 8\n").unwrap();
        assert_eq!(
            lines,
            [
                Line::Said("state bytes=9".to_owned()),
                Line::Counted("a x=1".to_owned(), 7),
                Line::Counted("b".to_owned(), 8),
            ]
        );
        assert!(pair(said, "instructions 7\n").is_err());
        assert!(pair(said, "instructions 7\ninstructions 8\ninstructions 9\n").is_err());
    }
}
