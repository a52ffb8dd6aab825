//! Detectors that combine detectors.

pub mod cascade;
pub mod rola;
pub mod sentinel;
pub mod verdict;
