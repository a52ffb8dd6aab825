//! Detectors that combine detectors.

pub mod rola;
pub mod verdict;
