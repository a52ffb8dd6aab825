//! Scaling from a variable's unit to the network's, and back.

use super::ModelError;
use super::bytes::{f32_at, is_scale, require};

/// Bytes of a scale.
pub const SCALE_BYTES: usize = 12;

/// The scaling of one feature: `(x - offset) / divisor`. In min-max scaling these are minimum and
/// range, in standardisation mean and standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scale {
    /// Subtrahend, in the feature's unit.
    pub offset: f32,
    /// Divisor, in the feature's unit; normal, above 0.
    pub divisor: f32,
    /// Mean of the training data, in the feature's unit. It replaces a missing value, at first: see
    /// `Autoencoder::assess`.
    pub mean: f32,
}

impl Scale {
    /// No scaling; 0 replaces a missing value.
    pub const IDENTITY: Self = Self {
        offset: 0.0,
        divisor: 1.0,
        mean: 0.0,
    };

    /// Converts into the network's unit.
    pub fn apply(&self, x: f32) -> f32 {
        (x - self.offset) / self.divisor
    }

    /// Converts back into the feature's unit.
    pub fn invert(&self, scaled: f32) -> f32 {
        scaled * self.divisor + self.offset
    }

    pub(super) fn get(bytes: &[u8], at: usize) -> Self {
        Self {
            offset: f32_at(bytes, at),
            divisor: f32_at(bytes, at + 4),
            mean: f32_at(bytes, at + 8),
        }
    }

    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, ModelError> {
        let scale = Self::get(bytes, at);
        require(scale.offset.is_finite(), at)?;
        require(is_scale(scale.divisor), at + 4)?;
        require(scale.mean.is_finite(), at + 8)?;
        Ok(scale)
    }
}
