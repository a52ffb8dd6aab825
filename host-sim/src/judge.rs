//! Random faults in recordings, and the alarms' answers about them: which were found, of what kind they were
//! said to be, and in which variable.
//!
//! A fault is found if an alarm begins within it or the [`LATE`] rows behind it, unless the recording raises one
//! there without faults too. The kind is that of the first row of
//! the alarm and that after ten rows; the variables are those of the first row.

pub mod case;
pub mod table;
pub mod trial;
mod watched;

pub use case::{Case, Found, Trials};
pub use table::Tables;
pub use trial::Trial;

use crate::simulate::fault::FaultKind;
use bellwether::kind::Kind;

/// Rows behind a fault in which an alarm about it may begin.
pub const LATE: u64 = 10;

/// Whether a kind is right about a fault: a scaled signal steps or is noisy, two that are exchanged step or do
/// not fit the others.
pub const fn is_right(fault: FaultKind, kind: Kind) -> bool {
    match fault {
        FaultKind::Spike => matches!(kind, Kind::Spike),
        FaultKind::Step => matches!(kind, Kind::Step),
        FaultKind::Drift => matches!(kind, Kind::Drift),
        FaultKind::Stuck => matches!(kind, Kind::Stuck),
        FaultKind::Noise => matches!(kind, Kind::Noise),
        FaultKind::Dropout => matches!(kind, Kind::Missing),
        FaultKind::Scale => matches!(kind, Kind::Step | Kind::Noise),
        FaultKind::Swap => matches!(kind, Kind::Step | Kind::Relation),
        FaultKind::Lag | FaultKind::Decorrelate => matches!(kind, Kind::Relation),
    }
}

#[cfg(test)]
mod tests;
