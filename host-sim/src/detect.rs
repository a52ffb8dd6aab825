//! Detectors over recordings: RoLA behind run-time settings, an autoencoder with its model, and
//! the records that both leave.

#[cfg(feature = "full")]
pub mod autoencoder;
pub mod options;
pub mod record;
pub mod rola;
mod scores;
#[cfg(feature = "full")]
pub mod session;

pub use options::Options;
pub use record::{CorrelationRecord, FrameRecord, LaneRecord};
pub use rola::Replay;
pub use scores::Scores;
