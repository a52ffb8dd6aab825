//! Requests to a running agent, and its answers: a line of JSON each.

use crate::event::Event;
use crate::status::{GroupStatus, SelfStatus};
use serde::{Deserialize, Serialize};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "lowercase", deny_unknown_fields)]
pub enum Request {
    /// Tells nothing for a while.
    Silence {
        /// Minutes from now, at most a year; without them, until `end`.
        minutes: Option<u32>,
    },
    /// Ends the silence.
    End {},
    /// Somebody has seen an event: only its clear is told from now on.
    Acknowledge {
        /// Its number.
        id: u64,
    },
    /// The present state of a group is normal from now on.
    Accept {
        /// Its name.
        group: String,
    },
    /// The state, without the channels.
    Status {},
    /// Saves what was learned.
    Save {},
}

/// The answer: one of both is there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The deed, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<String>,
    /// The reason why nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// The state, if it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<serde_json::Value>,
}

impl Answer {
    /// It was done.
    pub fn done(sentence: impl Into<String>) -> Self {
        Self {
            done: Some(sentence.into()),
            ..Self::default()
        }
    }

    /// It was not done.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self {
            failed: Some(reason.into()),
            ..Self::default()
        }
    }
}

/// The state as an answer has it.
#[derive(Clone, Debug, Serialize)]
pub struct Brief<'s> {
    /// Name of the node.
    pub node: &'s str,
    /// Time of the last reading, in milliseconds since 1970.
    pub at_ms: u64,
    /// Samples that the state has seen, restarts included.
    pub samples: u64,
    /// Samples in the state on disk.
    pub saved_samples: u64,
    /// Channels.
    pub channels: usize,
    /// Share of channels that are anomalous, faulty or missing.
    pub anomaly_ratio: f32,
    /// The job that runs.
    pub job: Option<&'s str>,
    /// Whether events are silenced.
    pub silenced: bool,
    /// Whether somebody works on the node.
    pub maintenance: bool,
    /// Whether learning is paused.
    pub paused: bool,
    /// All groups.
    pub groups: &'s [GroupStatus],
    /// Events that are on, oldest first.
    pub active: &'s [Event],
    /// Numbers of the events that somebody has seen.
    pub acknowledged: Vec<u64>,
    /// The agent's own cost.
    pub agent: &'s SelfStatus,
    /// Nanoseconds of processor time of a wake-up: median, 99th percentile and the longest.
    pub step_ns: [u64; 3],
}
