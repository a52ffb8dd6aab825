//! Saving and restoring what a detector has learned. Bytes in `docs/snapshot.md`.
//!
//! ```text
//! header: magic, version, shape, length │ body: postcard values │ CRC-32
//! ```
//!
//! A snapshot leaves in pieces of [`PIECE_BYTES`] and is read back in pieces of at most as many, so
//! that no memory holds it as a whole. Restoring reads it twice: first everything is checked, then
//! it is stored. A refused snapshot changes nothing.
//!
//! Versions: every version up to [`SNAPSHOT_VERSION`] is read, newer ones are refused. Bodies are
//! append-only; a field that an older version lacks takes the value of a new detector.

mod header;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

pub(crate) use header::shape;
pub(crate) use reader::{read, read_slice};
pub(crate) use writer::{write, write_slice};

use crate::detector::Detector;
use crate::error::{SnapshotError, TransferError};
use crate::sample::Tick;
use crate::wire::checksum::CRC;

/// Version of the snapshot format that is written. Versions from 1 to this one are read.
pub const SNAPSHOT_VERSION: u16 = 2;
/// Bytes before the body.
pub const HEADER_BYTES: usize = 14;
/// Bytes after the body.
pub const CHECKSUM_BYTES: usize = 4;
/// Bytes of every piece that is written but the last, which may be shorter; no piece that is read is
/// longer.
pub const PIECE_BYTES: usize = 64;

/// Header and checksum, in every version.
pub(crate) const FRAME_BYTES: usize = HEADER_BYTES + CHECKSUM_BYTES;

/// A detector whose state can leave and come back.
///
/// Implementers guarantee: saving in mid-stream, restoring into a detector of the same shape
/// and going on gives the same bits as never having stopped.
///
/// ```
/// use bellwether::rola::{Rola, Rules, Settings};
/// use bellwether::{Reading, Snapshot, Tick};
/// let rules = Rules::<2, 16, 16>::try_from(Settings::DEFAULT)?;
/// let mut rola = Rola::<2, 16, 16>::new();
/// rola.decide(&rules, Tick(7), &[Reading::Value(21.5), Reading::Value(48.0)]);
///
/// let (mut flash, mut end) = ([0xff; 1024], 0); // stands for a driver
/// rola.save_to(&rules, &mut |piece| {
///     let page = flash.get_mut(end..end + piece.len()).ok_or("flash is full")?;
///     page.copy_from_slice(piece);
///     end += piece.len();
///     Ok::<(), &str>(())
/// })?;
///
/// let mut restored = Rola::<2, 16, 16>::new();
/// let next = restored.restore_from(&rules, &mut |offset, piece| {
///     let bytes = flash.get(offset..offset + piece.len()).ok_or("flash ends")?;
///     piece.copy_from_slice(bytes);
///     Ok::<(), &str>(())
/// })?;
/// assert_eq!(next, Tick(8));
/// # Ok::<(), Box<dyn core::error::Error>>(())
/// ```
pub trait Snapshot: Detector {
    /// Bytes that always suffice.
    const SNAPSHOT_MAX: usize;

    /// Hash of what must agree between the detector that saved and the one that restores.
    fn shape(rules: &Self::Rules<'_>) -> u32;

    /// Writes the state. Called twice in a row: for its length, then for its bytes.
    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>);

    /// Reads what [`Self::save_body`] wrote, in this version or an older one, and refuses content
    /// that makes no sense. Changes the state only if `commit`: called without it first, then with
    /// it.
    ///
    /// # Errors
    /// [`Reader::content`], or the error of [`Reader::take`].
    fn restore_body(
        &mut self,
        rules: &Self::Rules<'_>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError>;

    /// Writes the state piece by piece and returns the number of bytes. Every piece has
    /// [`PIECE_BYTES`] bytes; the last one may be shorter.
    ///
    /// # Errors
    /// The storage's error, after which no further piece is written.
    fn save_to<E>(
        &self,
        rules: &Self::Rules<'_>,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, TransferError<E>> {
        write(Self::shape(rules), sink, &|body| {
            self.save_body(rules, body);
        })
    }

    /// Replaces the state by a saved one, and answers the tick to go on from. The next tick may be
    /// any: a device whose counter begins at 0 again goes on as well.
    ///
    /// `source` fills a piece, at most [`PIECE_BYTES`] long, with the bytes from an offset into the
    /// snapshot. No piece crosses a multiple of [`PIECE_BYTES`], and offsets are multiples of 16.
    /// The snapshot is read twice.
    ///
    /// # Errors
    /// Why the snapshot was refused, or the storage's error; the state is as before. Only if the
    /// second reading fails, or has other bytes than the first, the detector is reset: half a state
    /// never remains.
    fn restore_from<E>(
        &mut self,
        rules: &Self::Rules<'_>,
        source: &mut impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<Tick, TransferError<E>> {
        let (shape, most) = (Self::shape(rules), Self::SNAPSHOT_MAX);
        read(shape, most, source, &mut |body| {
            self.restore_body(rules, body, false)
        })?;
        read(shape, most, source, &mut |body| {
            self.restore_body(rules, body, true)
        })
        .inspect_err(|_| self.reset())?;
        Ok(self.next_tick())
    }

    /// Writes the state to memory and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    fn save(&self, rules: &Self::Rules<'_>, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.save_to(rules, &mut writer::into_slice(buffer))
            .map_err(TransferError::flat)
    }

    /// [`Self::restore_from`] memory that holds the snapshot and nothing else.
    ///
    /// # Errors
    /// Says why the bytes were refused; the state is as before.
    fn restore(&mut self, rules: &Self::Rules<'_>, bytes: &[u8]) -> Result<Tick, SnapshotError> {
        self.restore_from(rules, &mut reader::from_slice(bytes)?)
            .map_err(TransferError::flat)
    }
}

#[cfg(test)]
mod tests;
