//! Reading values from pieces.

use super::header::Header;
use super::{CHECKSUM_BYTES, CRC, FRAME_BYTES, HEADER_BYTES, PIECE_BYTES, update};
use crate::error::{SnapshotError, TransferError};
use crc::Digest;
use postcard::{Deserializer, Error, de_flavors::Flavor};
use serde::de::DeserializeOwned;

/// Bytes of the first piece: every snapshot has them.
const FIRST: usize = 16;
/// Maximum number of bytes of a number.
const NUMBER: usize = 8;

/// Reads the values of a body, one after the other.
pub struct Reader<'a> {
    /// Whether the piece from an offset could be filled.
    source: &'a mut dyn FnMut(usize, &mut [u8]) -> bool,
    piece: [u8; PIECE_BYTES],
    /// A number that was taken from the pieces.
    number: [u8; NUMBER],
    /// Bytes taken.
    offset: usize,
    /// End of the body.
    end: usize,
    /// Bytes of the snapshot.
    total: usize,
    version: u16,
    /// The checksum, where it stood before the body.
    sum: Option<u32>,
    digest: Digest<'static, u32>,
    failed: bool,
}

impl<'a> Reader<'a> {
    fn new(source: &'a mut dyn FnMut(usize, &mut [u8]) -> bool) -> Self {
        Self {
            source,
            piece: [0; PIECE_BYTES],
            number: [0; NUMBER],
            offset: 0,
            end: HEADER_BYTES,
            total: FIRST,
            version: 0,
            sum: None,
            digest: CRC.digest(),
            failed: false,
        }
    }

    /// Reads and checks the header. No snapshot of this shape has more than `most` bytes.
    fn open(&mut self, shape: u32, most: usize) -> Result<(), SnapshotError> {
        let mut bytes = [0; HEADER_BYTES];
        self.body(&mut bytes)?;
        let header = Header::parse(&bytes)?;
        if header.shape != shape {
            return Err(SnapshotError::Shape {
                expected: shape,
                found: header.shape,
            });
        }
        self.version = header.version;
        self.total = header.total();
        if self.total > most {
            return Err(self.content());
        }
        if header.version == 1 {
            self.sum = Some(self.checksum()?);
        }
        self.end = self.offset.saturating_add(header.length as usize);
        Ok(())
    }

    /// Version of the format the snapshot was written in.
    pub const fn version(&self) -> u16 {
        self.version
    }

    /// The next value.
    ///
    /// # Errors
    /// The body ends, or has no such value here.
    pub fn take<T: DeserializeOwned>(&mut self) -> Result<T, SnapshotError> {
        let mut deserializer = Deserializer::from_flavor(Values(&mut *self));
        T::deserialize(&mut deserializer).map_err(|_| self.content())
    }

    /// The next value, of a field that was appended in version `since`; `new` for older snapshots.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub fn take_since<T: DeserializeOwned>(
        &mut self,
        since: u16,
        new: T,
    ) -> Result<T, SnapshotError> {
        if self.version < since {
            Ok(new)
        } else {
            self.take()
        }
    }

    /// Whether the body has no further value.
    pub const fn is_at_end(&self) -> bool {
        self.offset >= self.end
    }

    /// The error for invalid content, with the offset reached.
    pub const fn content(&self) -> SnapshotError {
        SnapshotError::Content {
            offset: self.offset,
        }
    }

    /// The next bytes of header or body. Not inlined: it would be at every byte of every field.
    #[inline(never)]
    fn body(&mut self, bytes: &mut [u8]) -> Result<(), SnapshotError> {
        if self.end.saturating_sub(self.offset) < bytes.len() {
            return Err(self.content());
        }
        self.fill(bytes)?;
        update(&mut self.digest, bytes);
        Ok(())
    }

    fn checksum(&mut self) -> Result<u32, SnapshotError> {
        let mut bytes = [0; CHECKSUM_BYTES];
        self.fill(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    /// The next bytes.
    #[inline(never)]
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), SnapshotError> {
        for byte in bytes {
            let at = self.offset % PIECE_BYTES;
            // The rest of the first piece is read when the length is known.
            if at == 0 || self.offset == FIRST {
                self.fetch(at)?;
            }
            *byte = self.piece.get(at).copied().unwrap_or_default();
            self.offset += 1;
        }
        Ok(())
    }

    /// Reads the piece from offset `at`, up to the end of the snapshot.
    fn fetch(&mut self, at: usize) -> Result<(), SnapshotError> {
        let left = self.total.saturating_sub(self.offset);
        let piece = self.piece.get_mut(at..).unwrap_or_default();
        let length = piece.len().min(left);
        let piece = piece.get_mut(..length).unwrap_or_default();
        self.failed = self.failed || !(self.source)(self.offset, piece);
        if self.failed {
            return Err(self.content());
        }
        Ok(())
    }

    /// Reads the rest and checks the whole. Damage goes before invalid content, which it explains.
    fn close(&mut self, outcome: Result<(), SnapshotError>) -> Result<(), SnapshotError> {
        let rest = self.content();
        let complete = self.offset == self.end;
        while self.offset < self.end {
            self.body(&mut [0])?;
        }
        let expected = match self.sum {
            Some(sum) => sum,
            None => self.checksum()?,
        };
        let found = self.digest.clone().finalize();
        if expected != found {
            return Err(SnapshotError::Checksum { expected, found });
        }
        outcome.and(if complete { Ok(()) } else { Err(rest) })
    }
}

/// A body as a source for postcard.
struct Values<'r, 'a>(&'r mut Reader<'a>);

impl<'de, 'r: 'de, 'a: 'de> Flavor<'de> for Values<'r, 'a> {
    type Remainder = ();
    type Source = ();

    fn pop(&mut self) -> postcard::Result<u8> {
        let mut byte = [0];
        match self.0.body(&mut byte) {
            Ok(()) => Ok(u8::from_le_bytes(byte)),
            Err(_) => Err(Error::DeserializeUnexpectedEnd),
        }
    }

    /// Nothing is lent for longer than a call.
    fn try_take_n(&mut self, _: usize) -> postcard::Result<&'de [u8]> {
        Err(Error::WontImplement)
    }

    #[inline(always)]
    fn try_take_n_temp<'t>(&'t mut self, length: usize) -> postcard::Result<&'t [u8]>
    where
        'de: 't,
    {
        let mut number = [0; NUMBER];
        let bytes = number.get_mut(..length).ok_or(Error::WontImplement)?;
        if self.0.body(bytes).is_err() {
            return Err(Error::DeserializeUnexpectedEnd);
        }
        self.0.number = number;
        self.0.number.get(..length).ok_or(Error::WontImplement)
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Reads a snapshot, whose body `visit` takes, to the end.
pub(crate) fn read<E>(
    shape: u32,
    most: usize,
    source: &mut impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    visit: &mut dyn FnMut(&mut Reader<'_>) -> Result<(), SnapshotError>,
) -> Result<(), TransferError<E>> {
    let mut failure = None;
    let mut fetch = |offset: usize, piece: &mut [u8]| match source(offset, piece) {
        Ok(()) => true,
        Err(error) => {
            failure = Some(error);
            false
        }
    };
    let outcome = read_pieces(shape, most, &mut fetch, visit);
    match failure {
        Some(error) => Err(TransferError::Storage(error)),
        None => outcome.map_err(TransferError::Snapshot),
    }
}

#[inline(never)]
fn read_pieces(
    shape: u32,
    most: usize,
    source: &mut dyn FnMut(usize, &mut [u8]) -> bool,
    visit: &mut dyn FnMut(&mut Reader<'_>) -> Result<(), SnapshotError>,
) -> Result<(), SnapshotError> {
    let mut reader = Reader::new(source);
    reader.open(shape, most)?;
    let outcome = visit(&mut reader);
    reader.close(outcome)
}

/// A source over memory that contains a snapshot and nothing else.
pub(crate) fn from_slice(
    bytes: &[u8],
) -> Result<impl FnMut(usize, &mut [u8]) -> Result<(), SnapshotError>, SnapshotError> {
    let found = bytes.len();
    let short = |expected| SnapshotError::Truncated { expected, found };
    let header = bytes.first_chunk().ok_or(short(FRAME_BYTES))?;
    let expected = Header::parse(header)?.total();
    if found < expected {
        return Err(short(expected));
    }
    if found > expected {
        return Err(SnapshotError::TrailingBytes { expected, found });
    }
    Ok(move |offset: usize, piece: &mut [u8]| {
        let rest = bytes.get(offset..).unwrap_or_default();
        for (to, from) in piece.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(())
    })
}

/// [`read`] from memory.
pub(crate) fn read_slice(
    bytes: &[u8],
    shape: u32,
    most: usize,
    visit: &mut dyn FnMut(&mut Reader<'_>) -> Result<(), SnapshotError>,
) -> Result<(), SnapshotError> {
    read(shape, most, &mut from_slice(bytes)?, visit).map_err(TransferError::flat)
}
