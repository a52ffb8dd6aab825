//! Saving and restoring what a detector has learned, for every detector.

use super::Detector;
use crate::error::{SnapshotError, TransferError};
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer, from_slice, into_slice, read, write};

/// A detector with a state that can be saved and restored.
///
/// Implementers guarantee that saving in mid-stream, restoring into a detector of the same shape
/// and continuing gives the bits of an uninterrupted run.
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
    /// Maximum size of a snapshot in bytes.
    const SNAPSHOT_MAX: usize;

    /// Hash of the properties that must agree between saving and restoring detector.
    fn shape(rules: &Self::Rules<'_>) -> u32;

    /// Writes the state. Called twice in a row: for its length, then for its bytes.
    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>);

    /// Reads the body from [`Self::save_body`] of this version or an older one, and refuses invalid
    /// content. Changes the state only if `commit`. Called without it first, then with it.
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
    /// [`PIECE_BYTES`](crate::snapshot::PIECE_BYTES) bytes; the last one may be shorter.
    ///
    /// # Errors
    /// The storage's error. No further piece is written after it.
    fn save_to<E>(
        &self,
        rules: &Self::Rules<'_>,
        sink: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, TransferError<E>> {
        write(Self::shape(rules), sink, &|body| {
            self.save_body(rules, body);
        })
    }

    /// Replaces the state by a saved one, and returns the tick to continue from. The next tick may
    /// be any other, so that a device continues although its counter starts at 0 again.
    ///
    /// `source` fills a piece, at most [`PIECE_BYTES`](crate::snapshot::PIECE_BYTES) long, with the bytes from an offset into the
    /// snapshot. No piece crosses a multiple of [`PIECE_BYTES`](crate::snapshot::PIECE_BYTES), and offsets are multiples of 16.
    /// The snapshot is read twice.
    ///
    /// # Errors
    /// The reason why the snapshot was refused, or the storage's error. The state is unchanged.
    /// Only if the second pass fails, or reads other bytes than the first, the detector is reset:
    /// half a state never remains.
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

    /// Saves the state to memory and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    fn save(&self, rules: &Self::Rules<'_>, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.save_to(rules, &mut into_slice(buffer))
            .map_err(TransferError::flat)
    }

    /// [`Self::restore_from`] memory that contains the snapshot and nothing else.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    fn restore(&mut self, rules: &Self::Rules<'_>, bytes: &[u8]) -> Result<Tick, SnapshotError> {
        self.restore_from(rules, &mut from_slice(bytes)?)
            .map_err(TransferError::flat)
    }
}
