//! Lines against those of a file in `tests/expect/`.

use crate::shell::root;
use anyhow::{Context, bail};
use std::fs;

/// Compares the lines of a stage with its expectation, or writes them as the expectation.
///
/// # Errors
/// Shows the first line that differs.
pub fn check(stage: &str, found: &str, bless: bool) -> anyhow::Result<()> {
    let name = format!("tests/expect/{stage}.txt");
    let file = root().join(&name);
    if bless {
        fs::create_dir_all(root().join("tests/expect"))?;
        fs::write(&file, found)?;
        println!("wrote {name}");
        return Ok(());
    }
    let expected = fs::read_to_string(&file).context(name.clone())?;
    if let Some(difference) = difference(found, &expected) {
        bail!("{name}:{difference}\n`cargo verify {stage} --bless` accepts it");
    }
    println!("{} lines as expected", found.lines().count());
    Ok(())
}

/// The first line that differs: its number, the text found, the text expected.
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
