//! Limits of a score, from an exporter's rows that were not fitted.

use super::ModelError;
use super::bytes::{f32_at, require, u8_at, u16_at, u32_at};
use super::threshold::Score;
use crate::threshold::surprise::Rules;

/// Bytes of limits.
pub const LIMITS_BYTES: usize = 20;

/// Limits of a score in healthy rows that were not fitted: the surprise by which
/// [`Alarm`](crate::autoencoder::Alarm) judges.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    /// The score.
    pub score: Score,
    /// Its usual value and scale, the rows of holding, and the threshold of the surprise.
    pub rules: Rules,
    /// Number of these rows. Of fewer than 300, the threshold does not rest on them.
    pub rows: u32,
}

impl Limits {
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, ModelError> {
        let code = u8_at(bytes, at);
        let score = Score::ALL.into_iter().find(|score| score.code() == code);
        let score = score.ok_or(ModelError::Content { offset: at })?;
        require(u8_at(bytes, at + 1) == 0, at + 1)?;
        let numbers = [4, 8, 12].map(|offset| f32_at(bytes, at + offset));
        let [usual, scale, threshold] = numbers;
        let rules = Rules::new(usual, scale, u16_at(bytes, at + 2), threshold);
        Ok(Self {
            score,
            rules: rules.map_err(|_| ModelError::Content { offset: at + 2 })?,
            rows: u32_at(bytes, at + 16),
        })
    }
}
