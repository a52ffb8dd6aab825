//! The header of a model: its first 96 bytes, and the offsets of all other parts.

use super::bytes::{i16_at, is_scale, require, u8_at, u16_at, u32_at};
use super::threshold::THRESHOLD_BYTES;
use super::{FrontEnd, layer::LAYER_BYTES, limits::LIMITS_BYTES, scaler::SCALE_BYTES};
use super::{ModelError, QuantParams, Rounding, Score, bytes::f32_at};
use crate::threshold::ema;
use crate::vote::k_of_n;

/// Bytes of the header.
pub const HEADER_BYTES: usize = 96;
/// Bytes of the checksum that ends a model.
pub const CHECKSUM_BYTES: usize = 4;
/// Bytes of a signature (Ed25519), if there is one.
pub const SIGNATURE_BYTES: usize = 64;
/// Alignment of the layers' blocks.
pub const BLOCK_ALIGNMENT: usize = 16;

/// Offset of the arena's size: see [`arena_len`](super::arena_len).
pub(super) const FEATURES_AT: usize = 16;
pub(super) const WINDOW_AT: usize = 18;
pub(super) const ROOM_AT: usize = 22;
pub(super) const LENGTH_AT: usize = 8;
/// Offset of the flag for a signature: 1 if there is one.
pub(super) const SIGNED_AT: usize = 25;
const RESERVED_AT: usize = 38;
const TRAINING_AT: usize = 40;
const SECOND_SCALE_AT: usize = 72;
const MAX_LOG_VARIANCE_AT: usize = 76;
const BITS_AT: usize = 80;
const CONFIRM_AT: usize = 81;
const MOVING_AT: usize = 83;
/// Offset of the flag for limits: 1 if there are some.
const LIMITED_AT: usize = 88;
/// Offset of the flag for a front end: 1 if there is one.
const FRONTED_AT: usize = 89;
const TAIL_AT: usize = 90;

/// The meaning of a network's outputs. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Head {
    /// Outputs without a score: the caller reads them.
    Outputs,
    /// A reconstruction of the last inputs.
    Reconstruction,
    /// A reconstruction, followed by the predicted log-variance of each value: a variational
    /// autoencoder with the mean as its latent code.
    Likelihood,
    /// A point near the model's centre for healthy inputs (Deep SVDD, Ruff et al. 2018).
    Distance,
    /// One number, larger for anomalies: a discriminator (SimpleNet, Liu et al. 2023).
    Logit,
}

impl Head {
    /// The head as one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outputs => "outputs",
            Self::Reconstruction => "reconstruction",
            Self::Likelihood => "likelihood",
            Self::Distance => "distance",
            Self::Logit => "logit",
        }
    }

    /// All heads, in the order of their codes.
    pub const ALL: [Self; 5] = [
        Self::Outputs,
        Self::Reconstruction,
        Self::Likelihood,
        Self::Distance,
        Self::Logit,
    ];

    /// The head's code in a model.
    pub const fn code(self) -> u8 {
        match self {
            Self::Outputs => 0,
            Self::Reconstruction => 1,
            Self::Likelihood => 2,
            Self::Distance => 3,
            Self::Logit => 4,
        }
    }

    /// The scores of its outputs.
    pub const fn scores(self) -> &'static [Score] {
        const ERRORS: &[Score] = &[Score::MeanAbsolute, Score::MaxAbsolute, Score::MeanSquare];
        const LIKELIHOOD: &[Score] = &[
            Score::MeanAbsolute,
            Score::MaxAbsolute,
            Score::MeanSquare,
            Score::NegativeLogLikelihood,
        ];
        match self {
            Self::Outputs => &[],
            Self::Reconstruction => ERRORS,
            Self::Likelihood => LIKELIHOOD,
            Self::Distance => &[Score::Distance],
            Self::Logit => &[Score::Logit],
        }
    }
}

/// The header's fields.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Header {
    pub(super) rounding: Rounding,
    pub(super) head: Head,
    pub(super) layers: usize,
    pub(super) thresholds: usize,
    pub(super) features: usize,
    pub(super) window: usize,
    pub(super) outputs: usize,
    pub(super) room: usize,
    pub(super) limited: bool,
    pub(super) fronted: bool,
    pub(super) scaled: bool,
    pub(super) signed: bool,
    pub(super) input: QuantParams,
    pub(super) names_length: usize,
    pub(super) saturation_limit: Option<u16>,
    pub(super) second_scale: f32,
    pub(super) max_log_variance: f32,
    pub(super) confirm: Option<k_of_n::Rules>,
    pub(super) moving: Option<ema::Rules>,
}

impl Header {
    /// Reads the fields from bytes with a matching checksum, and checks each on its own.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let count = |at| {
            let found = usize::from(u16_at(bytes, at));
            require(found > 0, at).map(|()| found)
        };
        let flag = |at| match u8_at(bytes, at) {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(ModelError::Content { offset: at }),
        };
        let rounding = Rounding::from_code(u8_at(bytes, 6));
        let head = Head::ALL.get(usize::from(u8_at(bytes, 7))).copied();
        let head = head.ok_or(ModelError::Content { offset: 7 })?;
        let zero_point = i16_at(bytes, 26);
        let scale = f32_at(bytes, 28);
        let wide = wide_at(bytes, BITS_AT)?;
        let input = QuantParams {
            scale,
            zero_point,
            wide,
        };
        require(input.holds_its_zero(), 26)?;
        require(is_scale(scale), 28)?;
        require(u16_at(bytes, RESERVED_AT) == 0, RESERVED_AT)?;
        require(super::bytes::chunk(bytes, TAIL_AT) == [0; 6], TAIL_AT)?;
        let second_scale = f32_at(bytes, SECOND_SCALE_AT);
        let max_log_variance = f32_at(bytes, MAX_LOG_VARIANCE_AT);
        if head == Head::Likelihood {
            require(is_scale(second_scale), SECOND_SCALE_AT)?;
            require(!max_log_variance.is_nan(), MAX_LOG_VARIANCE_AT)?;
        } else {
            require(second_scale.to_bits() == 0, SECOND_SCALE_AT)?;
            require(max_log_variance.to_bits() == 0, MAX_LOG_VARIANCE_AT)?;
        }
        let [k, n] = super::bytes::chunk(bytes, CONFIRM_AT);
        let confirm = match (k, n) {
            (0, 0) => None,
            _ => Some(
                k_of_n::Rules::new(k, n).map_err(|_| ModelError::Content { offset: CONFIRM_AT })?,
            ),
        };
        let [shift, length, zero] = super::bytes::chunk(bytes, MOVING_AT);
        let latch = u16_at(bytes, MOVING_AT + 3);
        require(zero == 0, MOVING_AT + 2)?;
        let moving = match (shift, length, latch) {
            (0, 0, 0) => None,
            _ => {
                let moving = ema::Rules::new(shift, length, latch);
                Some(moving.map_err(|_| ModelError::Content { offset: MOVING_AT })?)
            }
        };
        let limit = u16_at(bytes, 36);
        Ok(Self {
            rounding: rounding.ok_or(ModelError::Content { offset: 6 })?,
            head,
            layers: count(12)?,
            thresholds: usize::from(u16_at(bytes, 14)),
            features: count(FEATURES_AT)?,
            window: count(WINDOW_AT)?,
            outputs: count(20)?,
            room: count(ROOM_AT)?,
            limited: flag(LIMITED_AT)?,
            fronted: flag(FRONTED_AT)?,
            scaled: flag(24)?,
            signed: flag(SIGNED_AT)?,
            input,
            names_length: u32_at(bytes, 32) as usize,
            saturation_limit: (limit != u16::MAX).then_some(limit),
            second_scale,
            max_log_variance,
            confirm,
            moving,
        })
    }

    /// Number of inputs. Both factors fit 16 bits; so does the product, by the first layer's shape.
    pub(super) const fn inputs(&self) -> usize {
        self.features.saturating_mul(self.window)
    }

    pub(super) const fn layer_at(index: usize) -> usize {
        HEADER_BYTES + index * LAYER_BYTES
    }

    pub(super) const fn thresholds_at(&self) -> usize {
        Self::layer_at(self.layers)
    }

    pub(super) const fn limits_at(&self) -> usize {
        self.thresholds_at() + self.thresholds * THRESHOLD_BYTES
    }

    pub(super) const fn scaler_at(&self) -> usize {
        self.limits_at() + if self.limited { LIMITS_BYTES } else { 0 }
    }

    pub(super) const fn centre_at(&self) -> usize {
        let scales = if self.scaled { self.features } else { 0 };
        self.scaler_at() + scales * SCALE_BYTES
    }

    pub(super) const fn front_end_at(&self) -> usize {
        let centre = match self.head {
            Head::Distance => self.outputs,
            _ => 0,
        };
        self.centre_at() + 4 * centre
    }

    pub(super) const fn names_at(&self) -> usize {
        let section = if self.fronted {
            FrontEnd::length(self.features)
        } else {
            0
        };
        self.front_end_at() + section
    }

    /// Number of outputs that are compared with inputs.
    pub(super) const fn reconstructed(&self) -> usize {
        match self.head {
            Head::Reconstruction => self.outputs,
            Head::Likelihood => self.outputs / 2,
            _ => 0,
        }
    }

    pub(super) const fn names_end(&self) -> usize {
        self.names_at().saturating_add(self.names_length)
    }

    /// Bytes behind the last block.
    pub(super) const fn tail(&self) -> usize {
        CHECKSUM_BYTES + if self.signed { SIGNATURE_BYTES } else { 0 }
    }
}

/// Whether values have 16 bits: the byte at `at` is 16, else 8.
pub(super) fn wide_at(bytes: &[u8], at: usize) -> Result<bool, ModelError> {
    match u8_at(bytes, at) {
        8 => Ok(false),
        16 => Ok(true),
        _ => Err(ModelError::Content { offset: at }),
    }
}

/// The digest of the training data, as given to the exporter; zeros if unknown.
pub(super) fn training(bytes: &[u8]) -> [u8; 32] {
    super::bytes::chunk(bytes, TRAINING_AT)
}

/// The next multiple of [`BLOCK_ALIGNMENT`].
pub(super) const fn aligned(at: usize) -> usize {
    at.saturating_add(BLOCK_ALIGNMENT - 1) & !(BLOCK_ALIGNMENT - 1)
}
