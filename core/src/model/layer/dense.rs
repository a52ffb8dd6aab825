//! Dense layers: every output from every input.

use super::record::Record;
use super::{Arriving, Shape};
use crate::model::bytes::{block, require};
use crate::model::{ModelError, QuantParams, Rounding};

/// The code in a record.
pub(super) const KIND: u8 = 1;

/// The function after a layer's sums. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Activation {
    /// The limits of the grid only.
    Linear,
    /// max(0, x): clamped at the zero point.
    Relu,
    /// Clamped between two points, as in ReLU6.
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

/// The order of a layer's weights. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Order {
    /// Output by output, as in frameworks.
    Rows,
    /// Tiles of four outputs and four inputs, as kernels take them: see
    /// `docs/formats/model-blob.md`.
    Tiles,
}

impl Order {
    /// The order as one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Tiles => "tiles",
        }
    }
}

/// Outputs and inputs of a tile.
pub(crate) const TILE: usize = 4;
/// Offset of the first and third weight in a row of a tile, and of the second and fourth input if
/// inputs have 8 bits: it makes both non-negative.
pub(crate) const TILE_OFFSET: i16 = 128;

/// A dense layer: `clamp(R((b_o + sum_i w_oi·x_i) · M_o) + zero point, low, high)`, with the
/// zero point of the input folded into the bias `b_o`.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Dense<'m> {
    /// Number of inputs, at least 1.
    pub inputs: usize,
    /// Number of outputs, at least 1.
    pub outputs: usize,
    /// The grid of the outputs.
    pub output: QuantParams,
    /// The function after the sums.
    pub activation: Activation,
    /// Smallest output.
    pub low: i16,
    /// Largest output, not below the smallest.
    pub high: i16,
    /// The order of the weights.
    pub order: Order,
    /// The layer's own rounding; `None`: the model's.
    pub rounding: Option<Rounding>,
    /// Whether its inputs have 16 bits.
    pub(crate) wide_inputs: bool,
    biases: &'m [u8],
    multipliers: &'m [u8],
    weights: &'m [u8],
}

impl<'m> Dense<'m> {
    /// One bias per output, little-endian. In tiles with inputs of 8 bits, biases compensate for
    /// the offset of inputs: 128 times every second weight is subtracted.
    pub fn biases(&self) -> &'m [[u8; 4]] {
        self.biases.as_chunks().0
    }

    /// One multiplier, or one per output: (31-bit multiplier, shift), each i32 little-endian.
    pub fn multipliers(&self) -> &'m [[u8; 8]] {
        self.multipliers.as_chunks().0
    }

    /// Weights as bytes, in their [`Order`].
    pub const fn weights(&self) -> &'m [u8] {
        self.weights
    }

    /// Whether each output has its own multiplier.
    pub const fn per_channel(&self) -> bool {
        self.multipliers.len() > 8
    }

    /// The weight of an input for an output, in either order; 0 beyond the shape.
    pub fn weight(&self, output: usize, input: usize) -> i16 {
        let tiled = output < self.outputs & !(TILE - 1);
        let signed = |at: usize| {
            let byte = self.weights.get(at).copied().unwrap_or_default();
            i16::from(byte.cast_signed())
        };
        if output >= self.outputs || input >= self.inputs {
            return 0;
        }
        if !tiled || self.order == Order::Rows {
            return signed(output * self.inputs + input);
        }
        let (block, row) = (output / TILE * TILE * self.inputs, output % TILE);
        let columns = self.inputs & !(TILE - 1);
        if input >= columns {
            let rest = self.inputs - columns;
            return signed(block + TILE * columns + row * rest + input - columns);
        }
        let at = block + (input / TILE * TILE + row) * TILE + input % TILE;
        if input.is_multiple_of(2) {
            let byte = self.weights.get(at).copied().unwrap_or_default();
            i16::from(byte) - TILE_OFFSET
        } else {
            -signed(at)
        }
    }

    /// Initial sum of an output if inputs enter as `x + 128`; 0 beyond the shape. Sums may wrap on
    /// the way.
    #[cfg(bellwether_x86)]
    pub(crate) fn first_sum(&self, output: usize) -> i32 {
        let bias = self.biases().get(output).copied();
        let bias = i32::from_le_bytes(bias.unwrap_or_default());
        let columns = self.inputs & !(TILE - 1);
        let shifted = self.is_shifted(output);
        // Half of the offsets may be in the bias.
        let left = (0..self.inputs).filter(|k| !(shifted && *k < columns && k % 2 == 1));
        left.fold(bias, |sum, input| {
            sum.wrapping_sub(i32::from(TILE_OFFSET) * i32::from(self.weight(output, input)))
        })
    }

    /// Whether the offset of inputs is in the bias of an output.
    const fn is_shifted(&self, output: usize) -> bool {
        let tiled = output < self.outputs & !(TILE - 1);
        matches!(self.order, Order::Tiles) && tiled && !self.wide_inputs
    }

    pub(super) const fn shape(&self) -> Shape {
        Shape {
            inputs: self.inputs,
            outputs: self.outputs,
            output: self.output,
            range: (self.low, self.high),
            macs: self.inputs as u64 * self.outputs as u64,
            spare: 0,
        }
    }

    /// Reads a record without checking it.
    pub(super) fn get(bytes: &'m [u8], record: &Record) -> Self {
        let [bits, ..] = record.own;
        Self::of_shape(bytes, record, (record.inputs, record.outputs), bits == 16)
    }

    /// As [`get`](Self::get), for the sums of a layer of another kind.
    pub(super) fn of_shape(
        bytes: &'m [u8],
        record: &Record,
        (inputs, outputs): (usize, usize),
        wide_inputs: bool,
    ) -> Self {
        let sizes = Sizes::of(inputs, outputs, record.multipliers == 1);
        let multipliers_at = record.offset.saturating_add(sizes.biases);
        let weights_at = multipliers_at.saturating_add(sizes.multipliers);
        Self {
            inputs,
            outputs,
            output: record.output,
            activation: match record.activation {
                0 => Activation::Linear,
                1 => Activation::Relu,
                _ => Activation::Clamp,
            },
            low: record.low,
            high: record.high,
            order: if record.order == 1 {
                Order::Tiles
            } else {
                Order::Rows
            },
            rounding: record.own_rounding(),
            wide_inputs,
            biases: block(bytes, record.offset, sizes.biases),
            multipliers: block(bytes, multipliers_at, sizes.multipliers),
            weights: block(bytes, weights_at, sizes.weights),
        }
    }

    /// Checks the fields of the record at `at`; returns the bytes of the block.
    pub(super) fn check(
        &self,
        record: &Record,
        at: usize,
        arriving: &Arriving,
    ) -> Result<usize, ModelError> {
        let [bits, rest @ ..] = record.own;
        require(bits == arriving.grid.bits(), at + 28)?;
        require(rest == [0; 11], at + 29)?;
        self.check_sums(record, at, arriving)
    }

    /// Checks all fields but the shape; returns the bytes of the block.
    pub(super) fn check_sums(
        &self,
        record: &Record,
        at: usize,
        arriving: &Arriving,
    ) -> Result<usize, ModelError> {
        let range = (self.low, self.high);
        let whole = (self.output.low(), self.output.high());
        require(
            match record.activation {
                0 => range == whole,
                1 => range == (self.output.zero_point, whole.1),
                2 => true,
                _ => false,
            },
            at + 1,
        )?;
        require(record.multipliers <= 1, at + 2)?;
        require(record.order <= 1, at + 3)?;
        // Kernels for tiles negate inputs.
        let negatable = arriving.range.0 > i16::MIN;
        require(record.order == 0 || negatable, at + 3)?;
        Ok(Sizes::of(self.inputs, self.outputs, record.multipliers == 1).total())
    }

    /// Checks the block at `offset`, for inputs from `low` to `high`.
    pub(super) fn check_block(
        &self,
        index: usize,
        offset: usize,
        range: (i16, i16),
    ) -> Result<(), ModelError> {
        for (k, multiplier) in self.multipliers().iter().enumerate() {
            let (q31, shift) = multiplier_of(*multiplier);
            let here = offset + self.biases.len() + 8 * k;
            require(within_bounds(q31, shift), here)?;
        }
        match self.unprovable(range) {
            None => Ok(()),
            Some(output) => Err(ModelError::Accumulator {
                layer: index,
                output,
            }),
        }
    }

    /// The first output with a sum that could overflow 32 bits for some inputs within `range`.
    /// `inputs·outputs` steps, once.
    fn unprovable(&self, range: (i16, i16)) -> Option<usize> {
        let columns = self.inputs & !(TILE - 1);
        self.biases().iter().enumerate().position(|(output, bias)| {
            let mut bias = i64::from(i32::from_le_bytes(*bias));
            let weights = (0..self.inputs).map(|input| i64::from(self.weight(output, input)));
            if self.is_shifted(output) {
                let odd = weights.clone().take(columns).skip(1).step_by(2);
                bias += odd.sum::<i64>() * i64::from(TILE_OFFSET);
            }
            !fits(bias, weights, range)
        })
    }
}

/// Whether a sum fits 32 bits for all inputs within a range.
pub(super) fn fits(bias: i64, weights: impl Iterator<Item = i64>, (low, high): (i16, i16)) -> bool {
    let (mut least, mut most) = (bias, bias);
    for weight in weights {
        let (a, b) = (weight * i64::from(low), weight * i64::from(high));
        least += a.min(b);
        most += a.max(b);
    }
    least >= i64::from(i32::MIN) && most <= i64::from(i32::MAX)
}

/// Whether a multiplier and its shift are valid.
pub(super) const fn within_bounds(q31: i32, shift: i32) -> bool {
    let normal = q31 == 0 || q31 >= 1 << 30;
    normal && shift >= -31 && shift <= 0
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

/// (31-bit multiplier, shift) of an entry of [`Dense::multipliers`].
pub(crate) const fn multiplier_of(bytes: [u8; 8]) -> (i32, i32) {
    let [a, b, c, d, e, f, g, h] = bytes;
    (
        i32::from_le_bytes([a, b, c, d]),
        i32::from_le_bytes([e, f, g, h]),
    )
}
