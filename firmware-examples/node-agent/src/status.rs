//! The present state of everything, for outputs that are asked or write at intervals.

use crate::event::{Event, Kind};
use serde::Serialize;
use std::collections::BTreeMap;

/// The state of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// It is being learned.
    Learning,
    /// Usual.
    Normal,
    /// Among the variables behind an event that is on.
    Anomalous,
    /// A watcher complains: stuck, range, rate or errors.
    Faulty,
    /// Its value is missing.
    Missing,
}

/// A channel now.
#[derive(Clone, Debug, Serialize)]
pub struct ChannelStatus {
    /// Its identity.
    pub identity: String,
    /// Labels `chip` and `sensor` as node_exporter makes them, so that metrics join.
    pub chip: String,
    /// See `chip`.
    pub sensor: String,
    /// The group that judges it.
    pub group: String,
    /// Unit of the values.
    pub unit: &'static str,
    /// The last value.
    pub value: Option<f32>,
    /// The usual value, when it is known.
    pub expected: Option<f32>,
    /// The usual range, when it is known.
    pub usual: Option<(f32, f32)>,
    /// Distance of the last frame from the value that all others say, beyond the usual distance; 0 where it is usual.
    pub surprise: f32,
    /// Its state.
    pub health: Health,
}

/// A group now.
#[derive(Clone, Debug, Serialize)]
pub struct GroupStatus {
    /// Its name.
    pub name: String,
    /// Variables.
    pub variables: usize,
    /// Frames that are still needed before it judges; 0 when it does.
    pub warming: u32,
    /// Score of the last frame.
    pub score: Option<f32>,
    /// Score above which a frame is anomalous.
    pub threshold: Option<f32>,
    /// Severity of the last frame, in deviations, and that of the alarm's start.
    pub severity: Option<f32>,
    /// See `severity`.
    pub alarm_at: f32,
    /// Whether an alarm is on.
    pub alarmed: bool,
}

/// The cost of the agent itself.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SelfStatus {
    /// Seconds since its start.
    pub uptime_s: u64,
    /// Wake-ups, and those that came too late for their second.
    pub wakeups: u64,
    /// See `wakeups`.
    pub missed: u64,
    /// Nanoseconds of work of the last wake-up, the longest so far and the sum.
    pub step_last_ns: u64,
    /// See `step_last_ns`.
    pub step_max_ns: u64,
    /// See `step_last_ns`.
    pub step_sum_ns: u64,
    /// Seconds that the last reading of each source took.
    pub read_s: BTreeMap<String, f64>,
    /// Failed or late readings of each source.
    pub read_failures: BTreeMap<String, u64>,
    /// Context switches of all threads: waits, and processors taken away.
    pub switches_voluntary: u64,
    /// See `switches_voluntary`.
    pub switches_involuntary: u64,
    /// Times that the time of day was set while the agent ran.
    pub clock_set: u64,
    /// States that were written, and those that could not be.
    pub saves: u64,
    /// See `saves`.
    pub save_failures: u64,
    /// Resident bytes.
    pub resident_bytes: u64,
    /// Bytes of state of the judgement.
    pub state_bytes: u64,
    /// Events and records that a sink had to drop, by sink.
    pub dropped: BTreeMap<String, u64>,
    /// Messages that wait in a sink's own queue, by sink.
    pub waiting: BTreeMap<String, u64>,
    /// Messages that a sink has sent again, because nobody had confirmed the first time, by sink.
    pub repeated: BTreeMap<String, u64>,
}

/// Everything now.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// Name of the node.
    pub node: String,
    /// Time of the last reading, in milliseconds since 1970.
    pub at_ms: u64,
    /// Share of channels that are anomalous, faulty or missing, 0 to 1: the node anomaly ratio.
    pub anomaly_ratio: f32,
    /// The job that runs, if its file says so.
    pub job: Option<String>,
    /// Whether events are silenced.
    pub silenced: bool,
    /// Whether learning is paused.
    pub paused: bool,
    /// All channels, in order.
    pub channels: Vec<ChannelStatus>,
    /// All groups.
    pub groups: Vec<GroupStatus>,
    /// Events that are on, oldest first.
    pub active: Vec<Event>,
    /// Events that have started so far, by kind.
    pub started: BTreeMap<Kind, u64>,
    /// The agent's own cost.
    pub agent: SelfStatus,
}
