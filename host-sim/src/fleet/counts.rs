//! Counters of a node's judged frames, which add up over nodes.

use crate::detect::Record;
use bellwether::State;
use bellwether::alarm::Phase;
use serde::{Deserialize, Serialize};
use std::ops::AddAssign;

/// Counters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Frames.
    pub frames: u64,
    /// Frames with a score.
    pub judged: u64,
    /// Anomalous frames.
    pub anomalous: u64,
    /// Frames that could not be assessed.
    pub blind: u64,
    /// Frames that were learned from.
    pub warming: u64,
    /// Alarms that began, of a detector with alarms.
    pub alarms: u64,
}

impl Counts {
    /// Takes the next frame.
    pub fn push(&mut self, record: &Record) {
        self.frames += 1;
        match record.assessment.state {
            State::Blind { .. } => self.blind += 1,
            State::Warming { .. } => self.warming += 1,
            _ => self.judged += 1,
        }
        self.anomalous += u64::from(is_told(record));
        let notice = record.notice.as_ref();
        self.alarms += u64::from(notice.is_some_and(|of| of.event.phase == Phase::Start));
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.frames += other.frames;
        self.judged += other.judged;
        self.anomalous += other.anomalous;
        self.blind += other.blind;
        self.warming += other.warming;
        self.alarms += other.alarms;
    }
}

/// Whether a frame has a line of its own, as from `bellwether run`.
pub fn is_told(record: &Record) -> bool {
    record.assessment.is_anomalous() || record.flagged().next().is_some()
}
