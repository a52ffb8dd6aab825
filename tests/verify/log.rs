//! What a firmware logs through defmt: decoded, and compared with what is expected.
//!
//! The bytes that leave a device carry numbers in place of texts; the texts are in its ELF file only.

use crate::shell::root;
use anyhow::{Context, bail};
use defmt_decoder::{DecodeError, Table};
use std::fs;
use std::path::Path;

const LOG: &str = "tests/expect/log.txt";

/// The lines a firmware logged, each with its level.
///
/// # Errors
/// The ELF has no texts of defmt, or the bytes are not what it logs.
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

/// Compares lines with the expectation, or writes them as the expectation.
///
/// # Errors
/// Shows the first line that differs.
pub fn check(found: &str, bless: bool) -> anyhow::Result<()> {
    let file = root().join(LOG);
    if bless {
        fs::create_dir_all(root().join("tests/expect"))?;
        fs::write(&file, found)?;
        println!("wrote {LOG}");
        return Ok(());
    }
    let expected = fs::read_to_string(&file).context(LOG)?;
    if let Some(difference) = difference(found, &expected) {
        bail!("{LOG}:{difference}\n`cargo verify log --bless` accepts it");
    }
    println!("{} lines as expected", found.lines().count());
    Ok(())
}

/// The first line that differs: its number, what was found, what was expected.
fn difference(found: &str, expected: &str) -> Option<String> {
    let (mut found, mut expected) = (found.lines(), expected.lines());
    let mut number = 0;
    loop {
        number += 1;
        let pair = (found.next(), expected.next());
        if pair == (None, None) {
            return None;
        }
        if pair.0 != pair.1 {
            let shown = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
            return Some(format!(
                "{number}: not as expected\nfound:    {}\nexpected: {}",
                shown(pair.0),
                shown(pair.1)
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken if lines are compared only as far as the shorter side goes.
    #[test]
    fn the_first_changed_missing_or_additional_line_is_shown() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        for (found, expected, lines) in [
            ("a\nx\ny\n", "a\nb\nc\n", ["x", "b"]),
            ("a\n", "a\nb\n", ["(the end)", "b"]),
            ("a\nb\n", "a\n", ["b", "(the end)"]),
        ] {
            let shown = difference(found, expected).unwrap();
            let [is, should] = lines;
            let want = format!("2: not as expected\nfound:    {is}\nexpected: {should}");
            assert_eq!(shown, want);
        }
    }
}
