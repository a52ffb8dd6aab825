//! Writing values as pieces.

use super::header::Header;
use super::{CRC, PIECE_BYTES, SNAPSHOT_VERSION, update};
use crate::error::{SnapshotError, TransferError};
use core::mem::take;
use crc::Digest;
use postcard::{Serializer, ser_flavors::Flavor};
use serde::Serialize;

/// Writes the values of a body, one after the other. After a failure it writes no more.
pub struct Writer<'a> {
    /// Whether the piece could be stored.
    sink: &'a mut dyn FnMut(&[u8]) -> bool,
    piece: [u8; PIECE_BYTES],
    filled: usize,
    total: usize,
    /// Checksum of the pieces handed out.
    digest: Digest<'static, u32>,
    failed: bool,
}

impl<'a> Writer<'a> {
    fn new(sink: &'a mut dyn FnMut(&[u8]) -> bool) -> Self {
        Self {
            sink,
            piece: [0; PIECE_BYTES],
            filled: 0,
            total: 0,
            digest: CRC.digest(),
            failed: false,
        }
    }

    /// Appends a value, of any size, as postcard writes it.
    pub fn put<T: Serialize>(&mut self, value: &T) {
        let mut serializer = Serializer { output: &mut *self };
        self.failed |= value.serialize(&mut serializer).is_err();
    }

    /// Not inlined: it would be at every byte of every field.
    #[inline(never)]
    fn extend(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(place) = self.piece.get_mut(self.filled) {
                *place = *byte;
                self.filled += 1;
            }
            if self.filled == PIECE_BYTES {
                self.flush();
            }
        }
        self.total = self.total.saturating_add(bytes.len());
    }

    #[inline(never)]
    fn flush(&mut self) {
        let piece = self.piece.get(..take(&mut self.filled)).unwrap_or_default();
        update(&mut self.digest, piece);
        self.failed = self.failed || !(self.sink)(piece);
    }

    /// Appends the checksum, hands out the rest, and returns the number of bytes written.
    fn finish(&mut self) -> Option<usize> {
        let mut digest = self.digest.clone();
        let rest = self.piece.get(..self.filled).unwrap_or_default();
        update(&mut digest, rest);
        self.extend(&digest.finalize().to_le_bytes());
        if self.filled > 0 {
            self.flush();
        }
        (!self.failed).then_some(self.total)
    }
}

impl Flavor for &mut Writer<'_> {
    type Output = ();

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.try_extend(&[byte])
    }

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.extend(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Writes a snapshot whose body `fill` puts, twice the same.
pub(crate) fn write<E>(
    shape: u32,
    sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    fill: &dyn Fn(&mut Writer<'_>),
) -> Result<usize, TransferError<E>> {
    let mut failure = None;
    let mut store = |piece: &[u8]| match sink(piece) {
        Ok(()) => true,
        Err(error) => {
            failure = Some(error);
            false
        }
    };
    let written = write_pieces(shape, &mut store, fill);
    match failure {
        Some(error) => Err(TransferError::Storage(error)),
        None => written.map_err(TransferError::Snapshot),
    }
}

#[inline(never)]
fn write_pieces(
    shape: u32,
    sink: &mut dyn FnMut(&[u8]) -> bool,
    fill: &dyn Fn(&mut Writer<'_>),
) -> Result<usize, SnapshotError> {
    let mut nowhere = |_: &[u8]| true;
    let mut counting = Writer::new(&mut nowhere);
    fill(&mut counting);
    // A value that postcard cannot write: a list of unknown length.
    let unwritable = SnapshotError::Content {
        offset: counting.total,
    };
    if counting.failed {
        return Err(unwritable);
    }
    let header = Header {
        version: SNAPSHOT_VERSION,
        shape,
        length: counting.total as u32,
    };
    let mut writer = Writer::new(sink);
    writer.extend(&header.bytes());
    fill(&mut writer);
    writer.finish().ok_or(unwritable)
}

/// A sink that fills memory.
pub(crate) fn into_slice(buffer: &mut [u8]) -> impl FnMut(&[u8]) -> Result<(), SnapshotError> {
    let mut rest = buffer;
    move |piece| {
        let (place, next) = take(&mut rest)
            .split_at_mut_checked(piece.len())
            .ok_or(SnapshotError::BufferFull)?;
        for (to, from) in place.iter_mut().zip(piece) {
            *to = *from;
        }
        rest = next;
        Ok(())
    }
}

/// [`write`] to memory.
pub(crate) fn write_slice(
    buffer: &mut [u8],
    shape: u32,
    fill: &dyn Fn(&mut Writer<'_>),
) -> Result<usize, SnapshotError> {
    write(shape, &mut into_slice(buffer), fill).map_err(TransferError::flat)
}
