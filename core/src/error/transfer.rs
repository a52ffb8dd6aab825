//! Errors of a snapshot on its way to or from a storage.

use super::SnapshotError;
use core::fmt;

/// Why a snapshot could not be written to a storage or read from it. `E` is the storage's own error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TransferError<E> {
    /// The snapshot is refused.
    Snapshot(SnapshotError),
    /// The storage failed.
    Storage(E),
}

impl TransferError<SnapshotError> {
    /// Both sides in one, where the storage is a slice.
    pub(crate) fn flat(self) -> SnapshotError {
        let (Self::Snapshot(error) | Self::Storage(error)) = self;
        error
    }
}

impl<E: fmt::Display> fmt::Display for TransferError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot(error) => error.fmt(f),
            Self::Storage(error) => write!(f, "storage of the snapshot: {error}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for TransferError<E> {}
