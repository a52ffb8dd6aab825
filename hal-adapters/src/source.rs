//! Where frames come from.

pub mod channels;
pub mod inject;
#[cfg(feature = "io")]
pub mod stream;
