//! Min-max scaling of a context.

use super::low_high;
use crate::detector::repad2::CONTEXT;
use serde::{Deserialize, Serialize};

/// Min-max scaling of a context to [0, 1], with the constant rule of the recipe: a range below
/// ten machine epsilons is not scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MinMax {
    factor: f32,
    offset: f32,
}

/// Smallest scaled range.
pub(crate) const FLAT_RANGE: f32 = 10.0 * f32::EPSILON;

impl MinMax {
    pub(crate) const ZERO: Self = Self {
        factor: 0.0,
        offset: 0.0,
    };

    /// The scale of a context.
    pub fn of(context: &[f32; CONTEXT]) -> Self {
        let (low, high) = low_high(context);
        let range = high - low;
        let factor = if range < FLAT_RANGE { 1.0 } else { 1.0 / range };
        Self {
            factor,
            offset: 0.0 - low * factor,
        }
    }

    /// Value to scaled value.
    pub fn scale(&self, value: f32) -> f32 {
        value * self.factor + self.offset
    }

    /// Scaled value to value.
    pub fn restore(&self, scaled: f32) -> f32 {
        (scaled - self.offset) / self.factor
    }
}
