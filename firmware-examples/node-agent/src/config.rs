//! The configuration: TOML, a struct for each section beside the code that it configures. Every key is documented
//! in `agent.toml` beside the package.

use crate::{engine, judge, outputs, sources};
use serde::Deserialize;
use std::fmt;
use std::path::Path;

/// The whole file. An unknown key is an error.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The daemon itself: name of the node, period, state, job file, socket.
    pub agent: engine::Settings,
    /// What is read.
    pub sources: sources::Settings,
    /// How it is judged.
    pub judge: judge::Settings,
    /// Where it is told.
    pub outputs: outputs::Settings,
}

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// It is no TOML, or a key is unknown or has a wrong value; with the line and the key.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        use anyhow::Context as _;
        toml::from_str(text).context("the configuration")
    }
}

/// Everything that is wrong with a configuration, a line each.
#[derive(Clone, Debug)]
pub struct Errors(pub Vec<String>);

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for Errors {}

/// Reads the configuration in a file.
///
/// # Errors
/// The file cannot be read or is wrong: all of it that can be found at once.
pub fn read(path: &Path) -> Result<Config, Errors> {
    let name = path.display();
    let text =
        std::fs::read_to_string(path).map_err(|error| Errors(vec![format!("{name}: {error}")]))?;
    Config::parse(&text).map_err(|error| Errors(vec![format!("{name}: {error:#}")]))
}
