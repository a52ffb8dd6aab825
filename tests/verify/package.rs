//! Stage `package`: the published crates as packed for crates.io, in the order of their
//! dependencies, each built from its package and against the other packages.
//!
//! It uploads nothing, and so cannot show whether the names are free, whether the categories
//! exist, or whether crates.io accepts the text.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome};
use anyhow::{Context as _, ensure};
use serde::Deserialize;
use std::fs;
use std::path::{Path, PathBuf};

const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];
const TARGET: &str = "target/verify/package";
/// Nothing built here is run.
const QUICK: [&str; 4] = [
    "--config=profile.dev.opt-level=0",
    "--config=profile.dev.debug=false",
    "--target-dir",
    TARGET,
];

/// A crate in the output of `cargo metadata`.
#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    /// Registries it may be published to: all, or these.
    publish: Option<Vec<String>>,
    description: Option<String>,
    documentation: Option<String>,
    license: Option<String>,
    readme: Option<PathBuf>,
    keywords: Vec<String>,
    categories: Vec<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// Cargo takes a package of the same version for the same source, unpacked in its home and compiled here,
/// and would build against the library of an earlier run.
fn forget_earlier(packages: &[Package]) -> anyhow::Result<()> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let unpacked = home.unwrap_or_default().join("registry/src");
    // Registries in a folder have no host in front of their hash.
    let local = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('-')
    };
    let places = within(&unpacked).into_iter().filter(local);
    let places = places.chain([root().join(TARGET).join("debug/.fingerprint")]);
    for path in places.flat_map(|place| within(&place)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if packages
            .iter()
            .any(|package| name.starts_with(&package.name))
        {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

/// The entries of a folder; none if there is no such folder.
fn within(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Stage `package`.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    let metadata = Step::cargo("metadata --no-deps --format-version 1").output()?;
    let mut metadata: Metadata = serde_json::from_str(&metadata)?;
    metadata
        .packages
        .retain(|package| package.publish.as_ref().is_none_or(|to| !to.is_empty()));
    for package in &metadata.packages {
        complete(package)?;
    }
    forget_earlier(&metadata.packages)?;
    let publish = Step::cargo("publish --quiet --dry-run --workspace --allow-dirty").args(QUICK);
    if let Err(error) = publish.run() {
        println!("{error:#}; once more without the network");
        let names = metadata.packages.iter().map(|package| &package.name);
        Step::cargo("package --quiet --offline --allow-dirty")
            .args(QUICK)
            .args(names.flat_map(|name| ["--package", name]))
            .run()?;
    }
    for package in &metadata.packages {
        let folder = format!("{TARGET}/package/{}-{}", package.name, package.version);
        let folder = root().join(folder);
        for licence in LICENCES {
            let packed = fs::read(folder.join(licence));
            let packed = packed.with_context(|| format!("{}: {licence}", package.name))?;
            ensure!(
                packed == fs::read(root().join(licence))?,
                "{}: {licence} is not that of the project",
                package.name
            );
        }
        ensure!(
            folder.join("README.md").exists(),
            "{}: README.md was not packed",
            package.name
        );
        println!("{} {}: packed and built", package.name, package.version);
    }
    Ok(Outcome::Done)
}

/// Metadata that crates.io requires or shows.
fn complete(package: &Package) -> anyhow::Result<()> {
    for (key, there) in [
        ("description", package.description.is_some()),
        ("documentation", package.documentation.is_some()),
        ("license", package.license.is_some()),
        ("readme", package.readme.is_some()),
        ("keywords", (1..=5).contains(&package.keywords.len())),
        ("categories", (1..=5).contains(&package.categories.len())),
    ] {
        ensure!(
            there,
            "{}: {key} is missing, or there are more than five",
            package.name
        );
    }
    Ok(())
}
