//! Statistics over windows: exact sums of errors, and correlation on demand.

pub mod correlation;
pub mod sliding;
