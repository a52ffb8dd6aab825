//! Bytes that leave the library and come back.

mod cobs;
pub mod report;
pub mod snapshot;
