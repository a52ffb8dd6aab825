#![no_std]
// Files in network/kernel/ may.
#![deny(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(test)]
extern crate std;

pub mod alarm;
mod alert;
mod assessment;
mod clock;
mod detector;
mod ensemble;
pub mod error;
pub mod health;
pub mod kind;
pub mod math;
pub mod model;
mod monitor;
pub mod network;
mod outcome;
pub mod port;
pub mod report;
pub mod rng;
pub mod sample;
mod selfcheck;
pub mod signal;
pub mod statistics;
pub mod summary;
#[cfg(feature = "testing")]
pub mod testing;
pub mod threshold;
pub mod vote;
pub mod wire;

#[doc(inline)]
pub use alarm::{Alarm, Promise};
pub use alert::Alert;
pub use assessment::{Assessment, Blindness, State};
pub use clock::Clock;
pub use detector::Detector;
pub use detector::autoencoder::{self, Autoencoder};
pub use detector::chart;
pub use detector::consensus::{self, Consensus};
pub use detector::golden::{self, Golden};
pub use detector::half_space::{self, HalfSpace};
pub use detector::mahalanobis::{self, Mahalanobis};
pub use detector::node::{self, Node};
pub use detector::quartet::{self, Quartet};
pub use detector::repad2::{self, Repad2};
pub use detector::sigma::{self, Sigma};
#[doc(inline)]
pub use detector::snapshot::Snapshot;
pub use ensemble::cascade::{self, Cascade};
pub use ensemble::rola::{self, Mid9, Paper9, Rola, Tiny9};
pub use ensemble::sentinel::{self, Sentinel};
pub use ensemble::verdict::Verdict;
#[doc(inline)]
pub use error::{ModelError, ReportError, SettingsError, SnapshotError, TransferError};
#[doc(inline)]
pub use model::Model;
pub use monitor::Monitor;
pub use outcome::Outcome;
#[doc(inline)]
pub use sample::{Cause, Frame, Reading, Tick};
pub use selfcheck::selfcheck;
#[doc(inline)]
pub use summary::Summary;
#[doc(inline)]
pub use wire::snapshot;
