//! Bytes that leave the library and come back.

pub(crate) mod answer;
pub(crate) mod checksum;
mod cobs;
mod code;
pub(crate) mod framed;
pub(crate) mod name;
pub(crate) mod record;
pub mod snapshot;

pub use checksum::checksum;
