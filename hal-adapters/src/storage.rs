//! Places in flash.

#[cfg(feature = "slots")]
pub mod slots;
