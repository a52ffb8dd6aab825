//! Where report records go.

pub mod ring;
#[cfg(feature = "io")]
pub mod writer;
