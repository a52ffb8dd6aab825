//! Scores, and the thresholds an exporter calibrated for them.

use super::ModelError;
use super::bytes::{chunk, f32_at, require, u8_at, u32_at};

/// Bytes of a threshold.
pub const THRESHOLD_BYTES: usize = 16;

/// How the errors of a reconstruction become one number. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Score {
    /// Mean of the absolute errors.
    MeanAbsolute,
    /// Largest absolute error: it names the variable.
    MaxAbsolute,
    /// Mean of the squared errors.
    MeanSquare,
    /// Mean of `(v + (x - μ)²·exp(-v)) / 2` with the expected logarithm of the variance `v`: the
    /// negative logarithm of a normal density, without the constant. May be negative.
    NegativeLogLikelihood,
    /// Squared Euclidean distance of the outputs from the model's centre.
    Distance,
    /// The one output. May be negative.
    Logit,
}

impl Score {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 6] = [
        Self::MeanAbsolute,
        Self::MaxAbsolute,
        Self::MeanSquare,
        Self::NegativeLogLikelihood,
        Self::Distance,
        Self::Logit,
    ];

    /// The code in a model.
    pub const fn code(self) -> u8 {
        match self {
            Self::MeanAbsolute => 0,
            Self::MaxAbsolute => 1,
            Self::MeanSquare => 2,
            Self::NegativeLogLikelihood => 3,
            Self::Distance => 4,
            Self::Logit => 5,
        }
    }

    /// The score as commands and files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MeanAbsolute => "mean-absolute",
            Self::MaxAbsolute => "max-absolute",
            Self::MeanSquare => "mean-square",
            Self::NegativeLogLikelihood => "negative-log-likelihood",
            Self::Distance => "distance",
            Self::Logit => "logit",
        }
    }

    /// Whether it may be negative.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::NegativeLogLikelihood | Self::Logit)
    }
}

/// A score above which (strictly) an input is anomalous, and where it came from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Threshold {
    /// The score that is compared.
    pub score: Score,
    /// The threshold in the scaled units of the network, finite; 0 or more unless the score may
    /// be negative.
    pub value: f32,
    /// The quantile of the calibration scores it was taken at, 0 to 1; 0 where it was set by
    /// hand.
    pub quantile: f32,
    /// Rows it was calibrated on; a quantile of fewer than some hundreds is luck.
    pub rows: u32,
}

impl Threshold {
    /// A threshold set by hand.
    pub const fn by_hand(score: Score, value: f32) -> Self {
        Self {
            score,
            value,
            quantile: 0.0,
            rows: 0,
        }
    }

    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, ModelError> {
        let code = u8_at(bytes, at);
        let score = Score::ALL.into_iter().find(|score| score.code() == code);
        let threshold = Self {
            score: score.ok_or(ModelError::Content { offset: at })?,
            value: f32_at(bytes, at + 4),
            quantile: f32_at(bytes, at + 8),
            rows: u32_at(bytes, at + 12),
        };
        require(chunk(bytes, at + 1) == [0; 3], at + 1)?;
        let possible = threshold.value >= 0.0 || threshold.score.is_signed();
        require(threshold.value.is_finite() && possible, at + 4)?;
        require((0.0..=1.0).contains(&threshold.quantile), at + 8)?;
        Ok(threshold)
    }
}
