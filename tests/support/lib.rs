//! Shared helpers of the conformance tests.

pub mod bits;
pub mod curves;
pub mod data;
pub mod extreme;
pub mod flash;
pub mod halves;
pub mod kinds;
pub mod network;
pub mod numbers;
pub mod oracle;

/// The examples of the README, compiled and run as documentation tests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
