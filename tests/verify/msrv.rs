//! Stage `msrv`: the libraries compile with the oldest compiler promised in their manifests.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, required};
use anyhow::{Context as _, ensure};
use std::process::Command;

/// Stage `msrv`.
pub fn run(_: &mut Context) -> anyhow::Result<Outcome> {
    let promised = promised()?;
    let check = "check --quiet --package bellwether --package bellwether-hal --all-features";
    let check = Step::cargo(check);
    let in_use = Step::new("rustc").arg("--version").output()?;
    let check = if release(&in_use) == Some(&promised) {
        check
    } else if let Some(toolchain) = installed(&promised) {
        check.env("RUSTUP_TOOLCHAIN", toolchain)
    } else {
        let why = format!("no rustc {promised} at hand, only {}", in_use.trim());
        ensure!(!required(), "{why}");
        return Ok(Outcome::Skipped(why));
    };
    check.run()?;
    println!("rustc {promised} compiles bellwether and bellwether-hal");
    Ok(Outcome::Done)
}

/// `rust-version` of every package; it must be the same in both workspaces.
fn promised() -> anyhow::Result<String> {
    let mut found: Option<String> = None;
    for folder in [root(), root().join("firmware-examples")] {
        let metadata = Step::cargo("metadata --no-deps --format-version 1").within(folder);
        let metadata: serde_json::Value = serde_json::from_str(&metadata.output()?)?;
        for package in metadata["packages"].as_array().context("no packages")? {
            let (name, version) = (&package["name"], &package["rust_version"]);
            let version = version.as_str();
            let version = version.with_context(|| format!("{name} has no rust-version"))?;
            let first = found.get_or_insert_with(|| version.to_owned());
            ensure!(
                first == version,
                "{name} promises rustc {version}, others {first}"
            );
        }
    }
    found.context("no packages")
}

/// `1.95` of `rustc 1.95.0 (59807616e 2026-04-14)`.
fn release(said: &str) -> Option<&str> {
    let version = said.split(' ').nth(1)?;
    Some(version.rsplit_once('.')?.0)
}

/// An installed rustup toolchain of that release. No other is requested: that would be a download.
fn installed(release: &str) -> Option<String> {
    let listed = Command::new("rustup").args(["toolchain", "list"]).output();
    let listed = String::from_utf8(listed.ok()?.stdout).ok()?;
    let names = listed.lines().filter_map(|line| line.split(' ').next());
    let mut fitting = names.filter(|name| {
        name.strip_prefix(release)
            .is_some_and(|rest| rest.starts_with(['.', '-']))
    });
    fitting.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_major_and_minor_number() {
        let release = |version| release(version).map(str::to_owned);
        assert_eq!(
            release("rustc 1.95.0 (59807616e 2026-04-14)").unwrap(),
            "1.95"
        );
        assert_eq!(release("rustc 1.97.0-nightly (e50aa6fba)").unwrap(), "1.97");
        assert_eq!(release("rustc"), None);
    }
}
