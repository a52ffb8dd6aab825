//! Detectors made of detectors.

pub mod rola;
pub mod verdict;
