//! The separator of fields, told by the first lines.

use super::is_comment;
use crate::recording::source::cutter::{Cutter, Separator};

/// The separator in a line `sep=;`, as Excel writes.
pub(super) fn said_separator(line: &str) -> Option<char> {
    let line = line.trim().trim_matches('"');
    let said = line.strip_prefix("sep=").or(line.strip_prefix("SEP="))?;
    let mut all = said.chars();
    let one = all.next().unwrap_or('\t');
    all.next().is_none().then_some(one)
}

/// The separator that parts most lines into the same number of fields.
pub(super) fn separator(lines: &[&str]) -> Separator {
    let lines: Vec<&&str> = lines
        .iter()
        .filter(|line| !is_comment(line))
        .take(32)
        .collect();
    let share = |separator| {
        let mut cutter = Cutter::new(separator);
        let counts = lines
            .iter()
            .map(|line| cutter.cut(line).map_or(0, |fields| fields.len()));
        let mut counts: Vec<usize> = counts.collect();
        counts.sort_unstable();
        let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
        let like = counts.iter().filter(|count| **count == usual).count();
        if usual < 2 { 0 } else { like }
    };
    let all = [';', '\t', '|', ',', '~', '^'].map(Separator::Character);
    let mut best = (Separator::Character(','), share(Separator::Character(',')));
    for separator in all {
        let found = share(separator);
        // A comma may be within numbers or dates, so the others come first.
        if found > best.1 || found == best.1 && found > 0 && best.0 == Separator::Character(',') {
            best = (separator, found);
        }
    }
    let blanks = share(Separator::Blanks);
    if best.1 * 2 <= lines.len() && blanks * 4 > lines.len() * 3
        // Commas are decimal signs: the header has none.
        || best.0 == Separator::Character(',') && blanks > best.1 && blanks == lines.len()
    {
        return Separator::Blanks;
    }
    best.0
}
