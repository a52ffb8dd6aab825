//! Mean and standard deviation of one variable, learned value by value.
//!
//! ```text
//! mean = 1/n Σ x    s = √(1/n Σ (x - mean)²)    z = (x - mean) / max(s, floor · |mean|, 1e-9)
//! ```
//!
//! Sums are Welford's (1962) in `f64`: f32 loses a spread of 1e-4 of the mean after some thousand rows,
//! f64 keeps every digit that f32 has (tests compare two passes). Additions, products and quotients of
//! f64 have the same bits on every target; a Cortex-M computes them in software.

use crate::error::SnapshotError;
use crate::math::{abs, sqrt};
use crate::wire::snapshot::{Reader, Writer};

/// Smallest deviation of all.
const LEAST: f32 = 1e-9;

/// One variable: a mean, and how far values are from it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Moments {
    pub(crate) mean: f64,
    /// The sum of squared differences from the mean.
    squares: f64,
    /// Values.
    count: u32,
    /// The standard deviation, once learned.
    pub(crate) deviation: f32,
}

impl Moments {
    /// No value yet.
    pub(crate) const NEW: Self = Self {
        mean: 0.0,
        squares: 0.0,
        count: 0,
        deviation: 0.0,
    };

    pub(crate) fn learn(&mut self, x: f32) {
        self.count = self.count.saturating_add(1);
        let before = f64::from(x) - self.mean;
        self.mean += before / f64::from(self.count);
        self.squares += before * (f64::from(x) - self.mean);
    }

    pub(crate) fn finish(&mut self) {
        if self.count > 0 {
            self.deviation = root(self.squares / f64::from(self.count));
        }
    }

    /// The deviation that a difference is measured in; `floor` is a share of the mean.
    pub(crate) fn unit(&self, floor: f32) -> f32 {
        let least = (floor * abs(self.mean as f32)).max(LEAST);
        self.deviation.max(least)
    }

    /// The value in deviations from the mean; `None` if the variable never had a value.
    pub(crate) fn z(&self, x: f32, floor: f32) -> Option<f32> {
        let z = (x - self.mean as f32) / self.unit(floor);
        (self.count > 0).then(|| z.clamp(-f32::MAX, f32::MAX))
    }

    pub(crate) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.mean, self.squares, self.count, self.deviation));
    }

    pub(crate) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (mean, squares, count, deviation) = body.take()?;
        // A mean of f32 values is one; no sum of squares or deviation is below 0 or NaN.
        if !(abs(mean as f32).is_finite() && squares >= 0.0 && deviation >= 0.0) {
            return Err(body.content());
        }
        Ok(Self {
            mean,
            squares,
            count,
            deviation,
        })
    }
}

/// The root of a variance of f32 values: it may exceed what f32 holds, its root does not.
fn root(variance: f64) -> f32 {
    /// 2^-140 and the inverse of its root.
    const DOWN: f64 = f64::from_bits((1023 - 140) << 52);
    const UP: f32 = f32::from_bits((127 + 70) << 23);
    if variance > 1e30 {
        sqrt((variance * DOWN) as f32) * UP
    } else {
        sqrt(variance as f32)
    }
}
