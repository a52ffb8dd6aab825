//! A recorded file in place of a machine.

use anyhow::Context as _;
use bellwether_hal::linux::probe::Probe;
use bellwether_hal::linux::replay;
use serde::Deserialize;
use std::path::PathBuf;

/// Section `[sources.replay]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// A CSV file, plain or gzip; a reading takes its next row, whatever its time says.
    pub file: PathBuf,
}

impl Replay {
    pub(super) fn open(&self) -> anyhow::Result<Box<dyn Probe>> {
        let file = &self.file;
        let probe = replay::Replay::open(file)
            .with_context(|| format!("[sources.replay] {}", file.display()))?;
        Ok(Box::new(probe))
    }
}
