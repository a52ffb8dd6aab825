//! Host side of Bellwether. The library does the work; the binary only parses arguments.
//!
//! Data goes to stdout, the log to stderr. Exit codes: 0 done, 1 a difference was found or a
//! check failed, 2 wrong use or unreadable input.

pub mod bench;
pub mod board;
pub mod commands;
pub mod compare;
pub mod cost;
pub mod detect;
pub mod metrics;
pub mod model;
pub mod output;
pub mod page;
pub mod random;
pub mod recording;
pub mod simulate;
pub mod text;
pub mod train;
