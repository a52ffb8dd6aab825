//! Results as data: lines of JSON, CSV, aligned columns, and files.

pub mod file;
mod format;
pub mod jsonl;
pub mod points;
mod records;
mod verdicts;

pub use format::Format;
pub use records::Records;
pub use verdicts::Verdicts;
