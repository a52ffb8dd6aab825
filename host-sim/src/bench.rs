//! Detectors over recordings, by one protocol: the quality of their ranking, their alarms, and their
//! cost.
//!
//! Settings are fixed before any score is looked at; no detector sees a label, or a later row.
//! `docs/measured/bench.md` has the protocol and the peers' settings.

pub mod alarms;
mod autoencoder;
pub mod detector;
pub mod entrant;
mod external;
pub mod instructions;
pub mod interval;
pub mod kept;
pub mod outcome;
pub mod peers;
pub mod ranking;
pub mod runner;
pub mod scorer;
pub mod series;
pub mod sweep;
pub mod table;
mod watched;

pub use alarms::{AlarmRun, AlarmTable};
pub use detector::Detector;
pub use entrant::{Entrant, ScoredRun};
pub use external::External;
pub use instructions::Instructions;
pub use kept::Kept;
pub use outcome::Outcome;
pub use ranking::Ranking;
pub use scorer::Scorer;
pub use series::Series;
pub use table::Table;
