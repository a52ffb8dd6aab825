//! Sinks for report records.

pub mod ring;
#[cfg(feature = "io")]
pub mod writer;
