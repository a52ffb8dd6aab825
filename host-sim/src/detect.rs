//! Detectors over recordings: one trait, one record, one registry.

pub mod against;
#[cfg(feature = "full")]
pub mod autoencoder;
pub mod charts;
pub mod consensus;
pub mod events;
pub mod finding;
pub mod fit_file;
pub mod golden;
pub mod half_space;
pub mod incidents;
pub mod lane;
pub mod mahalanobis;
pub mod node;
pub mod quartet;
pub mod reach;
pub mod record;
pub mod registry;
pub mod repad2;
pub mod rola;
mod roomy;
pub mod sentinel;
#[cfg(feature = "full")]
pub mod session;
pub mod setting;
pub mod sigma;
pub mod tally;
pub mod watch;

pub use fit_file::FitFile;
pub use lane::Lane;
pub use record::{Contribution, CorrelationRecord, LaneRecord, NAMED, Record};
pub use registry::{Entry, REGISTRY, Setup};
pub use rola::{Options, RolaWatch};
#[cfg(feature = "full")]
pub use session::Session;
pub use tally::Tally;
pub use watch::{Limit, Profile, Watch};
