//! Sigmoid and tanh of values of 16 bits, both by one table of the sigmoid above 0.
//!
//! `d = x·m / 2^s`, halves up, has 3·4096 steps per unit. The sigmoid of `|d|` lies between two of 256 entries
//! of 16 bits without sign, 512 steps apart; tanh is `2·σ(2x) - 1` of entries 256 steps apart. LiteRT's kernels
//! for 16 bits compute the same.

use super::record::Record;
use super::recurrent::STATE;
use super::{Arriving, Shape};
use crate::model::bytes::{block, require};
use crate::model::{Function, ModelError, QuantParams};

/// The code in a record.
pub(super) const KIND: u8 = 6;
/// Entries of the table.
pub const ENTRIES: usize = 256;

/// A layer that applies sigmoid or tanh to single values of 16 bits.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Curve<'m> {
    /// Number of inputs and of outputs, at least 1.
    pub values: usize,
    /// [`Function::Tanh`] or [`Function::Sigmoid`].
    pub function: Function,
    /// Steps per input step, times `2^shift`: 1 to 32,767.
    pub multiplier: u16,
    /// 0 to 30.
    pub shift: u8,
    entries: &'m [[u8; 2]],
}

impl<'m> Curve<'m> {
    /// The grid of the outputs: 15 bits behind the point.
    pub const OUTPUT: QuantParams = STATE;

    pub(super) const fn shape(&self) -> Shape {
        Shape {
            inputs: self.values,
            outputs: self.values,
            output: STATE,
            range: (STATE.low(), STATE.high()),
            macs: 0,
            spare: 0,
        }
    }

    #[inline(never)]
    pub(super) fn get(bytes: &'m [u8], record: &Record) -> Self {
        let [_, shift, m0, m1, ..] = record.own;
        Self {
            values: record.inputs,
            function: if record.activation == 2 {
                Function::Tanh
            } else {
                Function::Sigmoid
            },
            multiplier: u16::from_le_bytes([m0, m1]),
            shift,
            entries: block(bytes, record.offset, 2 * ENTRIES).as_chunks().0,
        }
    }

    /// Checks the fields of the record at `at`; returns the bytes of the block.
    pub(super) fn check(
        &self,
        record: &Record,
        at: usize,
        arriving: &Arriving,
    ) -> Result<usize, ModelError> {
        require((2..=3).contains(&record.activation), at + 1)?;
        require(record.multipliers == 0, at + 2)?;
        require(record.order == 0, at + 3)?;
        require(record.outputs == record.inputs, at + 6)?;
        require(record.output.same(&STATE), at + 14)?;
        require((record.low, record.high) == self.shape().range, at + 10)?;
        let [bits, shift, _, _, rest @ ..] = record.own;
        require(bits == 16 && arriving.grid.wide, at + 28)?;
        require(shift <= 30, at + 29)?;
        require((1..=0x7fff).contains(&self.multiplier), at + 30)?;
        require(rest == [0; 8], at + 32)?;
        Ok(2 * ENTRIES)
    }

    /// The function of a value. The sums of LiteRT, whose rounding differs below 0 and above.
    pub fn value(&self, x: i16) -> i16 {
        let shift = u32::from(self.shift & 31);
        let half = (1_i32 << shift) >> 1;
        // At most 2^30 and half of that.
        let product = i32::from(x).wrapping_mul(self.multiplier.into());
        let distance = product.wrapping_add(half) >> shift;
        let size = distance.unsigned_abs();
        let value = if self.function == Function::Tanh {
            let above = self.between(size, 8).wrapping_sub(1 << 23);
            if distance < 0 {
                above.wrapping_neg().wrapping_add((1 << 7) - 1) >> 8
            } else {
                above.wrapping_add(1 << 7) >> 8
            }
        } else {
            let above = self.between(size, 9);
            if distance < 0 {
                (1_i32 << 25).wrapping_sub(above).wrapping_add((1 << 9) - 1) >> 10
            } else {
                above.wrapping_add(1 << 9) >> 10
            }
        };
        let most = i32::from(i16::MAX);
        value.clamp(-most, most) as i16
    }

    /// An entry and its part of the way to the next, `bits` behind the point; 1 behind the table.
    fn between(&self, size: u32, bits: u32) -> i32 {
        let index = (size >> bits) as usize;
        let pair = self
            .entries
            .get(index..)
            .and_then(|rest| rest.first_chunk());
        let Some([here, next]) = pair else {
            return if bits == 8 { 0xffff << 8 } else { 0x7fff << 10 };
        };
        let [here, next] = [here, next].map(|entry| i32::from(u16::from_le_bytes(*entry)));
        let part = (size & ((1 << bits) - 1)).cast_signed();
        // At most 65,535 · 512 each.
        (here << bits).wrapping_add(part.wrapping_mul(next.wrapping_sub(here)))
    }
}
