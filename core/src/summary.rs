//! A summary of a detector's answers for remote observation, in 52 bytes: counts of the frames since the
//! last one.
//!
//! A device keeps one beside its monitor and sends it now and then, at least every [`Count::MOST`] frames, as
//! [`Record::Summary`]: counts stay there.
//!
//! ```
//! use bellwether::sigma::{Settings, Sigma};
//! use bellwether::{Monitor, Summary};
//! let mut state = Sigma::<1>::new();
//! let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
//! let mut summary = Summary::new();
//! for second in 0..3600 {
//!     let before = 0; // the timer of the board
//!     let answer = monitor.observe([21.5 + (second % 7) as f32]);
//!     summary.observe(&answer);
//!     summary.took(850 - before); // in ticks of that timer
//! }
//! assert_eq!((summary.frames.get(), summary.worst), (3600, 850));
//! let record = summary.take(); // to be sent; the next one begins at 0
//! assert_eq!(summary.frames.get(), 0);
//! # Ok::<(), bellwether::SettingsError>(())
//! ```

mod count;

pub use count::Count;

use crate::alarm::{Event, Phase};
use crate::alert::Alert;
use crate::assessment::{Assessment, Blindness, State};
use crate::report::Record;
use crate::sample::Cause;
use serde::{Deserialize, Serialize};

/// Bounds of the score's ratio to its threshold, between two counts of [`Summary::scores`].
pub const BOUNDS: [f32; 7] = [0.0625, 0.125, 0.25, 0.5, 1.0, 2.0, 4.0];

/// Scores up to their threshold: as many of the first counts of [`Summary::scores`].
const USUAL: usize = 5;

/// Counts of the frames since the last summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Summary {
    /// Frames.
    pub frames: Count,
    /// Usable frames before the first decision, after the last frame; 0 once it is warm.
    pub warm_up: u32,
    /// Scores by their ratio to the threshold: up to the first of [`BOUNDS`], up to the second, and so on. The last
    /// three are above the threshold. Of a threshold that is not positive, the fifth and the sixth count.
    pub scores: [Count; 8],
    /// Blind frames by cause, in the order of `docs/formats/report.md`: missing, not finite, sensor, stuck, out of
    /// order, training, inflated threshold.
    pub blind: [Count; 7],
    /// Frames with the alert [`Alert::Single`], and with [`Alert::Correlated`], by a vote.
    pub alerts: [Count; 2],
    /// Trainings.
    pub trainings: Count,
    /// Alarms that started.
    pub alarms: Count,
    /// Frames or reports that were lost on the way.
    pub lost: Count,
    /// Longest time of a frame, in ticks of the caller's clock.
    pub worst: u32,
}

impl Summary {
    /// A summary of no frames.
    #[must_use]
    pub const fn new() -> Self {
        const ZERO: Count = Count::new(0);
        Self {
            frames: ZERO,
            warm_up: 0,
            scores: [ZERO; 8],
            blind: [ZERO; 7],
            alerts: [ZERO; 2],
            trainings: ZERO,
            alarms: ZERO,
            lost: ZERO,
            worst: 0,
        }
    }

    /// Counts a frame.
    pub fn observe(&mut self, answer: &Assessment) {
        self.frames.add(1);
        match answer.state {
            State::Warming { left } => self.warm_up = left,
            State::Blind { cause } => count(&mut self.blind, place(cause)),
            _ => self.warm_up = 0,
        }
        if let (Some(score), Some(threshold)) = (answer.score, answer.threshold) {
            count(&mut self.scores, bucket(score, threshold));
        }
        let [single, correlated] = &mut self.alerts;
        match answer.alert() {
            Alert::None => {}
            Alert::Single => single.add(1),
            Alert::Correlated => correlated.add(1),
        }
        self.trainings.add(u32::from(answer.trained));
    }

    /// Counts the start of an alarm.
    pub fn alarm(&mut self, event: &Event) {
        self.alarms.add(u32::from(event.phase == Phase::Start));
    }

    /// Counts frames or reports that were lost, as [`Self::lost`].
    pub fn lose(&mut self, count: u32) {
        self.lost.add(count);
    }

    /// Takes the time of a frame, in ticks of the caller's clock.
    pub fn took(&mut self, ticks: u32) {
        self.worst = self.worst.max(ticks);
    }

    /// The record of the frames so far; the next one begins without any.
    #[must_use]
    pub const fn take(&mut self) -> Record {
        let record = Record::Summary(*self);
        let warm_up = self.warm_up;
        *self = Self::new();
        self.warm_up = warm_up;
        record
    }
}

fn count(counts: &mut [Count], place: usize) {
    if let Some(count) = counts.get_mut(place) {
        count.add(1);
    }
}

/// The place of a score among [`Summary::scores`].
fn bucket(score: f32, threshold: f32) -> usize {
    if threshold > 0.0 {
        let below = BOUNDS.iter().filter(|bound| score > threshold * **bound);
        return below.count();
    }
    USUAL - 1 + usize::from(score > threshold)
}

/// The code of a cause in records.
const fn place(cause: Blindness) -> usize {
    match cause {
        Blindness::Input(Cause::Missing) => 0,
        Blindness::Input(Cause::NotFinite) => 1,
        Blindness::Input(Cause::Sensor) => 2,
        Blindness::Input(Cause::Stuck) => 3,
        Blindness::OutOfOrder => 4,
        Blindness::Training => 5,
        Blindness::ThresholdInflated => 6,
    }
}

#[cfg(test)]
mod tests;
