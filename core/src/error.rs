//! Small, copyable errors that say what was expected and what was found.

mod model;
mod settings;
mod transfer;

pub use model::ModelError;
pub use settings::{Allowed, SettingsError};
pub use transfer::TransferError;

use core::fmt;

/// A frame has less room than its source has variables. Nothing was read and no tick was
/// used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrameTooSmall {
    /// Variables of the source.
    pub variables: usize,
    /// Room of the frame.
    pub room: usize,
}

impl fmt::Display for FrameTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variables, room } = self;
        write!(
            f,
            "the source has {variables} variables, the frame room for {room}"
        )
    }
}

impl core::error::Error for FrameTooSmall {}

/// Why a snapshot was refused or could not be written. A refused snapshot changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SnapshotError {
    /// The buffer to write into is too small; `SNAPSHOT_MAX` bytes always suffice.
    BufferFull,
    /// Fewer bytes than the header or its length field announce.
    Truncated {
        /// Bytes needed.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// More bytes than the header announces.
    TrailingBytes {
        /// Bytes the snapshot has.
        expected: usize,
        /// Bytes given.
        found: usize,
    },
    /// The first four bytes are not a snapshot's.
    Magic,
    /// Written in a format version that this program does not read: a newer one.
    Version {
        /// The version found.
        found: u16,
    },
    /// Taken from a detector of another type or size.
    Shape {
        /// Hash of this detector's shape.
        expected: u32,
        /// Hash in the snapshot.
        found: u32,
    },
    /// The checksum does not match: the bytes were damaged.
    Checksum {
        /// Checksum in the snapshot.
        expected: u32,
        /// Checksum of the bytes given.
        found: u32,
    },
    /// A field makes no sense, `offset` bytes into the snapshot, though the checksum matches.
    Content {
        /// Where reading stopped.
        offset: usize,
    },
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BufferFull => f.write_str("the buffer is too small for the snapshot"),
            Self::Truncated { expected, found } => {
                write!(f, "truncated: {expected} bytes needed, {found} given")
            }
            Self::TrailingBytes { expected, found } => {
                write!(
                    f,
                    "trailing bytes: the snapshot has {expected}, {found} given"
                )
            }
            Self::Magic => f.write_str("not a snapshot (wrong magic)"),
            Self::Version { found } => write!(f, "snapshot format version {found} is not read"),
            Self::Shape { expected, found } => {
                write!(
                    f,
                    "taken from another shape ({found:#010x}, this is {expected:#010x})"
                )
            }
            Self::Checksum { expected, found } => {
                write!(
                    f,
                    "checksum {found:#010x} of the bytes differs from {expected:#010x}"
                )
            }
            Self::Content { offset } => write!(f, "impossible content before byte {offset}"),
        }
    }
}

impl core::error::Error for SnapshotError {}

/// Why the bytes of one report record were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ReportError {
    /// Longer than any record, or a zero byte inside, or an impossible code length.
    Framing,
    /// Too short to hold a checksum.
    Truncated,
    /// The checksum does not match.
    Checksum,
    /// Written in a format version this program does not read.
    Version {
        /// The version found.
        found: u8,
    },
    /// The checksum matches but the content is no record of this version.
    Content,
}

impl fmt::Display for ReportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self {
            Self::Framing => "not a COBS frame of a record's size",
            Self::Truncated => "too short for a record",
            Self::Checksum => "checksum does not match",
            Self::Version { found } => return write!(f, "of format version {found}"),
            Self::Content => "not a record of this version",
        })
    }
}

impl core::error::Error for ReportError {}
