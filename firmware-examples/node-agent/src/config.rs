//! The configuration: TOML, a struct for each section beside the code that it configures. Every key is documented
//! in `agent.toml` beside the package.

use crate::{engine, judge, outputs, sources};
use anyhow::Context as _;
use serde::Deserialize;

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
        toml::from_str(text).context("the configuration")
    }
}
