//! Byte formats: records, snapshots, and their checksum.

pub(crate) mod answer;
pub(crate) mod checksum;
mod cobs;
mod code;
pub(crate) mod framed;
pub(crate) mod name;
pub(crate) mod notice;
pub(crate) mod record;
pub mod snapshot;
pub(crate) mod values;

pub use checksum::checksum;
