//! Recurrent layers: LSTM and GRU with int8 weights and a state of 16 bits.

use super::dense::{Order, multiplier_of, within_bounds};
use super::lookup::Table;
use super::record::Record;
use super::{Arriving, Shape, even};
use crate::model::bytes::{block, require};
use crate::model::{ModelError, QuantParams};

/// The codes in a record.
pub(super) const LSTM: u8 = 4;
/// See [`LSTM`].
pub(super) const GRU: u8 = 5;

/// Number of units in a group of weights: their rows of one gate, then those of the next.
pub(crate) const UNITS: usize = 4;
/// Maximum number of fractional bits in the arguments of sigmoid and tanh.
const MOST_BITS: u8 = 12;
/// The grid of a state: from -1 to 1.
pub(super) const STATE: QuantParams = QuantParams {
    scale: 1.0 / 32_768.0,
    zero_point: 0,
    wide: true,
};

/// The recurrence of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Cell {
    /// Gates i, f, g, o: `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')`.
    Lstm,
    /// Gates r, z, n: `n = tanh(W_n x + b_n + σ(r)·(U_n h + d_n))`,
    /// `h' = n + σ(z)·(h - n)`.
    Gru,
}

impl Cell {
    /// The cell as one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lstm => "lstm",
            Self::Gru => "gru",
        }
    }

    /// Number of gates.
    pub const fn gates(self) -> usize {
        match self {
            Self::Lstm => 4,
            Self::Gru => 3,
        }
    }
}

/// A recurrent layer. Its state is zero before the first frame.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Recurrent<'m> {
    /// The recurrence of the state.
    pub cell: Cell,
    /// Number of input frames.
    pub frames: usize,
    /// Number of values in a frame.
    pub channels: usize,
    /// Number of values in its state.
    pub units: usize,
    /// Whether its outputs are the state after every frame, or after the last only.
    pub sequence: bool,
    /// Fractional bits in the arguments of sigmoid and tanh, and in the LSTM's cell; at most 12.
    pub bits: u32,
    /// The sums from a frame to the gates.
    pub(crate) input: Part<'m>,
    /// The sums from the state to the gates.
    pub(crate) state: Part<'m>,
    pub(crate) sigmoid: Table<'m>,
    pub(crate) tanh: Table<'m>,
}

/// Weights and biases of all gates for a frame, or for the state.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Part<'m> {
    pub(crate) biases: &'m [[u8; 4]],
    pub(crate) multiplier: &'m [u8; 8],
    pub(crate) weights: &'m [u8],
}

impl<'m> Recurrent<'m> {
    pub(super) const fn shape(&self) -> Shape {
        let times = if self.sequence { self.frames } else { 1 };
        let row = (self.channels + self.units) as u64;
        let rows = (self.cell.gates() * self.units.next_multiple_of(UNITS)) as u64;
        Shape {
            inputs: self.frames.saturating_mul(self.channels),
            outputs: times.saturating_mul(self.units),
            output: STATE,
            range: (STATE.low(), STATE.high()),
            macs: self.frames as u64 * rows * row,
            // A frame and the state as kernels take them, the state, and the LSTM's cell.
            spare: even(self.channels) + 3 * even(self.units),
        }
    }

    #[inline(never)]
    pub(super) fn get(bytes: &'m [u8], record: &Record) -> Self {
        let [c0, c1, u0, u1, bits, sequence, ..] = record.own;
        let channels = usize::from(u16::from_le_bytes([c0, c1]));
        let units = usize::from(u16::from_le_bytes([u0, u1]));
        let cell = if record.kind == LSTM {
            Cell::Lstm
        } else {
            Cell::Gru
        };
        let sizes = Sizes::of(cell, channels, units);
        let mut at = record.offset;
        let mut take = |length: usize| {
            let taken = block(bytes, at, length);
            at = at.saturating_add(length);
            taken
        };
        let (input_biases, state_biases) = (take(sizes.biases), take(sizes.biases));
        let multiplier = |bytes: &'m [u8]| bytes.first_chunk().unwrap_or(&[0; 8]);
        let (input_multiplier, state_multiplier) = (multiplier(take(8)), multiplier(take(8)));
        let mut table = || {
            let table = Table::get(bytes, at, true);
            at = at.saturating_add(Table::bytes(true));
            table
        };
        let (sigmoid, tanh) = (table(), table());
        let input_weights = block(bytes, at, sizes.input);
        let state_weights = block(bytes, at.saturating_add(sizes.input), sizes.state);
        Self {
            cell,
            frames: record.inputs.checked_div(channels).unwrap_or(0),
            channels,
            units,
            sequence: sequence == 1,
            bits: bits.min(MOST_BITS).into(),
            input: Part {
                biases: input_biases.as_chunks().0,
                multiplier: input_multiplier,
                weights: input_weights,
            },
            state: Part {
                biases: state_biases.as_chunks().0,
                multiplier: state_multiplier,
                weights: state_weights,
            },
            sigmoid,
            tanh,
        }
    }

    /// Checks the fields of the record at `at`; returns the bytes of the block.
    pub(super) fn check(
        &self,
        record: &Record,
        at: usize,
        arriving: &Arriving,
    ) -> Result<usize, ModelError> {
        let shape = self.shape();
        require(record.activation == 0, at + 1)?;
        require(record.multipliers == 0, at + 2)?;
        require(record.order == 0, at + 3)?;
        require(self.channels > 0, at + 28)?;
        require(self.units > 0, at + 30)?;
        let [_, _, _, _, bits, sequence, width, rest @ ..] = record.own;
        require(bits <= MOST_BITS, at + 32)?;
        require(sequence <= 1, at + 33)?;
        require(shape.inputs == record.inputs, at + 4)?;
        require(shape.outputs == record.outputs, at + 6)?;
        require(record.output.same(&STATE), at + 14)?;
        require((record.low, record.high) == shape.range, at + 10)?;
        require(width == arriving.grid.bits(), at + 34)?;
        require(rest == [0; 5], at + 35)?;
        Ok(Sizes::of(self.cell, self.channels, self.units).total())
    }

    /// Checks the block at `offset`, for inputs within `range`.
    pub(super) fn check_block(
        &self,
        index: usize,
        offset: usize,
        range: (i16, i16),
    ) -> Result<(), ModelError> {
        let multipliers_at = offset + 2 * 4 * self.input.biases.len();
        for (k, part) in [self.input, self.state].into_iter().enumerate() {
            let (q31, shift) = multiplier_of(*part.multiplier);
            require(within_bounds(q31, shift), multipliers_at + 8 * k)?;
        }
        let state = (STATE.low(), STATE.high());
        let of_frame = self.input.unprovable(self.channels, range);
        match of_frame.or(self.state.unprovable(self.units, state)) {
            None => Ok(()),
            Some(output) => Err(ModelError::Accumulator {
                layer: index,
                output,
            }),
        }
    }
}

impl Part<'_> {
    fn unprovable(&self, inputs: usize, (low, high): (i16, i16)) -> Option<usize> {
        let rows = self.weights.chunks_exact(inputs.max(1));
        self.biases.iter().zip(rows).position(|(bias, row)| {
            let row = row.iter().map(|weight| i64::from(weight.cast_signed()));
            !super::dense::fits(i32::from_le_bytes(*bias).into(), row, (low, high))
        })
    }

    /// Rows in the order of the outputs.
    pub(crate) const ORDER: Order = Order::Rows;
}

/// Bytes of a block's arrays.
struct Sizes {
    biases: usize,
    input: usize,
    state: usize,
}

impl Sizes {
    const fn of(cell: Cell, channels: usize, units: usize) -> Self {
        let rows = cell.gates() * units.next_multiple_of(UNITS);
        Self {
            biases: rows.saturating_mul(4),
            input: rows.saturating_mul(channels),
            state: rows.saturating_mul(units),
        }
    }

    const fn total(&self) -> usize {
        (2 * 8 + 2 * Table::bytes(true))
            .saturating_add(self.biases.saturating_mul(2))
            .saturating_add(self.input)
            .saturating_add(self.state)
    }
}
