//! The checksum of every byte format: CRC-32/ISO-HDLC, with the one table of the program.

use crc::{CRC_32_ISO_HDLC, Crc};

/// The table of 1 KiB, for a digest in pieces.
pub(crate) static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// CRC-32/ISO-HDLC: polynomial `04c11db7`, reflected, initial value and final XOR `ffffffff`.
///
/// ```
/// assert_eq!(bellwether::wire::checksum(b"123456789"), 0xcbf4_3926);
/// ```
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
}
