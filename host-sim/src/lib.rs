//! Host side of Bellwether. The library does the work; the binary only parses arguments.
//!
//! Data goes to stdout, the log to stderr. Exit codes: 0 done, 1 a difference was found or a
//! check failed, 2 wrong use or unreadable input.

#[cfg(feature = "full")]
pub mod bench;
#[cfg(feature = "full")]
pub mod board;
pub mod commands;
#[cfg(feature = "full")]
pub mod compare;
#[cfg(feature = "full")]
pub mod cost;
pub mod detect;
#[cfg(feature = "full")]
pub mod export;
#[cfg(feature = "full")]
pub mod fleet;
#[cfg(feature = "full")]
pub mod judge;
pub mod metrics;
#[cfg(feature = "full")]
pub mod model;
pub mod output;
pub mod page;
pub mod progress;
pub mod random;
pub mod recording;
pub mod simulate;
pub mod text;
#[cfg(feature = "full")]
pub mod train;
