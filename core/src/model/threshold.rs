//! Scores, and thresholds from an exporter's calibration.

use super::ModelError;
use super::bytes::{chunk, f32_at, require, u8_at, u32_at};

/// Bytes of a threshold.
pub const THRESHOLD_BYTES: usize = 16;

/// The reduction of a network's outputs to one number. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Score {
    /// Mean of the absolute errors.
    MeanAbsolute,
    /// Largest absolute error, which belongs to one variable.
    MaxAbsolute,
    /// Mean of the squared errors.
    MeanSquare,
    /// Mean of `(v + (x - μ)²·exp(-v)) / 2` with the predicted log-variance `v`: the negative
    /// logarithm of a normal density, without the constant. May be negative.
    NegativeLogLikelihood,
    /// Squared Euclidean distance of the outputs from the model's centre.
    Distance,
    /// The single output. May be negative.
    Logit,
}

impl Score {
    /// All scores, in the order of their codes.
    pub const ALL: [Self; 6] = [
        Self::MeanAbsolute,
        Self::MaxAbsolute,
        Self::MeanSquare,
        Self::NegativeLogLikelihood,
        Self::Distance,
        Self::Logit,
    ];

    /// The score's code in a model.
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

    /// The score's name in commands and files.
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

    /// Whether the score may be negative.
    pub const fn is_signed(self) -> bool {
        matches!(self, Self::NegativeLogLikelihood | Self::Logit)
    }
}

/// A limit with its origin: an input is anomalous if its score is strictly above the limit.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Threshold {
    /// The compared score.
    pub score: Score,
    /// The threshold in the scaled units of the network, finite; 0 or more unless the score may
    /// be negative.
    pub value: f32,
    /// Its quantile of the calibration scores, 0 to 1; 0 if set by hand.
    pub quantile: f32,
    /// Number of calibration rows. A quantile of fewer than a few hundred rows is luck.
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
