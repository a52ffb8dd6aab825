//! Models on the host: read from a framework's file, written as the library's bytes, run over
//! recordings.

pub mod blob;
pub mod dense;
pub mod edit;
pub mod estimate;
pub mod factor;
pub mod flatbuffer;
pub mod float;
pub mod frames;
pub mod import;
pub mod judged;
pub mod judgement;
pub mod key;
pub mod names;
pub mod onnx;
pub mod pace;
pub mod quality;
pub mod quantise;
pub mod runner;
pub mod safetensors;
pub mod sidecar;
pub mod sign;
pub mod stored;
pub mod tally;
pub mod tflite;
pub mod watch;

pub use blob::{
    Blob, BlobLayer, Conv1dLayer, DenseLayer, GateWeights, Judging, LookupLayer, NamedFeature,
    RecurrentLayer,
};
pub use judgement::Judgement;
pub use runner::Runner;
pub use stored::Stored;
pub use watch::Watch;

/// Room enough for any model: its field is 16 bits wide.
pub const WIDEST: usize = u16::MAX as usize;
