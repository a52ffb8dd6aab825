//! Recordings: read in every layout, and written.

pub mod cadence;
#[cfg(feature = "full")]
pub mod census;
#[cfg(feature = "full")]
pub mod dataset;
#[cfg(feature = "full")]
pub mod frames;
#[cfg(feature = "full")]
pub mod front_end;
#[cfg(feature = "full")]
pub mod learning;
#[cfg(feature = "full")]
pub mod metered;
#[cfg(feature = "full")]
pub mod notes;
#[cfg(feature = "full")]
pub mod opening;
#[cfg(feature = "full")]
pub mod options;
#[cfg(feature = "full")]
pub mod order;
#[cfg(feature = "full")]
pub mod reader;
pub mod recorder;
#[cfg(feature = "full")]
pub mod source;
#[cfg(feature = "full")]
pub mod table;
pub mod time;

#[cfg(feature = "full")]
pub use dataset::Dataset;
#[cfg(feature = "full")]
pub use front_end::FrontEnd;
#[cfg(feature = "full")]
pub use metered::MeteredRecording;
#[cfg(feature = "full")]
pub use options::Options;
#[cfg(feature = "full")]
pub use reader::{Recording, Row};
#[cfg(feature = "full")]
pub use source::{Layout, Problem, RecordingError, Training, decompress};
#[cfg(feature = "full")]
pub use table::Table;
