//! Exports for programs in other languages: a static library for C, built for a processor, and its layouts.

pub mod archive;
pub mod layout;
mod plain;
pub mod sizes;
pub mod target;
#[cfg(test)]
mod tests;

use crate::model::Stored;
use anyhow::Context;
use archive::Archive;
use std::fs;
use std::path::Path;
use target::Target;

/// The parts of an export.
#[derive(Debug)]
pub struct Parts<'a> {
    /// The processor.
    pub target: &'static Target,
    /// The preset of the detector.
    pub preset: &'a str,
    /// The archive, with its sizes.
    pub archive: Archive,
    /// The text of `bellwether.h`.
    pub header: String,
    /// The text of `bellwether_sizes.h`.
    pub sizes: String,
    /// A model that goes along.
    pub model: Option<&'a Stored>,
}

/// Replaces `@key@` by values.
fn filled(template: &str, pairs: &[(&str, String)]) -> String {
    let fill =
        |text: String, (key, value): &(&str, String)| text.replace(&format!("@{key}@"), value);
    pairs.iter().fold(template.to_owned(), fill)
}

/// Writes a file and the folders above it.
fn put(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let path = folder.join(name);
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        fs::write(&path, bytes)
    };
    write().with_context(|| path.display().to_string())
}

impl Parts<'_> {
    /// The placeholders of templates, with their text.
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let sizes = &self.archive.sizes;
        let mut pairs: Vec<(&str, String)> = vec![
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("target", self.target.name.to_owned()),
            ("triple", self.target.triple.to_owned()),
            ("flag_list", self.target.flags.replace(' ', ";")),
            ("preset", self.preset.to_owned()),
            ("archive_bytes", self.archive.bytes.len().to_string()),
            ("system_libraries", self.target.libraries().to_owned()),
            ("zephyr_depends", self.target.zephyr.to_owned()),
            ("esp_target", self.target.esp.unwrap_or("").to_owned()),
        ];
        let flags = match self.target.flags {
            "" => String::new(),
            flags => format!(" Flags of GCC for this processor: `{flags}`."),
        };
        pairs.push(("flags_text", flags));
        pairs.extend(sizes.pairs());
        pairs
    }

    /// Headers and archive, into a folder of each.
    fn library(&self, folder: &Path, headers: &str, archive: &str) -> anyhow::Result<()> {
        put(folder, &format!("{headers}bellwether.h"), &self.header)?;
        put(folder, &format!("{headers}bellwether_sizes.h"), &self.sizes)?;
        put(folder, archive, &self.archive.bytes)
    }
}
