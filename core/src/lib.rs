#![no_std]
// Files in autoencoder/kernel/ may.
#![deny(unsafe_code)]
//! Fixed-memory online anomaly detectors for multivariate sensor streams: no allocation, no
//! panic, the same bits on a microcontroller and on a PC.
//!
//! The heart is the RoLA ensemble ([`Rola`]; Lee and Lin, 2023): one RePAD2 [`lane::Lane`]
//! per variable, and a vote among the variables that correlate now.
//!
//! | in the papers | here |
//! |---|---|
//! | lightweight detector (LAD, LDA) | lane |
//! | AARE, average absolute relative error | relative error (`score`) of a lane |
//! | Thd | threshold |
//! | flag | trusted model |
//! | polling | vote |
//! | supportive information | agreeing variables |
//! | b, look-back | [`CONTEXT`] |

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
pub use error::{ModelError, ReportError, SettingsError, SnapshotError};
pub use model::Model;
pub use monitor::Monitor;
pub use sample::{Cause, Frame, Reading, Tick, VariableSet};
pub use wire::snapshot::Snapshot;
pub use wire::{report, snapshot};
