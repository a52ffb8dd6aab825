//! Models on the host: read from a framework's file, written as the library's bytes, run over
//! recordings.

pub mod blob;
pub mod dense;
pub mod factor;
pub mod flatbuffer;
pub mod float;
pub mod frames;
pub mod names;
pub mod stored;
pub mod tflite;

pub use blob::{Blob, DenseLayer, NamedFeature};
pub use stored::Stored;

/// Values the widest layer of any model may have: its fields are 16 bits wide.
pub const WIDEST: usize = u16::MAX as usize;
