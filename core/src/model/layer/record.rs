//! An entry of the layer table.

use super::{conv1d, dense};
use crate::model::bytes::{chunk, is_scale, require};
use crate::model::header::wide_at;
use crate::model::{ModelError, QuantParams, Rounding};

/// Bytes of a record of the layer table.
pub const LAYER_BYTES: usize = 40;

/// The fields of a record; their meaning depends on the kind.
pub(super) struct Record {
    pub(super) kind: u8,
    pub(super) activation: u8,
    pub(super) multipliers: u8,
    pub(super) order: u8,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) output: QuantParams,
    pub(super) low: i16,
    pub(super) high: i16,
    /// 0, or one more than the code of the layer's own rounding.
    pub(super) rounding: u8,
    pub(super) offset: usize,
    pub(super) length: usize,
    /// Fields of single kinds, zeros in other kinds.
    pub(super) own: [u8; 12],
}

impl Record {
    /// Reads without checking.
    pub(super) fn get(bytes: &[u8], at: usize) -> Self {
        let [kind, activation, multipliers, order, fields @ ..]: [u8; LAYER_BYTES] =
            chunk(bytes, at);
        let [
            i0,
            i1,
            o0,
            o1,
            z0,
            z1,
            l0,
            l1,
            h0,
            h1,
            bits,
            rounding,
            fields @ ..,
        ] = fields;
        let [s0, s1, s2, s3, b0, b1, b2, b3, n0, n1, n2, n3, own @ ..] = fields;
        Self {
            kind,
            activation,
            multipliers,
            order,
            inputs: usize::from(u16::from_le_bytes([i0, i1])),
            outputs: usize::from(u16::from_le_bytes([o0, o1])),
            output: QuantParams {
                zero_point: i16::from_le_bytes([z0, z1]),
                scale: f32::from_le_bytes([s0, s1, s2, s3]),
                wide: bits == 16,
            },
            low: i16::from_le_bytes([l0, l1]),
            high: i16::from_le_bytes([h0, h1]),
            rounding,
            offset: u32::from_le_bytes([b0, b1, b2, b3]) as usize,
            length: u32::from_le_bytes([n0, n1, n2, n3]) as usize,
            own,
        }
    }

    /// The layer's own rounding; `None`: the model's.
    pub(super) const fn own_rounding(&self) -> Option<Rounding> {
        match self.rounding.checked_sub(1) {
            Some(code) => Rounding::from_code(code),
            None => None,
        }
    }

    /// Whether a layer of this kind may have its own rounding.
    const fn sums(&self) -> bool {
        matches!(self.kind, dense::KIND | conv1d::KIND)
    }

    /// Reads, and checks the fields common to all kinds.
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, ModelError> {
        let record = Self::get(bytes, at);
        require(record.inputs > 0, at + 4)?;
        require(record.outputs > 0, at + 6)?;
        require(record.output.holds_its_zero(), at + 8)?;
        require(
            record.output.wide || record.output.low() <= record.low,
            at + 10,
        )?;
        require(record.high <= record.output.high(), at + 12)?;
        require(record.low <= record.high, at + 12)?;
        wide_at(bytes, at + 14)?;
        let rounds = record.rounding == 0 || record.sums() && record.own_rounding().is_some();
        require(rounds, at + 15)?;
        require(is_scale(record.output.scale), at + 16)?;
        Ok(record)
    }
}
