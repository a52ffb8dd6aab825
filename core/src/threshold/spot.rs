//! SPOT, a threshold for a chosen probability (Siffer et al., KDD 2017): extreme values of the scores
//! follow a generalised Pareto distribution, which extrapolates beyond what was seen.
//!
//! ```text
//! calibration, n₀ scores: t = their level-quantile; excesses Y = score - t of the scores above t
//! fit (moments):          γ = ½·(1 - m²/v),  σ = ½·m·(m²/v + 1),  m mean and v variance of Y
//! threshold:              z = t + σ/γ·((risk·n/N)^-γ - 1),  N excesses among n scores
//!                           = t + σ·L·(exp(γL) - 1)/(γL),  L = -ln(risk·n/N)
//! score > z               anomalous, not learned
//! t < score <= z          another excess: n and N count, fit again
//! otherwise               n counts
//! ```
//!
//! Differs from the paper: the tail is fitted by moments (Hosking and Wallis 1987), not by Grimshaw's
//! search of the maximum likelihood: two passes over the excesses, no iteration. It needs γ < 1/2, which
//! the formula gives. Only the first `C` excesses are in memory and fitted, while N counts all of them.
//! A ring of the last ones would lose what is above z and fit an ever shorter tail: with 32 places z
//! fell from 8.3 to 5.7 in a million exponential scores. Excesses that are all equal would end the
//! tail at once; γ is not below -10.
//!
//! A tail of 1e-4 rests on few excesses: of 1,000 scores, 20. Exponential scores then exceed z about
//! ten times as often as the risk says (mean of ten streams of a million), and 1.2 times after a
//! calibration of 50,000. [`Alarm`](crate::alarm) keeps its rate better: it knows the tails of many
//! streams.
//!
//! Cost per score: a comparison; of an excess, two passes over `C`, an exponential and a logarithm;
//! while calibrating, two passes over the largest scores. With 64 excesses 60 instructions on
//! Cortex-M4F, and 720 for an excess (`opt-level` 3).

mod settings;
mod snapshot;
#[cfg(test)]
mod tests;

pub use settings::{Rules, Settings};

use super::{compared, warming};
use crate::assessment::Assessment;
use crate::math::{abs, exp, ln};

/// Limit of a score's absolute value, so that no square exceeds f32.
const FAR: f32 = 1e15;
/// Largest m²/v: γ = -10.
const SHORTEST: f32 = 21.0;

/// The state of SPOT, for any detector's scores, with the first `C` excesses. 4·C + 20 bytes, all
/// zeros when new.
///
/// ```
/// use bellwether::threshold::spot::{Rules, Settings, SpotThreshold};
/// use bellwether::{Assessment, State};
/// let rules = Rules::<32>::new(Settings::DEFAULT)?;
/// let mut threshold = SpotThreshold::new();
/// let mut assess = |score: f32| {
///     threshold.observe(&rules, Assessment::judged(State::Normal, score, f32::INFINITY))
/// };
/// for k in 0..1000_u32 {
///     let share = (k * 619 % 1000) as f32 / 1000.0; // every thousandth once
///     let score = -(1.0 - share).ln(); // exponential
///     assert_eq!(assess(score).state, State::Warming { left: 1000 - k });
/// }
/// let answer = assess(20.0);
/// assert!(answer.is_anomalous());
/// let expected = 9.2; // -ln(1e-4)
/// assert!((answer.threshold.expect("calibrated") - expected).abs() < 1.5);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SpotThreshold<const C: usize> {
    /// The largest scores while calibrating, oldest first; then the first excesses.
    excesses: [f32; C],
    /// t.
    initial: f32,
    /// z.
    threshold: f32,
    /// n: scores that are not anomalous.
    count: u32,
    /// N: excesses of all time.
    peaks: u32,
    /// Excesses, or largest scores, in memory.
    held: u16,
}

impl<const C: usize> SpotThreshold<C> {
    /// The state before the first score.
    pub const fn new() -> Self {
        Self {
            excesses: [0.0; C],
            initial: 0.0,
            threshold: 0.0,
            count: 0,
            peaks: 0,
            held: 0,
        }
    }

    /// Assesses the score of an answer by this threshold instead of the answer's own, then learns
    /// it. The scores of the calibration are answered as warming. An answer without a score is
    /// returned unchanged and not learned. Scores count as within ±1e15.
    pub fn observe(&mut self, rules: &Rules<C>, answer: Assessment) -> Assessment {
        let Some(score) = answer.score.filter(|score| !score.is_nan()) else {
            return answer;
        };
        let left = rules.calibration.saturating_sub(self.count);
        let score = score.clamp(-FAR, FAR);
        if left > 0 {
            self.calibrate(rules, score);
            return warming(answer, left);
        }
        let threshold = self.threshold;
        if score <= threshold {
            self.count = self.count.saturating_add(1);
            if score > self.initial {
                self.keep(score - self.initial);
                self.fit(rules);
            }
        }
        compared(answer, score, threshold)
    }

    /// z, the threshold for the next score; `None` while calibrating.
    pub const fn threshold(&self, rules: &Rules<C>) -> Option<f32> {
        if self.count < rules.calibration {
            None
        } else {
            Some(self.threshold)
        }
    }

    /// t, the threshold of excesses; `None` while calibrating.
    pub const fn initial(&self, rules: &Rules<C>) -> Option<f32> {
        if self.count < rules.calibration {
            None
        } else {
            Some(self.initial)
        }
    }

    /// Keeps the largest scores in the order of time, one more than there will be excesses.
    fn calibrate(&mut self, rules: &Rules<C>, score: f32) {
        self.count = self.count.saturating_add(1);
        let held = usize::from(self.held);
        let least = self.least();
        if self.held <= rules.excesses {
            if let Some(place) = self.excesses.get_mut(held) {
                *place = score;
                self.held += 1;
            }
        } else if score > least {
            // The newest goes to the end, those before it move up, the least leaves.
            let mut carried = score;
            for place in self.excesses.iter_mut().take(held).rev() {
                core::mem::swap(place, &mut carried);
                if carried == least {
                    break;
                }
            }
        }
        if self.count >= rules.calibration {
            self.begin(rules);
        }
    }

    /// The least of the values in memory.
    fn least(&self) -> f32 {
        let held = self.excesses.iter().take(self.held.into());
        held.fold(f32::INFINITY, |least, value| least.min(*value))
    }

    /// Turns the largest scores into excesses above the least of them.
    fn begin(&mut self, rules: &Rules<C>) {
        self.initial = self.least();
        let scores = core::mem::replace(&mut self.excesses, [0.0; C]);
        let scores = scores.iter().take(self.held.into());
        self.held = 0;
        for score in scores {
            // Ties with t are no excesses.
            if *score > self.initial {
                self.keep(score - self.initial);
            }
        }
        self.fit(rules);
    }

    /// Counts an excess, and keeps it if there is room.
    fn keep(&mut self, excess: f32) {
        if let Some(place) = self.excesses.get_mut(usize::from(self.held)) {
            *place = excess;
            self.held += 1;
        }
        self.peaks = self.peaks.saturating_add(1);
    }

    /// Computes z.
    fn fit(&mut self, rules: &Rules<C>) {
        let held = f32::from(self.held);
        let excesses = || self.excesses.iter().take(self.held.into());
        let mean = excesses().sum::<f32>() / held;
        let square = |excess: &f32| (excess - mean) * (excess - mean);
        let variance = excesses().map(square).sum::<f32>() / (held - 1.0);
        // Without a variance infinite or NaN, which both give the shortest tail.
        let ratio = (mean * mean / variance).min(SHORTEST);
        let shape = 0.5 * (1.0 - ratio);
        let scale = 0.5 * mean * (ratio + 1.0);
        let exceeded = rules.risk * self.count as f32 / self.peaks as f32;
        let far = -ln(exceeded.min(1.0));
        let reach = scale * far * growth(shape * far);
        // NaN without excesses: then t itself is the threshold.
        self.threshold = self.initial + reach.max(0.0);
    }
}

/// (exp(y) - 1)/y, within 1e-5 relative.
fn growth(y: f32) -> f32 {
    if abs(y) < 0.02 {
        1.0 + y * (0.5 + y * (1.0 / 6.0))
    } else {
        (exp(y) - 1.0) / y
    }
}

impl<const C: usize> Default for SpotThreshold<C> {
    fn default() -> Self {
        Self::new()
    }
}
