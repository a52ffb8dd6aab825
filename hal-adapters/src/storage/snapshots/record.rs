//! Records of snapshots: one cell before the bytes, written behind them in time.
//! Bytes in `docs/formats/snapshots-in-flash.md`.

use bellwether::wire::checksum;

/// Bytes of a cell: a whole number of the words of every flash.
pub(super) const CELL: usize = 32;
/// First bytes of a record.
const MAGIC: [u8; 4] = *b"BWSF";
/// Version of the layout.
pub const STORE_VERSION: u8 = 1;
/// Value of erased flash.
pub(super) const ERASED: u8 = 0xff;

/// Record of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Record {
    /// Number of snapshots before it.
    pub(super) sequence: u32,
    /// Bytes of the snapshot.
    pub(super) length: u32,
    /// Checksum of these bytes.
    pub(super) checksum: u32,
}

impl Record {
    /// The cell of this record.
    pub(super) fn cell(&self) -> [u8; CELL] {
        let mut bytes = [0; CELL];
        let fields = [
            MAGIC,
            [STORE_VERSION, 0, 0, 0],
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

    /// The record in a cell; `None` if it was not written whole.
    pub(super) fn read(bytes: &[u8; CELL]) -> Option<Self> {
        let ([_, _, sequence, length, checksum, ..], _) = bytes.as_chunks() else {
            return None;
        };
        let record = Self {
            sequence: u32::from_le_bytes(*sequence),
            length: u32::from_le_bytes(*length),
            checksum: u32::from_le_bytes(*checksum),
        };
        (record.cell() == *bytes).then_some(record)
    }
}

/// FNV-1a of 32 bits, which joins a record to its bytes. A CRC-32 cannot: bytes that end with their own CRC-32, as
/// those of a snapshot, all have the same one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digest(u32);

/// Of no bytes.
pub(super) const DIGEST: Digest = Digest(0x811c_9dc5);

impl Digest {
    /// Appends bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }

    /// The sum.
    pub(super) const fn finish(self) -> u32 {
        self.0
    }
}
