//! The alarms of a group in one context: idle, or busy. Each has its own level, and they share the promise.
//!
//! ```text
//! onset    the mean surprise of the lanes: the group as a whole
//! broken   the largest surprise of a variable, given all others
//! ```

use bellwether::alarm::{Event, Grade, Phase, Rules};
use bellwether::node::Score;
use bellwether::{Alarm, SnapshotError};
use serde::{Deserialize, Serialize};

/// Parts of a day.
pub const BUCKETS: usize = 96;

/// Two alarms of one promise.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    onset: Alarm<BUCKETS>,
    broken: Alarm<BUCKETS>,
}

/// Bytes of both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Saved(Vec<u8>, Vec<u8>);

/// The answer to a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alarmed {
    /// Severity of the frame, in deviations: of the alarm that is nearer to its threshold.
    pub severity: Option<f32>,
    /// The severity at which that alarm starts.
    pub alarm_at: f32,
    /// Whether one is on.
    pub is_on: bool,
    /// Whether a critical one is.
    pub critical: bool,
}

impl Level {
    /// Before the first frame behind a fit.
    pub const fn after_fit(rows: u32) -> Self {
        Self {
            onset: Alarm::after_fit(rows),
            broken: Alarm::after_fit(rows),
        }
    }

    /// Takes a frame's score, or none.
    pub fn take(&mut self, rules: &Rules<BUCKETS>, score: Option<Score>) -> Alarmed {
        let onset = self.onset.observe(rules, score.map(|score| score.onset));
        let broken = self.broken.observe(rules, score.map(|score| score.broken));
        let near = |event: &Event| event.severity.unwrap_or(0.0) / event.threshold;
        let nearer = if near(&broken) > near(&onset) {
            broken
        } else {
            onset
        };
        let critical = |event: &Event| {
            let episode = event.episode.filter(|_| event.phase != Phase::Clear);
            episode.is_some_and(|episode| episode.grade >= Grade::Critical)
        };
        Alarmed {
            severity: nearer.severity,
            alarm_at: nearer.threshold,
            is_on: onset.phase.is_on() || broken.phase.is_on(),
            critical: critical(&onset) || critical(&broken),
        }
    }

    /// Passes over frames that never came.
    pub fn skip(&mut self, rules: &Rules<BUCKETS>, frames: u64) {
        self.onset.skip(rules, frames);
        self.broken.skip(rules, frames);
    }

    /// The present level is normal.
    pub const fn accept(&mut self) {
        self.onset.accept();
        self.broken.accept();
    }

    /// The state.
    pub fn save(&self, rules: &Rules<BUCKETS>) -> Saved {
        let bytes = |alarm: &Alarm<BUCKETS>| {
            let mut bytes = vec![0; Alarm::<BUCKETS>::SNAPSHOT_MAX];
            let saved = alarm.save(rules, &mut bytes);
            bytes.truncate(saved.unwrap_or(0));
            bytes
        };
        Saved(bytes(&self.onset), bytes(&self.broken))
    }

    /// A state from its bytes.
    ///
    /// # Errors
    /// They are damaged, or of frames of another length.
    pub fn restore(rules: &Rules<BUCKETS>, saved: &Saved) -> Result<Self, SnapshotError> {
        let mut level = Self::after_fit(0);
        level.onset.restore(rules, &saved.0)?;
        level.broken.restore(rules, &saved.1)?;
        Ok(level)
    }
}
