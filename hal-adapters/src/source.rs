//! Sources of frames.

pub mod assembler;
pub mod channels;
pub mod decimator;
pub mod inject;
#[cfg(feature = "io")]
pub mod stream;
