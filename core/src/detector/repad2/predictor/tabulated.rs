//! The training of [`super::FixedSeedLstm`] as a lookup.
//!
//! This is on-line training with a fixed seed, tabulated: nothing is trained on the device.
//!
//! Three min-max scaled values are always {0, s, 1} in some order and the seed is fixed, so
//! the training is one of six functions of s: forecast = low + range · G(s).

use super::min_max::FLAT_RANGE;
use super::tabulated_curves::{CURVES, FLAT, POINTS};
use super::{Fit, Predictor, low_high};
use crate::detector::repad2::CONTEXT;
use serde::{Deserialize, Serialize};

/// Units of a curve's entries.
const UNIT: f32 = 1.0 / 65536.0;

/// A forecast, constant until the next fit. G is within 8e-5 of the real training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TabulatedLstm {
    forecast: f32,
}

/// Row of [`CURVES`] and the middle value, for values that are not all equal.
fn order([a, b, c]: &[f32; CONTEXT], low: f32, high: f32) -> (usize, f32) {
    // Where two orders meet (s = 0 or 1) their curves agree, so ties need no rule.
    if *a == low {
        if *c == high { (0, *b) } else { (1, *c) }
    } else if *b == low {
        if *c == high { (2, *a) } else { (3, *c) }
    } else if *a == high {
        (4, *b)
    } else {
        (5, *a)
    }
}

impl Predictor for TabulatedLstm {
    const NAME: &'static str = "tabulated-lstm";
    type Trainer = ();
    const IDLE: () = ();
    const UNTRAINED: Self = Self { forecast: 0.0 };
    const EPOCHS: u16 = 0;

    fn fit_step(_: &mut (), context: &[f32; CONTEXT], _: &mut u16) -> Fit<Self> {
        let (low, high) = low_high(context);
        let range = high - low;
        if range < FLAT_RANGE {
            return Fit::Done(Self {
                forecast: low + FLAT,
            });
        }
        let (row, middle) = order(context, low, high);
        let place = (middle - low) / range * (POINTS - 1) as f32;
        let left = (place as usize).min(POINTS - 2);
        let entry = |at: usize| {
            CURVES
                .get(row)
                .and_then(|curve| curve.get(at))
                .map_or(0.0, |g| f32::from(*g))
        };
        let (g0, g1) = (entry(left), entry(left + 1));
        let g = (g0 + (g1 - g0) * (place - left as f32)) * UNIT;
        Fit::Done(Self {
            forecast: low + range * g,
        })
    }

    fn predict(&self, _: &[f32; CONTEXT]) -> f32 {
        self.forecast
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::repad2::predictor::{FixedSeedLstm, fit};

    const ORDERS: [fn(f32) -> [f32; 3]; 6] = [
        |s| [0.0, s, 1.0],
        |s| [0.0, 1.0, s],
        |s| [s, 0.0, 1.0],
        |s| [1.0, 0.0, s],
        |s| [1.0, s, 0.0],
        |s| [s, 1.0, 0.0],
    ];

    /// The stated error, on 401 points: broken by a stale or misread table.
    #[test]
    fn curves_are_within_the_stated_error_of_the_training() {
        for (row, order) in ORDERS.into_iter().enumerate() {
            for k in 0..=400 {
                let context = order(k as f32 / 400.0);
                let real = fit::<FixedSeedLstm>(&context).predict(&context);
                let ours = fit::<TabulatedLstm>(&context).predict(&context);
                assert!(
                    (real - ours).abs() < 8e-5,
                    "row {row} s {k}/400: {real} {ours}"
                );
            }
        }
        let flat = fit::<FixedSeedLstm>(&[0.0; 3]).predict(&[0.0; 3]);
        assert!((flat - FLAT).abs() < 1e-6, "{flat}");
    }

    #[test]
    fn hostile_contexts_never_panic() {
        for context in [
            [f32::MAX, f32::MIN, 0.0],
            [f32::MIN_POSITIVE, 0.0, f32::MAX],
            [-0.0, 0.0, 1e-45],
            [f32::MAX; 3],
        ] {
            let _ = fit::<TabulatedLstm>(&context).predict(&context);
        }
    }
}
