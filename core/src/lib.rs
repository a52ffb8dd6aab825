#![no_std]
// Files in autoencoder/kernel/ may.
#![deny(unsafe_code)]
//! Fixed-memory online anomaly detectors for multivariate sensor streams: no allocation, no
//! panic, the same bits on a microcontroller and on a PC.
//!
//! The heart is the RoLA ensemble ([`Ensemble`]; Lee and Lin, 2023): one RePAD2 [`lane::Lane`]
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

pub mod assessment;
pub mod autoencoder;
mod cobs;
pub mod confirm;
pub mod detector;
pub mod ensemble;
pub mod error;
pub mod lane;
pub mod lstm;
pub mod math;
pub mod model;
pub mod moving;
pub mod port;
pub mod predictor;
pub mod report;
pub mod rng;
pub mod sample;
pub mod settings;
pub mod snapshot;
pub mod statistics;
#[cfg(feature = "testing")]
pub mod testing;
pub mod verdict;
pub mod vote;
pub mod window;

pub use assessment::{Assessment, State};
pub use autoencoder::Autoencoder;
pub use detector::Detector;
pub use ensemble::{Ensemble, Mid9, Paper9, Tiny9};
pub use error::{ModelError, ReportError, SettingsError, SnapshotError};
pub use model::Model;
pub use sample::{Cause, Frame, Reading, Tick, VariableSet};
pub use settings::{LaneSettings, Recheck, Rules, Settings, VoteSettings};
pub use snapshot::Snapshot;
pub use verdict::Verdict;

/// Values a prediction sees, and errors a relative error averages: b of RePAD2.
pub const CONTEXT: usize = 3;
