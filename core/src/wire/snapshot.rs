//! Saving and restoring what a detector has learned. Bytes in `docs/snapshot.md`.
//!
//! A snapshot is a header (magic, version, shape, length, CRC-32) and a postcard body. It is
//! checked as a whole before anything is stored: a refused one changes nothing.

use crate::detector::Detector;
use crate::error::SnapshotError;
use crate::sample::Tick;
use crate::wire::checksum::CRC;
use serde::{Serialize, de::DeserializeOwned};

/// Version of the snapshot format.
pub const SNAPSHOT_VERSION: u16 = 1;
const MAGIC: [u8; 4] = *b"BWSN";
/// Bytes of the header.
pub const HEADER_BYTES: usize = 18;
/// Bytes of the header that the checksum covers, with the body.
const CHECKED_HEADER: usize = HEADER_BYTES - 4;

/// A detector whose state can leave and come back.
///
/// Implementers guarantee: saving in mid-stream, restoring into a detector of the same shape
/// and going on gives the same bits as never having stopped.
pub trait Snapshot: Detector {
    /// Bytes that always suffice.
    const SNAPSHOT_MAX: usize;

    /// Writes the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    fn save(&self, rules: &Self::Rules<'_>, buffer: &mut [u8]) -> Result<usize, SnapshotError>;

    /// Replaces the state by a saved one, and answers the tick to go on from. The next tick may be
    /// any: a device whose counter begins at 0 again goes on as well.
    ///
    /// # Errors
    /// Says why the bytes were refused; the state is as before.
    fn restore(&mut self, rules: &Self::Rules<'_>, bytes: &[u8]) -> Result<Tick, SnapshotError>;
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

/// Writes a snapshot whose body `fill` appends.
pub(crate) fn write(
    buffer: &mut [u8],
    shape: u32,
    fill: impl FnOnce(&mut Writer<'_>) -> Result<(), SnapshotError>,
) -> Result<usize, SnapshotError> {
    let body = buffer
        .get_mut(HEADER_BYTES..)
        .ok_or(SnapshotError::BufferFull)?;
    let capacity = body.len();
    let mut writer = Writer { rest: body };
    fill(&mut writer)?;
    let used = capacity - writer.rest.len();
    let body = buffer
        .get(HEADER_BYTES..HEADER_BYTES + used)
        .unwrap_or_default();
    let fields = header_bytes(shape, used as u32);
    let mut digest = CRC.digest();
    digest.update(&fields);
    digest.update(body);
    let sum = digest.finalize().to_le_bytes();
    for (to, from) in buffer.iter_mut().zip(fields.into_iter().chain(sum)) {
        *to = from;
    }
    Ok(HEADER_BYTES + used)
}

fn header_bytes(shape: u32, length: u32) -> [u8; CHECKED_HEADER] {
    let [m0, m1, m2, m3] = MAGIC;
    let [v0, v1] = SNAPSHOT_VERSION.to_le_bytes();
    let [s0, s1, s2, s3] = shape.to_le_bytes();
    let [l0, l1, l2, l3] = length.to_le_bytes();
    [m0, m1, m2, m3, v0, v1, s0, s1, s2, s3, l0, l1, l2, l3]
}

/// Checks everything about a snapshot but the meaning of its body, which it returns.
pub(crate) fn open(bytes: &[u8], shape: u32) -> Result<&[u8], SnapshotError> {
    let short = |expected| SnapshotError::Truncated {
        expected,
        found: bytes.len(),
    };
    let (header, body) = bytes
        .split_first_chunk::<HEADER_BYTES>()
        .ok_or(short(HEADER_BYTES))?;
    let [
        m0,
        m1,
        m2,
        m3,
        v0,
        v1,
        s0,
        s1,
        s2,
        s3,
        l0,
        l1,
        l2,
        l3,
        c0,
        c1,
        c2,
        c3,
    ] = *header;
    if [m0, m1, m2, m3] != MAGIC {
        return Err(SnapshotError::Magic);
    }
    let version = u16::from_le_bytes([v0, v1]);
    if version != SNAPSHOT_VERSION {
        return Err(SnapshotError::Version { found: version });
    }
    let found = u32::from_le_bytes([s0, s1, s2, s3]);
    if found != shape {
        return Err(SnapshotError::Shape {
            expected: shape,
            found,
        });
    }
    let length = u32::from_le_bytes([l0, l1, l2, l3]) as usize;
    let expected = HEADER_BYTES.saturating_add(length);
    if body.len() < length {
        return Err(short(expected));
    }
    if body.len() > length {
        return Err(SnapshotError::TrailingBytes {
            expected,
            found: bytes.len(),
        });
    }
    let mut digest = CRC.digest();
    digest.update(bytes.get(..CHECKED_HEADER).unwrap_or_default());
    digest.update(body);
    let (expected, found) = (u32::from_le_bytes([c0, c1, c2, c3]), digest.finalize());
    if expected != found {
        return Err(SnapshotError::Checksum { expected, found });
    }
    Ok(body)
}

/// Appends postcard values to a buffer.
pub(crate) struct Writer<'a> {
    rest: &'a mut [u8],
}

impl<'a> Writer<'a> {
    #[cfg(test)]
    pub(crate) fn new(rest: &'a mut [u8]) -> Self {
        Self { rest }
    }

    pub(crate) fn put<T: Serialize>(&mut self, value: &T) -> Result<(), SnapshotError> {
        let rest = core::mem::take(&mut self.rest);
        let used = match postcard::to_slice(value, &mut *rest) {
            Ok(used) => used.len(),
            Err(_) => return Err(SnapshotError::BufferFull),
        };
        self.rest = rest.get_mut(used..).unwrap_or_default();
        Ok(())
    }
}

/// Takes postcard values from a body.
pub(crate) struct Reader<'a> {
    body: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(body: &'a [u8]) -> Self {
        Self { body, rest: body }
    }

    /// The error for content that makes no sense, with the place reached.
    pub(crate) fn content(&self) -> SnapshotError {
        SnapshotError::Content {
            offset: HEADER_BYTES + self.body.len() - self.rest.len(),
        }
    }

    pub(crate) fn take<T: DeserializeOwned>(&mut self) -> Result<T, SnapshotError> {
        match postcard::take_from_bytes(self.rest) {
            Ok((value, rest)) => {
                self.rest = rest;
                Ok(value)
            }
            Err(_) => Err(self.content()),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), SnapshotError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(self.content())
        }
    }
}
