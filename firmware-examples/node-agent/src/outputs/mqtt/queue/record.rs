//! The record of a queue: length, checksum, number and body.
//!
//! | bytes | content |
//! |---|---|
//! | 4 | length of the body, little-endian |
//! | 4 | CRC-32/ISO-HDLC of number and body |
//! | 8 | number |
//! | length | body |

use crc::{CRC_32_ISO_HDLC, Crc};

/// Bytes in front of a body.
pub const HEAD: usize = 16;

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// The checksum of a number and a body.
pub fn checksum(number: u64, body: &[u8]) -> u32 {
    let mut digest = CRC.digest();
    digest.update(&number.to_le_bytes());
    digest.update(body);
    digest.finalize()
}

/// The bytes of a record; `None` if its length does not fit.
pub fn encode(number: u64, body: &[u8]) -> Option<Vec<u8>> {
    let length = u32::try_from(body.len()).ok()?;
    let mut record = Vec::with_capacity(HEAD + body.len());
    record.extend_from_slice(&length.to_le_bytes());
    record.extend_from_slice(&checksum(number, body).to_le_bytes());
    record.extend_from_slice(&number.to_le_bytes());
    record.extend_from_slice(body);
    Some(record)
}

/// The number and the body of the record at the front; `None` if it is cut off or damaged.
pub fn decode(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (sum, rest) = rest.split_first_chunk::<4>()?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let number = u64::from_le_bytes(*number);
    let body = rest.get(..usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    (u32::from_le_bytes(*sum) == checksum(number, body)).then_some((number, body))
}
