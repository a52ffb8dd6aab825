//! The brief state for `bellwether-agent check`: a small file, so that a check asks nobody and waits for nothing.

use super::replaced::Replaced;
use crate::event::{Event, Kind, Severity};
use crate::sink::{Sink, Takes};
use crate::status::Status;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::io::{Error, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

/// Its path, unless the configuration says otherwise.
pub const PATH: &str = "/run/bellwether-agent/check.json";

/// Findings in it, at most; the worst first.
const FINDINGS: usize = 32;

/// Characters of a finding's sentence, at most: a check tells a short line.
const SENTENCE: usize = 200;

/// Section `[outputs.check]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The file.
    pub path: PathBuf,
}

impl Default for Settings {
    fn default() -> Self {
        Self { path: PATH.into() }
    }
}

/// Starts it.
///
/// # Errors
/// The file cannot be made in its folder.
pub fn open(settings: &Settings) -> anyhow::Result<Box<dyn Sink>> {
    Ok(Box::new(Check(Replaced::new(&settings.path)?)))
}

/// A state in brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// Time of the last reading, in milliseconds since 1970.
    pub at_ms: u64,
    /// Channels.
    pub channels: usize,
    /// Share of channels that are anomalous, faulty or missing.
    pub anomaly_ratio: f32,
    /// Whether events are silenced.
    pub silenced: bool,
    /// Whether no group judges yet.
    pub learning: bool,
    /// Events that are on, of each severity: information, warnings, critical ones.
    pub active: [usize; 3],
    /// The worst of them.
    pub findings: Vec<Finding>,
}

/// An event that is on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The kind.
    pub kind: Kind,
    /// The severity.
    pub severity: Severity,
    /// The sentence.
    pub message: String,
}

impl Brief {
    /// That of a state.
    pub fn new(status: &Status) -> Self {
        let mut worst: Vec<_> = status.active.iter().collect();
        worst.sort_by_key(|event| (Reverse(event.severity), event.since_ms));
        let count = |severity| {
            worst
                .iter()
                .filter(|event| event.severity == severity)
                .count()
        };
        Self {
            at_ms: status.at_ms,
            channels: status.channels.len(),
            anomaly_ratio: status.anomaly_ratio,
            silenced: status.silenced,
            learning: status.groups.iter().all(|group| group.warming > 0),
            active: [Severity::Info, Severity::Warning, Severity::Critical].map(count),
            findings: worst
                .iter()
                .take(FINDINGS)
                .map(|event| Finding::new(event))
                .collect(),
        }
    }
}

impl Finding {
    fn new(event: &Event) -> Self {
        Self {
            kind: event.kind,
            severity: event.severity,
            message: event.message.chars().take(SENTENCE).collect(),
        }
    }
}

struct Check(Replaced);

impl Sink for Check {
    fn name(&self) -> &'static str {
        "check"
    }

    fn takes(&self) -> Takes {
        Takes::States
    }

    fn tell(&mut self, _: &Event) -> anyhow::Result<()> {
        Ok(())
    }

    fn show(&mut self, status: &Arc<Status>) -> anyhow::Result<()> {
        let brief = Brief::new(status);
        self.0.write(|out| {
            serde_json::to_writer(&mut *out, &brief).map_err(Error::from)?;
            out.write_all(b"\n")
        })
    }
}
