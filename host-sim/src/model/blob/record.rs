//! An entry of the layer table.

use super::{bits, put};
use bellwether::model::layer::LAYER_BYTES;
use bellwether::model::{QuantParams, Rounding};

/// The fields of a record.
pub(super) struct Record {
    pub(super) kind: u8,
    pub(super) activation: u8,
    pub(super) multipliers: u8,
    pub(super) order: u8,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) output: QuantParams,
    pub(super) range: (i16, i16),
    /// The layer's own rounding, if it has one.
    pub(super) rounding: Option<Rounding>,
    /// Fields of single kinds, at most 12 bytes.
    pub(super) own: Vec<u8>,
}

impl Record {
    /// How the bits of inputs are written.
    pub(super) const fn bits(wide: bool) -> u8 {
        if wide { 16 } else { 8 }
    }

    pub(super) fn write(&self, offset: usize, length: usize) -> Vec<u8> {
        let mut out = vec![self.kind, self.activation, self.multipliers, self.order];
        put(&mut out, (self.inputs as u16).to_le_bytes());
        put(&mut out, (self.outputs as u16).to_le_bytes());
        put(&mut out, self.output.zero_point.to_le_bytes());
        put(&mut out, self.range.0.to_le_bytes());
        put(&mut out, self.range.1.to_le_bytes());
        let rounding = self.rounding.map_or(0, |rounding| rounding.code() + 1);
        put(&mut out, [bits(&self.output), rounding]);
        put(&mut out, self.output.scale.to_le_bytes());
        put(&mut out, (offset as u32).to_le_bytes());
        put(&mut out, (length as u32).to_le_bytes());
        out.extend_from_slice(&self.own);
        out.resize(LAYER_BYTES, 0);
        out
    }
}
