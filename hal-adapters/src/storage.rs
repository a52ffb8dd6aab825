//! Storage of models and of detectors' states in flash.

#[cfg(feature = "slots")]
pub mod slots;
#[cfg(feature = "slots")]
pub mod snapshots;
