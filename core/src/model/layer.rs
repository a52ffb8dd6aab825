//! Layers: records of the layer table, and views of their weights where they lie.

use super::bytes::{block, chunk, i16_at, is_scale, require, u8_at, u16_at, u32_at};
use super::header::aligned;
use super::{Grid, ModelError, bytes::f32_at};

/// Bytes of a record of the layer table.
pub const LAYER_BYTES: usize = 32;
const DENSE: u8 = 1;

/// What follows a layer's sums. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Activation {
    /// Nothing but the limits of int8.
    Linear,
    /// max(0, x): clamped at the zero point.
    Relu,
    /// Clamped between two points, as ReLU6 is.
    Clamp,
}

impl Activation {
    /// The activation as one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Relu => "relu",
            Self::Clamp => "clamp",
        }
    }
}

/// One layer of a network.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Layer<'m> {
    /// Every output from every input.
    Dense(Dense<'m>),
}

/// A dense layer: `clamp(R((b_o + sum_i w_oi·x_i) · M_o) + zero point, low, high)`, with the
/// zero point of the input folded into the bias `b_o`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dense<'m> {
    /// Values it takes, at least 1.
    pub inputs: usize,
    /// Values it gives, at least 1.
    pub outputs: usize,
    /// What its outputs mean.
    pub output: Grid,
    /// What follows the sums.
    pub activation: Activation,
    /// Smallest output.
    pub low: i8,
    /// Largest output, not below the smallest.
    pub high: i8,
    biases: &'m [u8],
    multipliers: &'m [u8],
    weights: &'m [u8],
}

impl<'m> Dense<'m> {
    /// One bias per output, little-endian.
    pub fn biases(&self) -> &'m [[u8; 4]] {
        self.biases.as_chunks().0
    }

    /// One multiplier, or one per output: (31-bit multiplier, shift), each i32 little-endian.
    pub fn multipliers(&self) -> &'m [[u8; 8]] {
        self.multipliers.as_chunks().0
    }

    /// Weights as two's complement bytes, output by output.
    pub const fn weights(&self) -> &'m [u8] {
        self.weights
    }

    /// Whether each output has a multiplier of its own.
    pub const fn per_channel(&self) -> bool {
        self.multipliers.len() > 8
    }

    /// Reads the record at `at` without checking it.
    fn get(bytes: &'m [u8], at: usize) -> Self {
        let inputs = usize::from(u16_at(bytes, at + 4));
        let outputs = usize::from(u16_at(bytes, at + 6));
        let per_output = u8_at(bytes, at + 2) == 1;
        let offset = u32_at(bytes, at + 16) as usize;
        let sizes = Sizes::of(inputs, outputs, per_output);
        let multipliers_at = offset.saturating_add(sizes.biases);
        let weights_at = multipliers_at.saturating_add(sizes.multipliers);
        let [low] = chunk(bytes, at + 10);
        let [high] = chunk(bytes, at + 11);
        Self {
            inputs,
            outputs,
            output: Grid {
                zero_point: i16_at(bytes, at + 8),
                scale: f32_at(bytes, at + 12),
            },
            activation: match u8_at(bytes, at + 1) {
                0 => Activation::Linear,
                1 => Activation::Relu,
                _ => Activation::Clamp,
            },
            low: i8::from_le_bytes([low]),
            high: i8::from_le_bytes([high]),
            biases: block(bytes, offset, sizes.biases),
            multipliers: block(bytes, multipliers_at, sizes.multipliers),
            weights: block(bytes, weights_at, sizes.weights),
        }
    }

    /// The first output whose sum could leave 32 bits for some int8 input. `inputs·outputs`
    /// steps, once.
    fn unprovable(&self) -> Option<usize> {
        let mut rows = self.weights;
        self.biases().iter().position(|bias| {
            let (row, rest) = rows.split_at_checked(self.inputs).unwrap_or_default();
            rows = rest;
            let bias = i64::from(i32::from_le_bytes(*bias));
            let (mut least, mut most) = (bias, bias);
            for &weight in row {
                let weight = i64::from(weight.cast_signed());
                let (a, b) = (weight * -128, weight * 127);
                least += a.min(b);
                most += a.max(b);
            }
            least < i64::from(i32::MIN) || most > i64::from(i32::MAX)
        })
    }
}

/// Bytes of a dense layer's three arrays.
#[derive(Clone, Copy)]
struct Sizes {
    biases: usize,
    multipliers: usize,
    weights: usize,
}

impl Sizes {
    /// Saturates, so that an impossible size fits no model.
    const fn of(inputs: usize, outputs: usize, per_output: bool) -> Self {
        Self {
            biases: 4 * outputs,
            multipliers: if per_output { 8 * outputs } else { 8 },
            weights: inputs.saturating_mul(outputs),
        }
    }

    const fn total(self) -> usize {
        (self.biases + self.multipliers).saturating_add(self.weights)
    }
}

/// The layer of a checked model.
pub(super) fn get(bytes: &[u8], at: usize) -> Layer<'_> {
    Layer::Dense(Dense::get(bytes, at))
}

/// Checks layer `index`, whose record is at `at` and whose block must begin at `start` and end
/// before `limit`; returns it and where its block ends.
pub(super) fn read(
    bytes: &[u8],
    (index, at): (usize, usize),
    start: usize,
    limit: usize,
) -> Result<(Dense<'_>, usize), ModelError> {
    let kind = u8_at(bytes, at);
    if kind != DENSE {
        return Err(ModelError::LayerKind {
            layer: index,
            found: kind,
        });
    }
    let dense = Dense::get(bytes, at);
    let (low, high) = (i16::from(dense.low), i16::from(dense.high));
    let zero_point = dense.output.zero_point;
    require((-128..=127).contains(&zero_point), at + 8)?;
    require(
        match u8_at(bytes, at + 1) {
            0 => (low, high) == (-128, 127),
            1 => (low, high) == (zero_point, 127),
            2 => low <= high,
            _ => false,
        },
        at + 1,
    )?;
    require(u8_at(bytes, at + 2) <= 1, at + 2)?;
    require(u8_at(bytes, at + 3) == 0, at + 3)?;
    require(dense.inputs > 0, at + 4)?;
    require(dense.outputs > 0, at + 6)?;
    require(is_scale(dense.output.scale), at + 12)?;
    let offset = aligned(start);
    let length = Sizes::of(dense.inputs, dense.outputs, u8_at(bytes, at + 2) == 1).total();
    let end = offset.saturating_add(length);
    require(u32_at(bytes, at + 16) as usize == offset, at + 16)?;
    require(u32_at(bytes, at + 20) as usize == length, at + 20)?;
    require(end <= limit, at + 20)?;
    require(chunk(bytes, at + 24) == [0; 8], at + 24)?;
    padding(bytes, start, offset)?;
    for (k, multiplier) in dense.multipliers().iter().enumerate() {
        let (q31, shift) = multiplier_of(*multiplier);
        let normal = q31 == 0 || q31 >= 1 << 30;
        let here = offset + 4 * dense.outputs + 8 * k;
        require(normal && (-31..=0).contains(&shift), here)?;
    }
    match dense.unprovable() {
        None => Ok((dense, end)),
        Some(output) => Err(ModelError::Accumulator {
            layer: index,
            output,
        }),
    }
}

/// (31-bit multiplier, shift) of an entry of [`Dense::multipliers`].
pub(crate) const fn multiplier_of(bytes: [u8; 8]) -> (i32, i32) {
    let [a, b, c, d, e, f, g, h] = bytes;
    (
        i32::from_le_bytes([a, b, c, d]),
        i32::from_le_bytes([e, f, g, h]),
    )
}

/// Bytes between blocks are zeros.
pub(super) fn padding(bytes: &[u8], from: usize, to: usize) -> Result<(), ModelError> {
    let between = block(bytes, from, to.saturating_sub(from));
    match between.iter().position(|&byte| byte != 0) {
        None => Ok(()),
        Some(k) => Err(ModelError::Content { offset: from + k }),
    }
}
