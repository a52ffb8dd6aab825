//! Sources of frames.

pub mod channels;
pub mod inject;
#[cfg(feature = "io")]
pub mod stream;
