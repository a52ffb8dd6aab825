//! Instructions of a program on this machine, between two marks that it sets itself.

use super::counter::plugin;
use anyhow::{Context, anyhow, bail, ensure};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("total.c");

/// QEMU's user mode, which runs a program of this machine's processor.
fn emulator() -> String {
    format!("qemu-{}", std::env::consts::ARCH)
}

/// Sets a mark: one write to standard error.
///
/// # Errors
/// It cannot be written.
pub fn mark() -> io::Result<()> {
    io::stderr().write_all(b"\n")
}

/// A compiled plugin.
pub struct Total(PathBuf);

impl Total {
    /// Compiles the plugin into a folder.
    ///
    /// # Errors
    /// There is no C compiler, or it refuses.
    pub fn compile(folder: &Path) -> anyhow::Result<Self> {
        Ok(Self(plugin(folder, "total", SOURCE)?))
    }

    /// Runs a program that sets two marks; returns the number of instructions between them.
    ///
    /// # Errors
    /// QEMU is absent, the program fails, or it did not set two marks.
    pub fn between(&self, program: &Path, arguments: &[&str]) -> anyhow::Result<u64> {
        let emulator = emulator();
        let output = Command::new(&emulator)
            .args(["-cpu", "max", "-plugin"])
            .arg(&self.0)
            .arg(program)
            .args(arguments)
            .output()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => {
                    anyhow!("{emulator}: not installed; on Debian: apt-get install qemu-user")
                }
                _ => error.into(),
            })?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!(
                "{} {}: {}: {said}",
                program.display(),
                arguments.join(" "),
                output.status
            );
        }
        let counts = said
            .lines()
            .filter_map(|line| line.strip_prefix("instructions "));
        let counts: Vec<u64> = counts.map(str::parse).collect::<Result<_, _>>()?;
        ensure!(counts.len() == 2, "{} places, must be 2", counts.len());
        counts[1]
            .checked_sub(counts[0])
            .context("counted backwards")
    }
}
