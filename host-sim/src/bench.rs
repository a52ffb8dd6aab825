//! Detectors over recordings, by one protocol: who ranks anomalous rows first, and at what price.
//!
//! Settings are fixed before any score is looked at; no detector sees a label, or a later row.
//! `docs/bench.md` has the protocol and the peers' settings.

pub mod detector;
pub mod interval;
pub mod outcome;
mod own;
pub mod peers;
pub mod ranking;
pub mod series;
pub mod table;

pub use detector::{Detector, Judged};
pub use outcome::Outcome;
pub use ranking::Ranking;
pub use series::Series;
pub use table::Table;
