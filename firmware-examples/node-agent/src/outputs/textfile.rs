//! The textfile: metrics for node_exporter's textfile collector, replaced as a whole.
//!
//! The file stays when the agent ends. `bellwether_last_reading_timestamp_seconds` tells that it is old.

use super::prometheus;
use super::replaced::Replaced;
use crate::event::Event;
use crate::sink::{Sink, Takes};
use crate::status::Status;
use anyhow::ensure;
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;

/// Section `[outputs.textfile]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The file, in the folder of `--collector.textfile.directory`. Its name ends in `.prom`, because the
    /// collector reads no other.
    pub path: PathBuf,
}

/// Starts it.
///
/// # Errors
/// The name does not end in `.prom`, or the file cannot be made in its folder.
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    let path = &settings.path;
    let ending = path.extension() == Some("prom".as_ref());
    ensure!(ending, "path: {}: does not end in .prom", path.display());
    Ok(Box::new(Textfile(Replaced::new(path)?)))
}

struct Textfile(Replaced);

impl Sink for Textfile {
    fn name(&self) -> &'static str {
        "textfile"
    }

    fn takes(&self) -> Takes {
        Takes::States
    }

    fn tell(&mut self, _: &Event) -> anyhow::Result<()> {
        Ok(())
    }

    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()> {
        self.0.write(|out| prometheus::write(status, out))
    }
}

#[cfg(test)]
mod tests;
