//! The first bytes of a snapshot.

use super::{CRC, FRAME_BYTES, HEADER_BYTES, SNAPSHOT_VERSION};
use crate::error::SnapshotError;

const MAGIC: [u8; 4] = *b"BWSN";

/// What a snapshot says of itself.
#[derive(Clone, Copy)]
pub(super) struct Header {
    pub version: u16,
    pub shape: u32,
    /// Bytes of the body.
    pub length: u32,
}

impl Header {
    pub(super) fn bytes(&self) -> [u8; HEADER_BYTES] {
        let [m0, m1, m2, m3] = MAGIC;
        let [v0, v1] = self.version.to_le_bytes();
        let [s0, s1, s2, s3] = self.shape.to_le_bytes();
        let [l0, l1, l2, l3] = self.length.to_le_bytes();
        [m0, m1, m2, m3, v0, v1, s0, s1, s2, s3, l0, l1, l2, l3]
    }

    /// Refuses what is no snapshot, or a newer one.
    pub(super) fn parse(bytes: &[u8; HEADER_BYTES]) -> Result<Self, SnapshotError> {
        let [m0, m1, m2, m3, v0, v1, s0, s1, s2, s3, l0, l1, l2, l3] = *bytes;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(SnapshotError::Magic);
        }
        let version = u16::from_le_bytes([v0, v1]);
        if !(1..=SNAPSHOT_VERSION).contains(&version) {
            return Err(SnapshotError::Version { found: version });
        }
        Ok(Self {
            version,
            shape: u32::from_le_bytes([s0, s1, s2, s3]),
            length: u32::from_le_bytes([l0, l1, l2, l3]),
        })
    }

    /// Bytes of the whole snapshot.
    pub(super) const fn total(&self) -> usize {
        FRAME_BYTES.saturating_add(self.length as usize)
    }
}

/// Hash of what must agree: two names and sizes.
pub(crate) fn shape(name: &str, functions: &str, sizes: [usize; 3]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(name.as_bytes());
    digest.update(functions.as_bytes());
    for size in sizes {
        digest.update(&(size as u32).to_le_bytes());
    }
    digest.finalize()
}
