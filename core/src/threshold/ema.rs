//! A threshold that follows the scores: exponential moving average (EMA) and a margin (Molan et
//! al., TPDS 2022; Borghesi et al.).
//!
//! ```text
//! EMA_t = a·E_t + (1 - a)·EMA_(t-1),  EMA_1 = E_1,  a = 2^-k
//! flagged iff E_t > EMA_t + δ,  δ the mean of the absolute n scores before E_t
//! ```
//!
//! which is `E_t > EMA_(t-1) + δ / (1 - a)`: the reported threshold. The paper leaves open whether
//! δ includes E_t; here it does not. The rule finds onsets: within a few samples it would take a
//! lasting fault for normal. Therefore flagged scores are not learned. The threshold of the onset
//! stays until a score is not above it, or until more scores than the latch were flagged.
//!
//! Differs from the paper: scores may be negative here (likelihoods, logits), and a margin below 0
//! would flag a constant; hence absolute scores. For scores of 0 or more it is the same.

use super::{compared, warming};
use crate::assessment::Assessment;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::math::abs;
use crate::wire::snapshot::{self, Reader};
use serde::{Deserialize, Serialize};

/// Maximum number of scores in a margin.
pub const MOST: usize = 32;
/// Limit of a learned score's absolute value, so that no sum exceeds f32.
const FAR: f32 = 1e30;

/// Checked settings of a moving threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    shift: u8,
    length: u8,
    latch: u16,
}

impl Rules {
    /// Checks the settings.
    ///
    /// - `shift`: k, 1 to 15. A score weighs 2^-k.
    /// - `length`: n, 1 to 32, the number of scores in the margin.
    /// - `latch`: the number of consecutive flagged scores to exclude from learning. Once it is
    ///   exceeded, flagged scores are learned and soon count as normal. 0: learn from every score, as
    ///   in the paper; 65,535: never learn from flagged scores.
    ///
    /// # Errors
    /// `shift` or `length` is out of range.
    pub const fn new(shift: u8, length: u8, latch: u16) -> Result<Self, SettingsError> {
        if shift < 1 || shift > 15 {
            let allowed = Allowed::Within(1.0, 15.0);
            return Err(SettingsError::new("shift", shift as f32, allowed));
        }
        if length < 1 || length as usize > MOST {
            return Err(SettingsError::count("length", length as usize, MOST));
        }
        Ok(Self {
            shift,
            length,
            latch,
        })
    }

    /// k: a score weighs 2^-k.
    pub const fn shift(self) -> u8 {
        self.shift
    }

    /// n: the number of scores in the margin.
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The number of consecutive flagged scores to exclude from learning.
    pub const fn latch(self) -> u16 {
        self.latch
    }

    /// a.
    fn weight(self) -> f32 {
        1.0 / (1_u32 << (self.shift & 15)) as f32
    }
}

/// The state of a moving threshold, for any detector's scores. 136 bytes, all zeros when new.
///
/// ```
/// use bellwether::threshold::ema::{EmaThreshold, Rules};
/// use bellwether::{Assessment, State};
/// let rules = Rules::new(3, 4, 10)?; // weight 1/8, margin of 4 scores, latch of 10
/// let mut threshold = EmaThreshold::new();
/// let answers = [1.0, 1.1, 0.9, 1.0, 1.2, 9.0].map(|score| {
///     let own = Assessment::judged(State::Normal, score, f32::INFINITY);
///     threshold.observe(rules, own).state
/// });
/// assert_eq!(answers[3], State::Warming { left: 1 });
/// assert_eq!(answers[4..], [State::Normal, State::Anomalous]);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EmaThreshold {
    mean: f32,
    /// The last n scores.
    scores: [f32; MOST],
    /// Number of consecutive flagged scores.
    flagged: u16,
    /// Index of the next score.
    next: u8,
    count: u8,
}

impl Default for EmaThreshold {
    fn default() -> Self {
        Self::new()
    }
}

/// State in a snapshot, without the scores.
#[derive(Serialize, Deserialize)]
struct Saved {
    mean: f32,
    flagged: u16,
    next: u8,
    count: u8,
}

impl EmaThreshold {
    /// The state before the first score.
    pub const fn new() -> Self {
        Self {
            mean: 0.0,
            scores: [0.0; MOST],
            flagged: 0,
            next: 0,
            count: 0,
        }
    }

    /// Assesses the score of an answer by this threshold instead of the answer's own. The first n
    /// scores are answered as warming. An answer without a score is returned unchanged and not
    /// learned.
    pub fn observe(&mut self, rules: Rules, answer: Assessment) -> Assessment {
        let Some(score) = answer.score.filter(|score| !score.is_nan()) else {
            return answer;
        };
        if self.count < rules.length {
            self.learn(rules, score);
            let left = u32::from(rules.length.saturating_sub(self.count)).saturating_add(1);
            return warming(answer, left);
        }
        let threshold = self.threshold(rules);
        let anomalous = score > threshold;
        self.flagged = if anomalous {
            self.flagged.saturating_add(1)
        } else {
            0
        };
        if !anomalous || self.flagged > rules.latch {
            self.learn(rules, score);
        }
        compared(answer, score, threshold)
    }

    /// The threshold for the next score.
    fn threshold(&self, rules: Rules) -> f32 {
        let used = self.scores.iter().take(rules.length.into());
        let margin = used.fold(0.0, |sum, score| sum + abs(*score)) / f32::from(rules.length);
        self.mean + margin / (1.0 - rules.weight())
    }

    fn learn(&mut self, rules: Rules, score: f32) {
        let score = score.clamp(-FAR, FAR);
        self.mean = if self.count == 0 {
            score
        } else {
            self.mean + (score - self.mean) * rules.weight()
        };
        if let Some(place) = self.scores.get_mut(usize::from(self.next)) {
            *place = score;
        }
        let next = self.next.saturating_add(1);
        self.next = if next < rules.length { next } else { 0 };
        self.count = self.count.saturating_add(1).min(rules.length);
    }
}

impl EmaThreshold {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 10 + 4 * MOST;

    /// Saves the learned state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Rules, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        let saved = Saved {
            mean: self.mean,
            flagged: self.flagged,
            next: self.next,
            count: self.count,
        };
        snapshot::write_slice(buffer, shape(*rules), &|body| {
            body.put(&saved);
            let scores = self.scores.iter().take(rules.length.into());
            scores.for_each(|score| body.put(score));
        })
    }

    /// Replaces the learned state by a saved one.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, rules: &Rules, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, shape(*rules), Self::SNAPSHOT_MAX, &mut |body| {
            restored.restore_body(rules, body)
        })?;
        *self = restored;
        Ok(())
    }

    fn restore_body(&mut self, rules: &Rules, body: &mut Reader<'_>) -> Result<(), SnapshotError> {
        let saved: Saved = body.take()?;
        if saved.count > rules.length || saved.next >= rules.length {
            return Err(body.content());
        }
        *self = Self {
            mean: saved.mean,
            scores: [0.0; MOST],
            flagged: saved.flagged,
            next: saved.next,
            count: saved.count,
        };
        for place in self.scores.iter_mut().take(rules.length.into()) {
            *place = body.take()?;
            if !place.is_finite() {
                return Err(body.content());
            }
        }
        if !self.mean.is_finite() {
            return Err(body.content());
        }
        Ok(())
    }
}

fn shape(rules: Rules) -> u32 {
    let sizes = [rules.shift.into(), rules.length.into(), rules.latch.into()];
    snapshot::shape("moving", "", sizes)
}
