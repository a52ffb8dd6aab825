//! A threshold at a quantile of all scores so far, by the P² algorithm (Jain and Chlamtac,
//! Communications of the ACM 28, 1985): five markers, no scores in memory.
//!
//! ```text
//! marker i     0      1       2       3       4
//! height q_i   least  p/2     p       (1+p)/2 greatest   quantiles of the N values so far
//! wanted n'_i  1      1 + (N-1)·share_i       N          positions in ascending order
//! ```
//!
//! A marker that is a position or more from where it is wanted moves by one, and its height follows
//! the parabola through it and its neighbours, or the line if the parabola leaves them:
//!
//! ```text
//! q_i += s/(n₊-n₋) · ((n_i-n₋+s)·(q₊-q_i)/(n₊-n_i) + (n₊-n_i-s)·(q_i-q₋)/(n_i-n₋)),   s = ±1
//! ```
//!
//! Differs from the paper: wanted positions are computed from N as integers in units of 2^-32, where
//! sums of increments would drift.
//!
//! Accuracy, measured over uniform, normal, exponential and two-peaked values: after 10,000 values the
//! share of values below the estimate is within 0.003 of p for p = 0.9, 0.001 for 0.99 and 0.0005 for
//! 0.999 (`quantile/tests.rs`). Values that drift leave it behind: it is a quantile of everything.
//!
//! Cost per value: three products of 64 bits, and up to 3 moves of 15 operations of f32 with 3 divisions:
//! 190 instructions on Cortex-M4F, at most 340 (`opt-level` 3).

mod marker;
#[cfg(test)]
mod tests;

use super::{compared, warming};
use crate::assessment::Assessment;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::wire::snapshot::{self, Reader};
use marker::Marker;
use serde::{Deserialize, Serialize};

/// Limit of a value's absolute value, so that no difference exceeds f32.
const FAR: f32 = 1e30;
/// Markers.
const MARKERS: usize = 5;
/// Smallest and largest p.
const RANGE: (f32, f32) = (0.001, 0.999_99);

/// Checked settings of a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    share: f32,
    warm_up: u32,
}

impl Rules {
    /// Checks the settings.
    ///
    /// - `share`: p, 0.001 to 0.99999, the share of scores below the quantile.
    /// - `warm_up`: scores before the first decision, 5 or more. A quantile near 1 rests on
    ///   `(1 - p)·warm_up` scores above it, so that 10/(1 - p) are not many.
    ///
    /// # Errors
    /// Names the setting that is out of range.
    pub const fn new(share: f32, warm_up: u32) -> Result<Self, SettingsError> {
        let (low, high) = RANGE;
        if !(share >= low && share <= high) {
            let allowed = Allowed::Within(low, high);
            return Err(SettingsError::new("share", share, allowed));
        }
        if (warm_up as usize) < MARKERS {
            let allowed = Allowed::AtLeast(MARKERS as f32);
            return Err(SettingsError::new("warm_up", warm_up as f32, allowed));
        }
        Ok(Self { share, warm_up })
    }

    /// p: the share of scores below the quantile.
    pub const fn share(self) -> f32 {
        self.share
    }

    /// Scores before the first decision.
    pub const fn warm_up(self) -> u32 {
        self.warm_up
    }

    /// Wanted places of the inner markers, as shares of N - 1 in units of 2^-32.
    const fn shares(self) -> [u64; 3] {
        const ONE: u64 = 1 << 32;
        let share = (self.share * ONE as f32) as u64;
        [share / 2, share, (ONE + share) / 2]
    }
}

/// The state of a quantile of scores, for any detector. 40 bytes, all zeros when new.
///
/// A score above the quantile of the scores before it is anomalous: about 1 - p of all, for ever. It
/// is learned too.
///
/// ```
/// use bellwether::threshold::quantile::{QuantileThreshold, Rules};
/// use bellwether::{Assessment, State};
/// let rules = Rules::new(0.9, 50)?;
/// let mut threshold = QuantileThreshold::new();
/// for k in 0..1000_u32 {
///     let score = (k * 37 % 100) as f32; // 0 to 99
///     let own = Assessment::judged(State::Normal, score, f32::INFINITY);
///     assert_eq!(threshold.observe(rules, own).threshold.is_some(), k >= 50);
/// }
/// let quantile = threshold.value().expect("1,000 scores");
/// assert!((quantile - 89.5).abs() < 1.0, "{quantile}");
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct QuantileThreshold {
    /// Ascending. The first values, in order, until there are five.
    heights: [f32; MARKERS],
    /// Ascending from 1 to the number of values, which is the last of them.
    positions: [u32; MARKERS],
}

impl QuantileThreshold {
    /// The state before the first score.
    pub const fn new() -> Self {
        Self {
            heights: [0.0; MARKERS],
            positions: [0; MARKERS],
        }
    }

    /// Assesses the score of an answer by the quantile of the scores before it, instead of the
    /// answer's own threshold, then learns it. The first scores are answered as warming. An answer
    /// without a score is returned unchanged and not learned.
    pub fn observe(&mut self, rules: Rules, answer: Assessment) -> Assessment {
        let Some(score) = answer.score.filter(|score| !score.is_nan()) else {
            return answer;
        };
        let left = rules.warm_up.saturating_sub(self.count());
        let threshold = self.value();
        self.learn(rules, score);
        match threshold {
            Some(threshold) if left == 0 => compared(answer, score, threshold),
            _ => warming(answer, left),
        }
    }

    /// The quantile of the scores so far; `None` for fewer than five.
    pub const fn value(&self) -> Option<f32> {
        let [_, _, quantile, _, _] = self.heights;
        if self.count() < MARKERS as u32 {
            None
        } else {
            Some(quantile)
        }
    }

    /// Number of scores, up to 2^32 - 1. Further ones are not learned.
    pub const fn count(&self) -> u32 {
        let [_, _, _, _, count] = self.positions;
        count
    }

    /// Learns a score. NaN is passed over, others count as within ±1e30.
    pub fn learn(&mut self, rules: Rules, score: f32) {
        let count = self.count();
        if score.is_nan() || count == u32::MAX {
            return;
        }
        let score = score.clamp(-FAR, FAR);
        if (count as usize) < MARKERS {
            self.begin(score);
            return;
        }
        let [least, q1, q2, q3, greatest] = &mut self.heights;
        let [_, n1, n2, n3, count] = &mut self.positions;
        *least = least.min(score);
        *greatest = greatest.max(score);
        for (height, position) in [(*q1, n1), (*q2, n2), (*q3, n3)] {
            *position += u32::from(score < height);
        }
        *count += 1;
        self.adjust(rules);
    }

    /// One of the first five scores, put in order.
    fn begin(&mut self, score: f32) {
        let [_, _, _, _, count] = &mut self.positions;
        let (mut carried, held) = (score, *count as usize);
        *count += 1;
        for height in self.heights.iter_mut().take(held) {
            if carried < *height {
                core::mem::swap(height, &mut carried);
            }
        }
        if let Some(place) = self.heights.get_mut(held) {
            *place = carried;
        }
        if held + 1 == MARKERS {
            self.positions = [1, 2, 3, 4, 5];
        }
    }

    /// Moves the inner markers towards their wanted positions.
    fn adjust(&mut self, rules: Rules) {
        let [q0, q1, q2, q3, q4] = self.heights;
        let [n0, n1, n2, n3, n4] = self.positions;
        let [w1, w2, w3] = rules.shares().map(|share| u64::from(n4 - 1) * share);
        let m0 = Marker(q0, n0);
        let m1 = Marker(q1, n1).adjusted(m0, Marker(q2, n2), w1);
        let m2 = Marker(q2, n2).adjusted(m1, Marker(q3, n3), w2);
        let m3 = Marker(q3, n3).adjusted(m2, Marker(q4, n4), w3);
        self.heights = [q0, m1.0, m2.0, m3.0, q4];
        self.positions = [n0, m1.1, m2.1, m3.1, n4];
    }
}

impl QuantileThreshold {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 9 * MARKERS;

    /// Saves the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Rules, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(*rules), &|body| body.put(self))
    }

    /// Replaces the state by a saved one.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, rules: &Rules, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, shape(*rules), Self::SNAPSHOT_MAX, &mut |body| {
            restored = Self::saved(body)?;
            Ok(())
        })?;
        *self = restored;
        Ok(())
    }

    /// Reads a state.
    pub(crate) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let read: Self = body.take()?;
        let held = (read.count() as usize).min(MARKERS);
        let (present, absent) = read.heights.split_at_checked(held).unwrap_or_default();
        let whole = present.iter().all(|height| (-FAR..=FAR).contains(height))
            && present.is_sorted()
            && absent.iter().all(|height| *height == 0.0);
        let [n0, n1, n2, n3, n4] = read.positions;
        let placed = if held < MARKERS {
            [n0, n1, n2, n3] == [0; 4]
        } else {
            n0 == 1 && n0 < n1 && n1 < n2 && n2 < n3 && n3 < n4
        };
        if !(whole && placed) {
            return Err(body.content());
        }
        Ok(read)
    }
}

/// The share decides where markers are wanted; the warm-up may change.
fn shape(rules: Rules) -> u32 {
    let [_, share, _] = rules.shares();
    snapshot::shape("quantile", "", [share as usize, 0, 0])
}
