//! Results as data: lines of JSON, CSV, aligned columns, and files.

pub mod file;
#[cfg(feature = "full")]
mod format;
pub mod jsonl;
pub mod points;
#[cfg(feature = "full")]
mod records;
#[cfg(feature = "full")]
mod verdicts;

#[cfg(feature = "full")]
pub use format::Format;
#[cfg(feature = "full")]
pub use records::Records;
#[cfg(feature = "full")]
pub use verdicts::Verdicts;
