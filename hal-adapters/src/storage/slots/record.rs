//! What a slot says about its model: cells of 32 bytes, each written once between two erasures.
//! Bytes in `docs/slots.md`.

use bellwether::wire::checksum;

/// Bytes of a cell: a whole number of the words of every flash.
pub(super) const CELL: usize = 32;
/// First bytes of a written cell.
const MAGIC: [u8; 4] = *b"BWSL";
/// Version of the layout.
pub const SLOTS_VERSION: u8 = 1;
/// What flash reads after it was erased.
pub(super) const ERASED: u8 = 0xff;

/// The cells of a slot, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Written,
    Tried,
    Confirmed,
    Rejected,
}

impl Cell {
    pub(super) const fn index(self) -> u32 {
        match self {
            Self::Written => 0,
            Self::Tried => 1,
            Self::Confirmed => 2,
            Self::Rejected => 3,
        }
    }
}

/// Which model a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Record {
    /// Counts the models that were written; wraps around.
    pub sequence: u32,
    /// Bytes of the model.
    pub length: u32,
    /// The checksum that ends it.
    pub checksum: u32,
}

impl Record {
    /// A cell of this model: the record itself, or a mark.
    pub(super) fn cell(&self, cell: Cell) -> [u8; CELL] {
        let mut bytes = [0; CELL];
        let kind = [SLOTS_VERSION, cell.index() as u8, 0, 0];
        let fields = [
            MAGIC,
            kind,
            self.sequence.to_le_bytes(),
            self.length.to_le_bytes(),
            self.checksum.to_le_bytes(),
        ];
        let (places, _) = bytes.as_chunks_mut();
        for (place, field) in places.iter_mut().zip(fields) {
            *place = field;
        }
        if let Some((content, sum)) = bytes.split_last_chunk_mut() {
            *sum = checksum(content).to_le_bytes();
        }
        bytes
    }

    /// The record in a cell; `None` where it was not written whole.
    pub(super) fn read(bytes: &[u8; CELL]) -> Option<Self> {
        let ([_, _, sequence, length, checksum, ..], _) = bytes.as_chunks() else {
            return None;
        };
        let record = Self {
            sequence: u32::from_le_bytes(*sequence),
            length: u32::from_le_bytes(*length),
            checksum: u32::from_le_bytes(*checksum),
        };
        (record.cell(Cell::Written) == *bytes).then_some(record)
    }

    /// Whether this model came after another.
    pub(super) const fn is_after(&self, other: &Self) -> bool {
        self.sequence.wrapping_sub(other.sequence).cast_signed() > 0
    }
}
