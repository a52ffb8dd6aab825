//! The node agent: it reads the sensors of a machine, judges them, and tells what it found. It never acts.
//!
//! ```text
//! probes ─ readers ─▶ readings of a second ─ judge ─▶ events, status ─ outbox ─▶ sinks
//!          (threads)                        (frames, watchers, groups)            (threads)
//! ```
//!
//! The library is the daemon without its command line, so that the program `bellwether` watches and replays by
//! the same code. Time is an argument of everything behind the engine.

pub mod commands;
pub mod config;
pub mod engine;
pub mod event;
pub mod judge;
pub mod outputs;
pub mod readers;
pub mod replay;
pub mod sink;
pub mod sources;
pub mod state;
pub mod status;
