//! Events: what the agent tells people, in a form that every output shares.

use serde::{Deserialize, Serialize};

/// The phase of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It begins.
    Start,
    /// It lasts and has become worse, or its variables have changed.
    Update,
    /// It is over.
    Clear,
}

/// The kind of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A group of variables does not behave as in the past.
    Anomaly,
    /// Values are missing: missing data is a signal.
    Missing,
    /// A sensor repeats one value.
    Stuck,
    /// A value is outside of its usual range.
    Range,
    /// A value changes faster than usual.
    Rate,
    /// A counter of errors grows.
    Errors,
    /// The node differs from its peers of the same job.
    Peers,
    /// A whole source cannot be read.
    Source,
}

/// The severity of an event, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth a line in a log.
    Info,
    /// An alarm.
    Warning,
    /// An alarm that a third of the promise would raise too.
    Critical,
}

/// A variable behind an event, with its evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Blamed {
    /// Identity of the channel, as `0000:00:18.3/k10temp/temp1:Tctl`.
    pub channel: String,
    /// Unit of the values, as `°C`; empty for a number.
    pub unit: String,
    /// The value; `None` if it is missing.
    pub value: Option<f32>,
    /// The usual value, if it is known.
    pub expected: Option<f32>,
    /// Its part in the score, from 0 to 1; the largest first.
    pub share: f32,
}

/// Something found on this node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Number of the finding, the same from its start to its clear; unique for a node while its state is kept.
    pub id: u64,
    /// The phase.
    pub phase: Phase,
    /// The kind.
    pub kind: Kind,
    /// The severity; at a clear, the highest there was.
    pub severity: Severity,
    /// Name of the node.
    pub node: String,
    /// Group of variables, or the source: `hwmon`, `proc`, `node`.
    pub group: String,
    /// Begin, in milliseconds since 1970.
    pub since_ms: u64,
    /// Time of this event, in milliseconds since 1970.
    pub at_ms: u64,
    /// Severity of the score in deviations for an anomaly; `None` for a watcher.
    pub score: Option<f32>,
    /// The score above which an alarm starts.
    pub threshold: Option<f32>,
    /// The variables behind it, the most telling first.
    pub variables: Vec<Blamed>,
    /// Job that runs on the node, if its file says so.
    pub job: Option<String>,
    /// One sentence for people: subject, finding, evidence.
    pub message: String,
}
