//! Functions of single values by table: tanh, sigmoid, leaky ReLU, or any other.
//!
//! The exporter computes the table, so that no device computes an exponential.

use super::record::Record;
use super::{Arriving, Shape};
use crate::model::bytes::{block, require};
use crate::model::{ModelError, QuantParams};

/// The code in a record.
pub(super) const KIND: u8 = 2;
/// Entries for inputs of 8 bits.
pub const NARROW: usize = 256;
/// Entries for inputs of 16 bits: one every 128 points, and one behind the last.
pub const WIDE: usize = 513;
/// Points from one entry of a wide table to the next, as a shift.
const STEP: u32 = 7;

/// The function in a table, for information only. Append-only: part of the byte format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Function {
    /// Another function.
    Other,
    /// `x` above 0, else a fraction of it.
    LeakyRelu,
    /// `tanh x`.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
}

impl Function {
    /// All functions, in the order of their codes.
    pub const ALL: [Self; 4] = [Self::Other, Self::LeakyRelu, Self::Tanh, Self::Sigmoid];

    /// The function's name in commands and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::LeakyRelu => "leaky-relu",
            Self::Tanh => "tanh",
            Self::Sigmoid => "sigmoid",
        }
    }
}

/// A layer that applies a function to single values.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lookup<'m> {
    /// Number of inputs and of outputs, at least 1.
    pub values: usize,
    /// The grid of the outputs.
    pub output: QuantParams,
    /// Smallest output.
    pub low: i16,
    /// Largest output, not below the smallest.
    pub high: i16,
    /// The function in the table.
    pub function: Function,
    /// The table of all values, or one per channel.
    pub tables: Tables<'m>,
}

impl<'m> Lookup<'m> {
    pub(super) const fn shape(&self) -> Shape {
        Shape {
            inputs: self.values,
            outputs: self.values,
            output: self.output,
            range: (self.low, self.high),
            macs: 0,
            spare: 0,
        }
    }

    #[inline(never)]
    pub(super) fn get(bytes: &'m [u8], record: &Record) -> Self {
        let [bits, _, m0, m1, ..] = record.own;
        let more = usize::from(u16::from_le_bytes([m0, m1]));
        let tables = Tables::get(bytes, record.offset, bits == 16, more.saturating_add(1));
        let code = usize::from(record.activation);
        let function = Function::ALL.get(code).copied();
        Self {
            values: record.inputs,
            output: record.output,
            low: record.low,
            high: record.high,
            function: function.unwrap_or(Function::Other),
            tables,
        }
    }

    /// Checks the fields of the record at `at`; returns the bytes of the block.
    pub(super) fn check(
        &self,
        record: &Record,
        at: usize,
        arriving: &Arriving,
    ) -> Result<usize, ModelError> {
        require(usize::from(record.activation) < Function::ALL.len(), at + 1)?;
        require(record.multipliers == 0, at + 2)?;
        require(record.order == 0, at + 3)?;
        require(record.outputs == record.inputs, at + 6)?;
        let [bits, none, _, _, rest @ ..] = record.own;
        require(bits == arriving.grid.bits(), at + 28)?;
        require(none == 0, at + 29)?;
        let count = self.tables.count;
        require(record.inputs.is_multiple_of(count), at + 30)?;
        require(rest == [0; 8], at + 32)?;
        Ok(count.saturating_mul(Table::bytes(arriving.grid.wide)))
    }

    /// Checks that every entry is an output.
    pub(super) fn check_block(&self, offset: usize) -> Result<(), ModelError> {
        let outside = |entry: &[u8; 2]| {
            let entry = i16::from_le_bytes(*entry);
            entry < self.low || entry > self.high
        };
        match self.tables.entries.iter().position(outside) {
            None => Ok(()),
            Some(k) => Err(ModelError::Content {
                offset: offset + 2 * k,
            }),
        }
    }
}

/// The tables of a layer: value `k` has table `k` modulo their number.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Tables<'m> {
    entries: &'m [[u8; 2]],
    /// Entries of a table.
    each: usize,
    count: usize,
}

impl<'m> Tables<'m> {
    /// Tables at an offset; empty if they are not within.
    fn get(bytes: &'m [u8], offset: usize, wide: bool, count: usize) -> Self {
        let all = block(bytes, offset, count.saturating_mul(Table::bytes(wide)));
        Self {
            entries: all.as_chunks().0,
            each: if wide { WIDE } else { NARROW },
            count,
        }
    }

    /// Their number, at least 1.
    pub const fn count(&self) -> usize {
        self.count
    }

    /// One of the tables; empty beyond their number.
    pub fn table(&self, index: usize) -> Table<'m> {
        let start = index.saturating_mul(self.each);
        let own = self.entries.get(start..start.saturating_add(self.each));
        Table(own.unwrap_or_default())
    }
}

/// A table of 256 entries for values of 8 bits, or of 513 entries with interpolation for values of
/// 16 bits.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Table<'m>(&'m [[u8; 2]]);

impl<'m> Table<'m> {
    /// The table at an offset; empty if it is not within.
    pub(super) fn get(bytes: &'m [u8], offset: usize, wide: bool) -> Self {
        Self(block(bytes, offset, Self::bytes(wide)).as_chunks().0)
    }

    pub(super) const fn bytes(wide: bool) -> usize {
        2 * if wide { WIDE } else { NARROW }
    }

    fn entry(&self, index: usize) -> i32 {
        let entry = self.0.get(index).copied().unwrap_or_default();
        i16::from_le_bytes(entry).into()
    }

    /// The function of a value: its entry, or
    /// `t[i] + ((t[i + 1] - t[i])·f + 64 >> 7)` with `i` and `f` the upper nine and the lower seven
    /// bits of `x + 32,768`.
    pub fn value(&self, x: i16) -> i16 {
        if self.0.len() <= NARROW {
            let index = i32::from(x).wrapping_add(128) as u8;
            return self.entry(index.into()) as i16;
        }
        let shifted = i32::from(x).wrapping_add(32_768).cast_unsigned();
        let (index, part) = ((shifted >> STEP) as usize, (shifted & 127).cast_signed());
        let (here, next) = (self.entry(index), self.entry(index.wrapping_add(1)));
        // At most 65,535 · 127 + 64: it fits.
        let step = next
            .wrapping_sub(here)
            .wrapping_mul(part)
            .wrapping_add(1 << (STEP - 1))
            >> STEP;
        here.wrapping_add(step) as i16
    }
}
