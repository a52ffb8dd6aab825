//! The lines that a firmware logs through defmt, decoded.
//!
//! The bytes that leave a device carry numbers instead of texts; the texts are in its ELF file
//! only.

use anyhow::{Context, bail};
use defmt_decoder::{DecodeError, Table};
use std::fs;
use std::path::Path;

/// The lines a firmware logged, each with its level.
///
/// # Errors
/// The ELF has no texts of defmt, or the bytes are not its log.
pub fn decode(program: &Path, bytes: &[u8]) -> anyhow::Result<String> {
    let elf = fs::read(program).with_context(|| program.display().to_string())?;
    let table = Table::parse(&elf)?.context("the program has no section .defmt")?;
    let mut decoder = table.new_stream_decoder();
    decoder.received(bytes);
    let mut lines = String::new();
    loop {
        match decoder.decode() {
            Ok(frame) => {
                let level = frame.level().map_or("", |level| level.as_str());
                lines += &format!("{level:5} {}\n", frame.display_message());
            }
            Err(DecodeError::UnexpectedEof) => return Ok(lines),
            Err(DecodeError::Malformed) => bail!("not defmt after these lines:\n{lines}"),
        }
    }
}
