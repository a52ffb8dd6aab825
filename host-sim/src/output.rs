//! Results as data: lines of JSON, CSV, aligned columns, and files.

mod fields;
pub mod file;
mod format;
pub mod jsonl;
pub mod points;
mod writer;

pub use format::Format;
pub use writer::Writer;
