//! A threshold for scores whose usual values are known from rows that were not fitted: how far a score
//! exceeds them, held for a while.
//!
//! ```text
//! onset    = ln(1 + max(s - u, 0) / c)
//! held     = onset where it is as high, else held + (onset - held) / H
//! surprise = onset + held                 anomalous: surprise > threshold
//! ```
//!
//! `u` is a quantile of the scores of these rows, `c` a multiple of their mean excess above it: the tail
//! behind a quantile is taken for exponential. The logarithm lets no single score hide the next one, and
//! what is held bridges the rows of an anomaly in which the score falls back.

use super::compared;
use crate::assessment::Assessment;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::math::ln;
use crate::statistics::held::hold;
use crate::wire::snapshot;

/// Checked limits of a score.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    usual: f32,
    scale: f32,
    threshold: f32,
    hold: u16,
}

impl Rules {
    /// Checks the limits.
    ///
    /// - `usual`: u, the score up to which there is no surprise.
    /// - `scale`: c, the excess that counts ln 2; normal and above 0.
    /// - `hold`: H, the rows in which what is held decays by a factor e, 1 or more.
    /// - `threshold`: the surprise above which a row is anomalous, above 0.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub fn new(usual: f32, scale: f32, hold: u16, threshold: f32) -> Result<Self, SettingsError> {
        if !usual.is_finite() {
            let allowed = Allowed::Within(f32::MIN, f32::MAX);
            return Err(SettingsError::new("usual", usual, allowed));
        }
        if !(scale.is_normal() && scale > 0.0) {
            return Err(SettingsError::new("scale", scale, Allowed::Above(0.0)));
        }
        if hold == 0 {
            return Err(SettingsError::new("hold", 0.0, Allowed::AtLeast(1.0)));
        }
        if !(threshold.is_finite() && threshold > 0.0) {
            let allowed = Allowed::Above(0.0);
            return Err(SettingsError::new("threshold", threshold, allowed));
        }
        Ok(Self {
            usual,
            scale,
            threshold,
            hold,
        })
    }

    /// u: the score up to which there is no surprise.
    pub const fn usual(self) -> f32 {
        self.usual
    }

    /// c: the excess that counts ln 2.
    pub const fn scale(self) -> f32 {
        self.scale
    }

    /// H: the rows in which what is held decays by a factor e.
    pub const fn hold(self) -> u16 {
        self.hold
    }

    /// The surprise above which a row is anomalous.
    pub const fn threshold(self) -> f32 {
        self.threshold
    }

    /// The surprise of a score by itself, 0 to 89.
    pub fn onset(self, score: f32) -> f32 {
        let excess = score - self.usual;
        if excess > 0.0 {
            ln((1.0 + excess / self.scale).min(f32::MAX))
        } else {
            0.0
        }
    }
}

/// The state: the surprise of the last score. 8 bytes, all zeros when new.
///
/// ```
/// use bellwether::threshold::surprise::{Rules, Surprise};
/// use bellwether::{Assessment, State};
/// let rules = Rules::new(0.5, 0.25, 8, 1.0)?;
/// let mut surprise = Surprise::new();
/// let states = [0.4, 0.5, 1.5, 0.4, 0.4].map(|score| {
///     let own = Assessment::judged(State::Normal, score, f32::INFINITY);
///     surprise.observe(rules, own).state
/// });
/// let (n, a) = (State::Normal, State::Anomalous);
/// assert_eq!(states, [n, n, a, a, a]); // an excess of four scales: ln 5, twice; then it is held
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Surprise {
    onset: f32,
    held: f32,
}

impl Surprise {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 8;

    /// The state before the first score.
    pub const fn new() -> Self {
        Self {
            onset: 0.0,
            held: 0.0,
        }
    }

    /// Assesses the score of an answer by its surprise, which becomes the score. An answer without a score
    /// is returned unchanged, and what is held stays.
    pub fn observe(&mut self, rules: Rules, answer: Assessment) -> Assessment {
        let Some(score) = answer.score.filter(|score| !score.is_nan()) else {
            return answer;
        };
        self.onset = rules.onset(score);
        self.held = hold(self.held, self.onset, 1.0 / f32::from(rules.hold));
        let total = self.total();
        let answer = Assessment {
            score: Some(total),
            ..answer
        };
        compared(answer, total, rules.threshold)
    }

    /// The surprise of the last score by itself: what alarms are made from.
    pub const fn onset(&self) -> f32 {
        self.onset
    }

    /// The surprise that is held.
    pub const fn held(&self) -> f32 {
        self.held
    }

    /// Both together.
    pub fn total(&self) -> f32 {
        self.onset + self.held
    }

    /// Saves the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(), &|body| {
            body.put(&(self.onset, self.held));
        })
    }

    /// Replaces the state by a saved one.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut saved = Self::new();
        snapshot::read_slice(bytes, shape(), Self::SNAPSHOT_MAX, &mut |body| {
            let (onset, held): (f32, f32) = body.take()?;
            let possible = |x: f32| x.is_finite() && x >= 0.0;
            if !(possible(onset) && possible(held)) {
                return Err(body.content());
            }
            saved = Self { onset, held };
            Ok(())
        })?;
        *self = saved;
        Ok(())
    }
}

fn shape() -> u32 {
    snapshot::shape("surprise", "", [0; 3])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::State;
    use core::f32::consts::LN_2;

    fn rules() -> Rules {
        Rules::new(2.0, 4.0, 8, 1.0).unwrap()
    }

    fn scored(score: f32) -> Assessment {
        Assessment::judged(State::Normal, score, 0.0)
    }

    /// By hand: an excess of one scale is ln 2, of three 2 ln 2; up to the usual value there is none.
    #[test]
    fn an_onset_is_the_logarithm_of_the_excess() {
        let rules = rules();
        for (score, onset) in [(-9.0, 0.0), (2.0, 0.0), (6.0, LN_2), (14.0, 2.0 * LN_2)] {
            let found = rules.onset(score);
            assert!((found - onset).abs() < 1e-6, "{score}: {found}");
        }
    }

    /// By hand: (0 - 2 ln 2) / 8 less in each row; a higher onset takes its place at once.
    #[test]
    fn what_is_held_falls_by_its_part_and_rises_at_once() {
        let (rules, mut surprise) = (rules(), Surprise::new());
        let mut total = |score| surprise.observe(rules, scored(score)).score.unwrap();
        let first = 2.0 * LN_2;
        for (score, wanted) in [
            (14.0, 2.0 * first),
            (0.0, first * 7.0 / 8.0),
            (0.0, first * 49.0 / 64.0),
            (14.0, 2.0 * first),
        ] {
            let found = total(score);
            assert!((found - wanted).abs() < 1e-6, "{score}: {found} {wanted}");
        }
    }

    #[test]
    fn the_state_is_that_of_the_comparison_and_no_score_changes_nothing() {
        let (rules, mut surprise) = (rules(), Surprise::new());
        let answer = surprise.observe(rules, scored(6.0));
        assert_eq!(answer.state, State::Anomalous);
        assert_eq!(answer.threshold, Some(1.0));
        let held = surprise;
        for bare in [Assessment::bare(State::Normal), scored(f32::NAN)] {
            let same = surprise.observe(rules, bare);
            assert_eq!(same.state, bare.state);
            assert_eq!(surprise, held);
        }
    }

    #[test]
    fn no_score_makes_a_surprise_that_is_no_number() {
        let rules = Rules::new(f32::MIN, f32::MIN_POSITIVE, u16::MAX, 1.0).unwrap();
        let mut surprise = Surprise::new();
        for score in [f32::INFINITY, f32::MAX, f32::NEG_INFINITY, -0.0] {
            let total = surprise.observe(rules, scored(score)).score.unwrap();
            assert!((0.0..200.0).contains(&total), "{score}: {total}");
        }
    }

    #[test]
    fn limits_out_of_range_are_named() {
        let error = |u, c, h, t| Rules::new(u, c, h, t).unwrap_err().field;
        assert_eq!(error(f32::NAN, 1.0, 1, 1.0), "usual");
        assert_eq!(error(0.0, 0.0, 1, 1.0), "scale");
        assert_eq!(error(0.0, f32::INFINITY, 1, 1.0), "scale");
        assert_eq!(error(0.0, 1.0, 0, 1.0), "hold");
        assert_eq!(error(0.0, 1.0, 1, 0.0), "threshold");
    }

    #[test]
    fn a_saved_state_goes_on_with_the_same_bits() {
        let (rules, mut surprise) = (rules(), Surprise::new());
        surprise.observe(rules, scored(14.0));
        surprise.observe(rules, scored(3.0));
        let mut bytes = [0; Surprise::SNAPSHOT_MAX];
        assert_eq!(surprise.save(&mut bytes), Ok(bytes.len()));
        let mut restored = Surprise::new();
        restored.restore(&bytes).unwrap();
        for score in [0.0, 2.5, 9.0] {
            let wanted = surprise.observe(rules, scored(score));
            assert_eq!(restored.observe(rules, scored(score)), wanted);
        }
        bytes[16] ^= 1;
        assert!(restored.restore(&bytes).is_err());
    }
}
