//! Errors of snapshots in flash.

use bellwether::SnapshotError;
use core::fmt;

/// The reason why a snapshot was not saved or restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StoreError<E> {
    /// The region is invalid: not within the flash, not two halves of whole erase blocks, or halves that hold no
    /// snapshot.
    Region,
    /// The snapshot is larger than its place.
    Capacity {
        /// Bytes of a place.
        found: usize,
    },
    /// The bytes that were read back are not those that were written.
    Differs,
    /// The detector takes none of the snapshots; the reason of the newest one.
    Refused(SnapshotError),
    /// The flash failed.
    Flash(E),
}

impl<E: fmt::Debug> fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => {
                f.write_str("the region is not two halves of this flash with room for a snapshot")
            }
            Self::Capacity { found } => write!(f, "the snapshot is larger than its {found} bytes"),
            Self::Differs => f.write_str("the bytes in flash are not those that were written"),
            Self::Refused(error) => error.fmt(f),
            Self::Flash(error) => write!(f, "the flash failed: {error:?}"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for StoreError<E> {}
