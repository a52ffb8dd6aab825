//! The bytes of snapshots (`docs/formats/snapshot.md`), behind [`Snapshot`](crate::Snapshot).
//!
//! ```text
//! header: magic, version, shape, length │ body: postcard values │ CRC-32
//! ```
//!
//! A snapshot is written in pieces of [`PIECE_BYTES`] and read in pieces of at most as many, so
//! that it is never in memory as a whole. Restoring reads it twice: the first pass checks, the
//! second stores. A refused snapshot changes nothing.
//!
//! Every version up to [`SNAPSHOT_VERSION`] is read, and newer ones are refused. Bodies are
//! append-only. A field that an older version lacks gets the value of a new detector.

mod header;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

pub(crate) use header::shape;
pub(crate) use reader::{from_slice, read, read_slice};
pub(crate) use writer::{into_slice, write, write_slice};

use crate::wire::checksum::CRC;
use crc::Digest;

/// Version of written snapshots. Versions from 1 to this one are read.
pub const SNAPSHOT_VERSION: u16 = 2;
/// Bytes before the body.
pub const HEADER_BYTES: usize = 14;
/// Bytes after the body.
pub const CHECKSUM_BYTES: usize = 4;
/// Size of a written piece in bytes; the last one may be shorter. Read pieces are at most as long.
pub const PIECE_BYTES: usize = 64;

/// Header and checksum, in every version.
pub(crate) const FRAME_BYTES: usize = HEADER_BYTES + CHECKSUM_BYTES;

/// One copy in flash.
#[inline(never)]
fn update(digest: &mut Digest<'static, u32>, bytes: &[u8]) {
    digest.update(bytes);
}

#[cfg(test)]
mod tests;
