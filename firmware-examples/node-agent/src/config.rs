//! The configuration: TOML, a struct for each section beside the code that it configures. Every key is documented
//! in `agent.toml` beside the package.
//!
//! The file is somebody's whole say over the daemon, so it is refused if others can write it, and everything that
//! is wrong with it is told at once, each with file, line and key.

mod locate;
mod trust;

pub use trust::{Untrusted, check as trusted_metadata, trusted, trusted_folder};

use crate::{engine, judge, outputs, sources};
use locate::Document;
use serde::Deserialize;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The largest file, in bytes.
pub const LARGEST: u64 = 1 << 20;
/// The longest text of the file in a message, in characters.
const QUOTED: usize = 160;

/// The whole file. An unknown key is an error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The daemon itself: name of the node, period, state, job file, socket.
    pub agent: engine::Settings,
    /// The sources.
    pub sources: sources::Settings,
    /// The judgement.
    pub judge: judge::Settings,
    /// The outputs.
    pub outputs: outputs::Settings,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// It is no TOML, or a key is unknown or has a wrong value: everything that can be found at once, with line
    /// and key.
    pub fn parse(text: &str) -> Result<Self, Errors> {
        let mut document = Document::parse(text).map_err(Errors::new)?;
        // A key that is wrong is told and left out, and the rest is tried again.
        let (config, mut wrong) = document.read::<Self>();
        if let Some(config) = config {
            wrong.extend(
                config
                    .problems()
                    .into_iter()
                    .map(|problem| document.place(problem)),
            );
            if wrong.is_empty() {
                return Ok(config);
            }
        }
        Err(Errors::new(wrong))
    }

    /// Values out of their range, each as `section.key = value: what is allowed`.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = self.agent.problems();
        let model = engine::Settings::some(&self.agent.models);
        if model.is_some()
            && self
                .judge
                .groups
                .iter()
                .any(|group| group.name == judge::MODEL)
        {
            problems.push("judge.groups: the name `model` is that of the trained model".to_owned());
        }
        problems.extend(self.judge.check().err().map(|error| error.to_string()));
        problems
    }
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(pub Vec<String>);

impl Errors {
    fn new(lines: Vec<String>) -> Self {
        Self(lines.iter().map(|line| shortened(line)).collect())
    }
}

/// A text on one line and of bounded length.
fn shortened(text: &str) -> String {
    let flat = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut short: String = flat.clone().take(QUOTED).collect();
    if flat.count() > QUOTED {
        short.push('…');
    }
    short
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Errors {}

/// Reads the configuration in a file.
///
/// # Errors
/// The file cannot be read, others can write it, or it is wrong.
pub fn read(path: &Path) -> Result<Config, Errors> {
    let name = path.display();
    let one = |error: &dyn fmt::Display| Errors(vec![format!("{name}: {error}")]);
    let file = File::open(path).map_err(|error| one(&error))?;
    trusted(path, &file).map_err(|error| one(&error))?;
    let mut bytes = Vec::new();
    let read = file.take(LARGEST + 1).read_to_end(&mut bytes);
    read.map_err(|error| one(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(one(&format!("more than {LARGEST} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let lines = error.as_bytes().iter().take(start).filter(|b| **b == b'\n');
        one(&format!("line {}: not UTF-8", lines.count() + 1))
    })?;
    Config::parse(&text).map_err(|errors| {
        Errors(
            errors
                .0
                .iter()
                .map(|line| format!("{name}: {line}"))
                .collect(),
        )
    })
}

#[cfg(test)]
mod tests;
