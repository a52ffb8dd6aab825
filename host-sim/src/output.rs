//! Results as data: lines of JSON, CSV, aligned columns, and files.

#[cfg(feature = "full")]
mod fields;
pub mod file;
#[cfg(feature = "full")]
mod format;
pub mod jsonl;
#[cfg(feature = "full")]
pub mod points;
#[cfg(feature = "full")]
mod writer;

#[cfg(feature = "full")]
pub use format::Format;
#[cfg(feature = "full")]
pub use writer::{Wanted, Writer};
