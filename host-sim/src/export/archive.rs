//! Building the archive, from the sources of the project.

use super::sizes::Sizes;
use super::target::Target;
use crate::board::firmware::{cargo, output, remapped, toolchain};
use anyhow::{Context, ensure};
use std::fs;
use std::path::{Path, PathBuf};

/// An archive and its sizes.
#[derive(Debug)]
pub struct Archive {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its sizes.
    pub sizes: Sizes,
}

/// The capacities of an archive.
#[derive(Clone, Copy, Debug)]
pub struct Capacities<'a> {
    /// Variables of the detector.
    pub variables: u16,
    /// Its preset.
    pub preset: &'a str,
    /// Variables, window and arena of a model.
    pub model: Option<[usize; 3]>,
}

/// The repository: the folder given, or the current one or one above it.
///
/// # Errors
/// It is not there.
pub fn source(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let is_root = |folder: &Path| folder.join("hal-adapters/c/Cargo.toml").exists();
    if let Some(folder) = given {
        ensure!(
            is_root(folder),
            "--source {}: no hal-adapters/c/Cargo.toml in it: it is not a copy of Bellwether's repository",
            folder.display()
        );
        return Ok(folder.canonicalize()?);
    }
    let here = std::env::current_dir()?;
    let found = here.ancestors().find(|folder| is_root(folder));
    found.map(Path::to_owned).context(
        "the archive is compiled from Bellwether's sources, which are neither here nor above: run this in a copy of \
         the repository, or name one with --source DIR. It needs cargo, and rustup or Debian's compiler for the target",
    )
}

/// Compiles the archive. The compiler says on standard error how far it is.
///
/// # Errors
/// The toolchain cannot be set up, or the build failed.
pub fn build(root: &Path, target: &Target, room: &Capacities<'_>) -> anyhow::Result<Archive> {
    let name = if target.is_host() {
        "this machine"
    } else {
        target.triple
    };
    eprintln!("compiling bellwether-c for {name}; the first time takes about half a minute");
    let toolchain = if target.is_host() {
        String::new()
    } else {
        toolchain(&root.join("firmware-examples"), &[target.triple])?
    };
    let mut command = cargo(&toolchain);
    command
        .current_dir(root)
        .env("CARGO_ENCODED_RUSTFLAGS", remapped(root))
        .env("BELLWETHER_VARIABLES", room.variables.to_string())
        .env("BELLWETHER_PRESET", room.preset)
        .args(["rustc", "--package", "bellwether-c", "--lib"])
        .args(["--crate-type", "staticlib", "--profile", "archive"])
        .args(["--features", target.features, "--target-dir"])
        .arg(root.join("target/bellwether-c"))
        .arg("--message-format=json-render-diagnostics");
    let keys = ["VARIABLES", "WINDOW", "ARENA"];
    for (key, value) in keys.into_iter().zip(room.model.into_iter().flatten()) {
        command.env(format!("BELLWETHER_MODEL_{key}"), value.to_string());
    }
    if !target.is_host() {
        command.args(["--target", target.triple]);
    }
    let path = archive_in(&output(command)?).context("cargo named no archive")?;
    let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
    let sizes = Sizes::of(&bytes).with_context(|| path.display().to_string())?;
    Ok(Archive { bytes, sizes })
}

/// The archive named by cargo's messages.
fn archive_in(messages: &str) -> Option<PathBuf> {
    let parsed = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let ours = parsed.filter(|message| message["target"]["name"] == "bellwether_c");
    let mut files = ours.filter_map(|message| {
        let files = message["filenames"].as_array()?.iter();
        let mut files = files.filter_map(|file| file.as_str());
        files
            .find(|file| file.ends_with(".a") || file.ends_with(".lib"))
            .map(PathBuf::from)
    });
    files.next()
}
