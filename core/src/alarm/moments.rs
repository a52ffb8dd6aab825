//! A running mean and variance of a score.
//!
//! ```text
//! d = x - mean, limited by the caller;  mean += a·d;  variance += a·(d² - variance)
//! a = max(1/(N + 1), 1/2000), N the rows learned: 500 to 5,000 rows of memory did equally well
//! ```
//!
//! d is from the mean before this row, in both sums.

use crate::error::SnapshotError;
use crate::math::sqrt;
use crate::wire::snapshot::{Reader, Writer};

/// Rows of memory.
pub(super) const MEMORY: u16 = 2000;
/// Limit of a score's absolute value, so that no square exceeds f32.
pub(super) const FAR: f32 = 1e6;
/// Limits of what can be learned: twice those of scores, for rounding.
const FAR_MEAN: f32 = 2.0 * FAR;
const WIDEST: f32 = FAR_MEAN * FAR_MEAN * 2.0;

/// Weight of a row after `learned` others.
pub(super) fn weight(learned: u16) -> f32 {
    1.0 / f32::from(learned.saturating_add(1).min(MEMORY))
}

/// Mean and variance. 8 bytes, all zeros when new.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Moments {
    pub mean: f32,
    variance: f32,
}

impl Moments {
    pub const fn new() -> Self {
        Self {
            mean: 0.0,
            variance: 0.0,
        }
    }

    /// √(variance + floor²).
    pub fn deviation(&self, floor: f32) -> f32 {
        sqrt(self.variance + floor * floor)
    }

    /// Learns a difference from the mean.
    pub fn learn(&mut self, difference: f32, weight: f32) {
        self.mean += weight * difference;
        self.variance += weight * (difference * difference - self.variance);
    }

    pub fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.mean, self.variance));
    }

    pub fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (mean, variance) = body.take()?;
        if !((-FAR_MEAN..=FAR_MEAN).contains(&mean) && (0.0..=WIDEST).contains(&variance)) {
            return Err(body.content());
        }
        Ok(Self { mean, variance })
    }
}
