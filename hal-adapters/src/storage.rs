//! Storage of models in flash.

#[cfg(feature = "slots")]
pub mod slots;
