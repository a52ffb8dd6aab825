//! An entry of the layer table.

use crate::model::bytes::{chunk, f32_at, i16_at, is_scale, require, u8_at, u16_at, u32_at};
use crate::model::header::wide_at;
use crate::model::{Grid, ModelError};

/// Bytes of a record of the layer table.
pub const LAYER_BYTES: usize = 40;

/// The fields of a record; what they mean depends on the kind.
pub(super) struct Record {
    pub(super) kind: u8,
    pub(super) activation: u8,
    pub(super) multipliers: u8,
    pub(super) order: u8,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) output: Grid,
    pub(super) low: i16,
    pub(super) high: i16,
    pub(super) offset: usize,
    pub(super) length: usize,
    /// Fields of single kinds, zeros where a kind has no use for them.
    pub(super) own: [u8; 12],
}

impl Record {
    /// Reads without checking.
    pub(super) fn get(bytes: &[u8], at: usize) -> Self {
        Self {
            kind: u8_at(bytes, at),
            activation: u8_at(bytes, at + 1),
            multipliers: u8_at(bytes, at + 2),
            order: u8_at(bytes, at + 3),
            inputs: usize::from(u16_at(bytes, at + 4)),
            outputs: usize::from(u16_at(bytes, at + 6)),
            output: Grid {
                zero_point: i16_at(bytes, at + 8),
                scale: f32_at(bytes, at + 16),
                wide: u8_at(bytes, at + 14) == 16,
            },
            low: i16_at(bytes, at + 10),
            high: i16_at(bytes, at + 12),
            offset: u32_at(bytes, at + 20) as usize,
            length: u32_at(bytes, at + 24) as usize,
            own: chunk(bytes, at + 28),
        }
    }

    /// Reads, and checks what is the same for all kinds.
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, ModelError> {
        let record = Self::get(bytes, at);
        require(record.inputs > 0, at + 4)?;
        require(record.outputs > 0, at + 6)?;
        require(record.output.holds_its_zero(), at + 8)?;
        require(record.output.low() <= record.low, at + 10)?;
        require(record.high <= record.output.high(), at + 12)?;
        require(record.low <= record.high, at + 12)?;
        wide_at(bytes, at + 14)?;
        require(u8_at(bytes, at + 15) == 0, at + 15)?;
        require(is_scale(record.output.scale), at + 16)?;
        Ok(record)
    }
}
