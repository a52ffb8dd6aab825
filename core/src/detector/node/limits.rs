//! The limits of the four lanes, which follow slowly upward, and the score that they make.
//!
//! ```text
//! g_k    = g_k + 0.0009 where lane_k > u_k e^g_k, else g_k - 0.0001     0 <= g_k <= ln 3
//! s_k    = ln(1 + (lane_k - u_k e^g_k)+ / (c_k e^g_k))                  s_5 = the factor lane's
//! onset  = mean of the five surprises; held, score as a quartet
//! ```
//!
//! `u` is the 0.9 quantile of a lane in rows that were not fitted, so that `g` stands still where a lane is
//! beyond its limit in a tenth of the rows; `c` is four times the mean excess. Steps are integers: no rounding
//! adds up.

use crate::detector::quartet::surprise::{Calibration, LANES, ln};
use crate::error::SnapshotError;
use crate::math::exp;
use crate::statistics::held::Held;
use crate::wire::snapshot::{Reader, Writer};

/// A step of g.
const STEP: f32 = 1e-4;
/// Steps up where a lane is beyond its limit, and down where it is not.
const UP: u16 = 9;
const DOWN: u16 = 1;
/// Steps of ln 3.
const MOST: u16 = 10_986;
/// Smallest limit.
pub(super) const LEAST: f32 = 1e-4;
/// Lanes, the factor lane included.
const ALL: f32 = LANES as f32 + 1.0;

/// Limits and what is held.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Limits {
    pub calibration: Calibration,
    pub held: Held,
    /// Score above which a row is anomalous.
    pub threshold: f32,
    /// Rows that limits and threshold come from.
    pub held_out: u32,
    /// g in steps.
    grown: [u16; LANES],
}

/// e to the power of some steps.
fn growth(steps: u16) -> f32 {
    if steps == 0 {
        1.0
    } else {
        exp(f32::from(steps) * STEP)
    }
}

impl Limits {
    pub(super) const NONE: Self = Self {
        calibration: Calibration {
            usual: [0.0; LANES],
            inv_scale: [0.0; LANES],
        },
        held: Held::NONE,
        threshold: 0.0,
        held_out: 0,
        grown: [0; LANES],
    };

    /// Takes back what followed and what is held.
    pub(super) fn begin(&mut self) {
        self.grown = [0; LANES];
        self.held.value = 0.0;
    }

    /// Takes a row's lanes and the largest excess of a variable: the onset, and what is held.
    pub(super) fn take(&mut self, lanes: [f32; LANES], excess: f32, follow: bool) -> (f32, f32) {
        let mut grown = self.calibration;
        let limits = grown.usual.iter_mut().zip(&mut grown.inv_scale);
        for ((steps, lane), (usual, inv_scale)) in self.grown.iter_mut().zip(lanes).zip(limits) {
            *steps = if !follow {
                0
            } else if lane > *usual * growth(*steps) {
                (*steps + UP).min(MOST)
            } else {
                steps.saturating_sub(DOWN)
            };
            let growth = growth(*steps);
            *usual *= growth;
            *inv_scale /= growth;
        }
        let product = grown.factors(lanes).into_iter();
        let product = product.fold(1.0 + excess, |product, factor| product * factor);
        let onset = ln(product) / ALL;
        (onset, self.held.take(onset))
    }

    /// How far the limit of each lane has followed: 1 to 3.
    pub(super) fn growth(&self) -> [f32; LANES] {
        self.grown.map(growth)
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.calibration.usual, self.calibration.inv_scale));
        body.put(&(self.held.value, self.threshold, self.held_out, self.grown));
    }

    /// Reads limits; how long a score is held follows from the fit.
    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (usual, inv_scale) = body.take()?;
        let (held, threshold, held_out, grown): (f32, f32, u32, [u16; LANES]) = body.take()?;
        let mut saved = Self {
            calibration: Calibration { usual, inv_scale },
            threshold,
            held_out,
            grown,
            ..Self::NONE
        };
        saved.held.value = held;
        let whole = saved.calibration.is_whole()
            && (held.is_finite() && held >= 0.0)
            && (threshold.is_finite() && threshold > 0.0)
            && grown.iter().all(|steps| *steps <= MOST);
        if whole {
            Ok(saved)
        } else {
            Err(body.content())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            calibration: Calibration {
                usual: [1.0; LANES],
                inv_scale: [0.5; LANES],
            },
            held: Held::new(64),
            threshold: 2.0,
            ..Limits::NONE
        }
    }

    /// By hand: nine steps up per row, at most ln 3, and one down.
    #[test]
    fn a_limit_follows_upward_to_three_times_and_slowly_back() {
        let mut limits = limits();
        let rows = |limits: &mut Limits, lane: f32, count: u32| {
            for _ in 0..count {
                limits.take([lane, 0.0, 0.0, 0.0], 0.0, true);
            }
        };
        rows(&mut limits, 9.0, 100);
        assert_eq!(limits.grown, [900, 0, 0, 0]);
        rows(&mut limits, 9.0, 2_000);
        assert_eq!(limits.grown[0], MOST);
        assert!((limits.growth()[0] - 3.0).abs() < 1e-3);
        rows(&mut limits, 0.0, 986);
        assert_eq!(limits.grown[0], 10_000);
        rows(&mut limits, 0.0, 20_000);
        assert_eq!(limits.grown[0], 0);
    }

    /// By hand: excesses of one and three scales, and a variable of one: ln 2, 2 ln 2, ln 2, of five lanes.
    #[test]
    fn the_onset_is_the_mean_of_five_surprises() {
        let mut limits = limits();
        let growth = growth(UP);
        let (onset, held) = limits.take([3.0 * growth, 7.0 * growth, 0.5, 1.0], 1.0, true);
        assert!(
            (onset - 4.0 * core::f32::consts::LN_2 / 5.0).abs() < 1e-6,
            "{onset}"
        );
        assert_eq!(onset, held);
    }
}
