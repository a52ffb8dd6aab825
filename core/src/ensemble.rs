//! Detectors that combine detectors.

pub mod rola;
pub mod sentinel;
pub mod verdict;
