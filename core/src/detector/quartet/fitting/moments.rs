//! Mean and deviation of a variable and of its differences, row by row (Welford, 1962). In `f64`: squares of
//! `f32` values overflow `f32`, and a large mean would swallow a small deviation.

use crate::math::root;
use crate::quartet::floored;
use serde::{Deserialize, Serialize};

/// Mean and sum of squared differences from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Sums {
    mean: f64,
    squares: f64,
}

impl Sums {
    const NONE: Self = Self {
        mean: 0.0,
        squares: 0.0,
    };

    fn take(&mut self, x: f64, count: u32) {
        let before = x - self.mean;
        self.mean += before / f64::from(count);
        self.squares += before * (x - self.mean);
    }

    fn is_whole(&self) -> bool {
        self.mean.is_finite() && self.squares >= 0.0 && self.squares.is_finite()
    }
}

/// The moments of one variable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(in crate::detector) struct Moments {
    value: Sums,
    step: Sums,
    pub last: f32,
    /// Rows since the first value, it included.
    count: u32,
}

/// Numbers of one variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::detector) struct Scale {
    pub mean: f32,
    pub inv_deviation: f32,
    pub inv_difference: f32,
}

impl Moments {
    pub(in crate::detector) const NONE: Self = Self {
        value: Sums::NONE,
        step: Sums::NONE,
        last: 0.0,
        count: 0,
    };

    pub(in crate::detector) fn has_value(&self) -> bool {
        self.count > 0
    }

    /// Takes the next value; a missing one is the last again.
    pub(in crate::detector) fn take(&mut self, reading: Option<f32>) {
        let before = if self.has_value() {
            Some(self.last)
        } else {
            None
        };
        let Some(x) = reading.or(before) else { return };
        self.count = self.count.saturating_add(1);
        let step = before.map_or(0.0, |last| f64::from(x) - f64::from(last));
        self.value.take(x.into(), self.count);
        self.step.take(step, self.count);
        self.last = x;
    }

    /// Zeros for a variable without a value, which is ignored.
    pub(in crate::detector) fn scale(&self) -> Scale {
        let n = f64::from(self.count.max(1));
        let deviation = |sums: &Sums| root(sums.squares / n);
        let (deviation, difference) = floored(
            self.value.mean,
            deviation(&self.value),
            deviation(&self.step),
        );
        let inverse = |x: f64| {
            if self.has_value() {
                (1.0 / x) as f32
            } else {
                0.0
            }
        };
        Scale {
            mean: self.value.mean as f32,
            inv_deviation: inverse(deviation),
            inv_difference: inverse(difference),
        }
    }

    pub(in crate::detector) fn is_whole(&self) -> bool {
        self.value.is_whole() && self.step.is_whole() && self.last.is_finite()
    }
}
