//! Stage `api`: the public items of the published libraries against `docs/api/`.
//!
//! The listing checks the version number: a removed or changed line breaks a user, and a version
//! 0.x states that by its minor number. The listing cannot show a changed meaning. Nor can it tell
//! an addition that breaks from one that does not: a variant of an exhaustive enum, a field of a
//! struct without private ones, a method that an implementer must write.

use crate::shell::{Step, root};
use crate::stages::{Context, Outcome, folder, required};
use anyhow::{Context as _, bail, ensure};
use public_api::Builder;
use rustdoc_types::FORMAT_VERSION;
use std::fs;
use std::path::Path;

const PACKAGES: [&str; 2] = ["bellwether", "bellwether-hal"];

/// Traits of every type, or of no interest to users.
const UNNAMED: [&str; 6] = [
    "core::marker::Freeze",
    "core::marker::StructuralPartialEq",
    "core::marker::Unpin",
    "core::marker::UnsafeUnpin",
    "core::panic::unwind_safe::RefUnwindSafe",
    "core::panic::unwind_safe::UnwindSafe",
];

/// Compares the listings, or writes them as the expectation.
pub fn run(context: &mut Context) -> anyhow::Result<Outcome> {
    let mut wrong = Vec::new();
    for package in PACKAGES {
        let json = documented(package)?;
        let format = format_version(&fs::read_to_string(&json)?)?;
        if format != u64::from(FORMAT_VERSION) {
            let why = format!(
                "this compiler's rustdoc writes JSON of format {format}, and {FORMAT_VERSION} is read"
            );
            ensure!(!required(), "{why}");
            return Ok(Outcome::Skipped(why));
        }
        let found = listing(&json)?;
        let name = format!("docs/api/{package}.txt");
        let file = root().join(&name);
        if context.bless {
            fs::create_dir_all(root().join("docs/api"))?;
            fs::write(&file, &found)?;
            println!("wrote {name}");
            continue;
        }
        let committed = fs::read_to_string(&file).with_context(|| name.clone())?;
        let change = Change::between(&committed, &found);
        if change.is_none() {
            println!("{name}: {} lines as committed", found.lines().count());
        } else {
            println!("{name}:\n{}", change.text());
            wrong.push(name);
        }
    }
    if !wrong.is_empty() {
        bail!(
            "{} differ; `cargo verify api --bless` accepts it",
            wrong.join(", ")
        );
    }
    Ok(Outcome::Done)
}

/// Rustdoc's JSON of a library with all its features. Stable compilers write it for those who ask
/// as their own build does.
fn documented(package: &str) -> anyhow::Result<std::path::PathBuf> {
    let target = folder("api")?;
    let library = package.replace('-', "_");
    Step::cargo("rustdoc --quiet --lib --all-features --package")
        .args([package, "--target-dir"])
        .arg(&target)
        .args("-- -Z unstable-options --output-format json".split(' '))
        .env("RUSTC_BOOTSTRAP", "bellwether,bellwether_hal")
        .run()?;
    Ok(target.join("doc").join(library).with_extension("json"))
}

fn format_version(json: &str) -> anyhow::Result<u64> {
    let number = json.rsplit_once("\"format_version\":");
    let number = number.context("rustdoc's JSON names no format")?.1;
    let end = number.find(|c: char| !c.is_ascii_digit());
    Ok(number[..end.unwrap_or(number.len())].parse()?)
}

fn listing(json: &Path) -> anyhow::Result<String> {
    let api = Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .build()?;
    let mut text = String::new();
    for item in api.items() {
        let line = item.to_string();
        if !UNNAMED.iter().any(|name| line.contains(name)) {
            text = text + &line + "\n";
        }
    }
    Ok(text)
}

/// Lines that one listing has and the other has not.
#[derive(Debug, PartialEq)]
struct Change<'t> {
    removed: Vec<&'t str>,
    added: Vec<&'t str>,
}

impl<'t> Change<'t> {
    fn between(committed: &'t str, found: &'t str) -> Self {
        Self {
            removed: lines_without(committed, found),
            added: lines_without(found, committed),
        }
    }

    fn is_none(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.removed {
            text = text + "- " + line + "\n";
        }
        for line in &self.added {
            text = text + "+ " + line + "\n";
        }
        text += &if self.removed.is_empty() {
            format!(
                "{} lines added: the patch number of a version 0.x covers them, unless one is a \
                 variant, a field or a method that users must write",
                self.added.len()
            )
        } else {
            format!(
                "{} lines removed or changed, {} added: breaking, the minor number of a version 0.x \
                 must rise with the next release",
                self.removed.len(),
                self.added.len()
            )
        };
        text
    }
}

/// Lines of `of` that are not among those of `other`, counting repetitions.
fn lines_without<'t>(of: &'t str, other: &str) -> Vec<&'t str> {
    let mut there = std::collections::HashMap::<&str, usize>::new();
    for line in other.lines() {
        *there.entry(line).or_default() += 1;
    }
    of.lines()
        .filter(|line| match there.get_mut(line) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if a changed signature counts as an addition, or a removal as nothing.
    #[test]
    fn a_changed_line_is_breaking_and_a_new_one_is_not() {
        let committed = "pub fn a()\npub fn b(u8)\n";
        assert!(Change::between(committed, committed).is_none());
        for (found, breaks, said) in [
            (
                "pub fn a()\npub fn b(u16)\n",
                true,
                "- pub fn b(u8)\n+ pub fn b(u16)\n",
            ),
            ("pub fn a()\n", true, "- pub fn b(u8)\n"),
            (
                "pub fn a()\npub fn b(u8)\npub fn c()\n",
                false,
                "+ pub fn c()\n",
            ),
        ] {
            let text = Change::between(committed, found).text();
            assert!(text.starts_with(said), "{text}");
            assert_eq!(text.contains("breaking"), breaks, "{text}");
        }
    }

    /// Two impls may read the same where a path is left out.
    #[test]
    fn a_line_that_is_there_twice_is_counted() {
        assert_eq!(lines_without("x\nx\n", "x\n"), ["x"]);
        assert_eq!(lines_without("x\n", "x\nx\n"), [""; 0]);
    }

    #[test]
    fn the_format_is_read_from_the_end_of_the_document() {
        let json = r#"{"docs":"\"format_version\":1","format_version":57}"#;
        assert_eq!(format_version(json).unwrap(), 57);
        assert!(format_version("{}").is_err());
    }
}
