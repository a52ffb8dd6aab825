//! Host side of Bellwether. The library does the work; the binary only parses arguments.
//!
//! Data goes to stdout, talk to stderr. Exit codes: 0 done, 1 a difference was found or a
//! check failed, 2 wrong use or unreadable input.

pub mod bench;
pub mod board;
pub mod commands;
pub mod compare;
pub mod corpus;
pub mod cost;
pub mod fault;
pub mod jsonl;
pub mod metrics;
pub mod model;
pub mod node;
pub mod number;
pub mod page;
pub mod points;
pub mod random;
pub mod record;
pub mod recorder;
pub mod replay;
pub mod score;
pub mod source;
pub mod trace;
pub mod train;
