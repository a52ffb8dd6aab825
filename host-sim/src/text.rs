//! Text for people: numbers, columns, and parts of documents.

pub mod columns;
pub mod markdown_section;
pub mod number;

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
