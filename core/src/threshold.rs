//! Thresholds: the limits that scores are compared with.

pub mod ema;
pub(crate) mod sigmas;
