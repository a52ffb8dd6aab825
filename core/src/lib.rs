#![no_std]
// Files in network/kernel/ may.
#![deny(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

pub mod alert;
pub mod assessment;
pub mod clock;
pub mod detector;
pub mod ensemble;
pub mod error;
pub mod math;
pub mod model;
pub mod monitor;
pub mod network;
pub mod port;
pub mod report;
pub mod rng;
pub mod sample;
pub mod statistics;
#[cfg(feature = "testing")]
pub mod testing;
pub mod threshold;
pub mod vote;
pub mod wire;

pub use alert::Alert;
pub use assessment::{Assessment, Blindness, State};
pub use clock::Clock;
pub use detector::Detector;
pub use detector::autoencoder::{self, Autoencoder};
pub use detector::repad2::{self, Repad2};
pub use detector::sigma::{self, Sigma};
pub use ensemble::rola::{self, Mid9, Paper9, Rola, Tiny9};
pub use ensemble::verdict::Verdict;
pub use error::{ModelError, ReportError, SettingsError, SnapshotError, TransferError};
pub use model::Model;
pub use monitor::Monitor;
pub use sample::{Cause, Frame, Reading, Tick};
pub use vote::outcome::Outcome;
pub use wire::snapshot::{self, Snapshot};
