//! Alerts of many nodes in the order in which a shift should look at them.
//!
//! Alerts of one kind at one time on nodes of one job, or of one rack, are one line. Lines are ranked by points:
//! the weight of the severity, times what it lasts, times how many nodes share it, both by their logarithm.

pub mod groups;
pub mod incident;
pub mod racks;
pub mod reading;

pub use groups::{Group, grouped};
pub use incident::{Incident, Severity};
pub use racks::Racks;
