//! Models on the host: read from a framework's file, written as the library's bytes, run over
//! recordings.

pub mod blob;
pub mod card;
pub mod dense;
pub mod edit;
pub mod factor;
pub mod flatbuffer;
pub mod float;
pub mod groups;
pub mod import;
pub mod key;
pub mod limits;
pub mod names;
pub mod network_io;
pub mod onnx;
pub mod quantise;
pub mod runner;
pub mod safetensors;
pub mod sidecar;
pub mod sign;
pub mod stored;
pub mod tflite;

pub use blob::{
    Blob, BlobLayer, Conv1dLayer, CurveLayer, DenseLayer, GateWeights, Judging, LookupLayer,
    NamedFeature, RecurrentLayer,
};
pub use card::ModelCard;
pub use network_io::NetworkIo;
pub use runner::Runner;
pub use stored::Stored;

/// Capacity for any model: its width field has 16 bits.
pub const WIDEST: usize = u16::MAX as usize;
