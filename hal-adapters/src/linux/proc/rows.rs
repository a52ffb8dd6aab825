//! Rows of a table: a name and fields.

use std::string::String;

/// The shape of a table's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `name 1 2 3`, the name with or without a colon after it.
    Named,
    /// `1 2 3`: one row, called as its file.
    Bare(&'static str),
    /// `8 0 name 1 2 3`.
    Third,
    /// `name: 1 2 3 words`: one field, the sum of the numbers.
    Summed,
    /// `name a=1 b=2`.
    Assigned,
}

/// Calls with each row's name and fields. Lines that are no text are skipped.
pub(super) fn each(
    bytes: &[u8],
    shape: Shape,
    mut row: impl FnMut(&str, &mut dyn Iterator<Item = &str>),
) {
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(line) = str::from_utf8(line) else {
            continue;
        };
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let split = |line| split_name(line);
        match shape {
            Shape::Bare(name) => row(name, &mut line.split_ascii_whitespace()),
            Shape::Named => {
                let (name, rest) = split(line);
                row(name, &mut rest.split_ascii_whitespace());
            }
            Shape::Third => {
                let mut fields = line.split_ascii_whitespace().skip(2);
                if let Some(name) = fields.next() {
                    row(name, &mut fields);
                }
            }
            Shape::Summed => {
                let (name, rest) = split(line);
                // Row names that are numbers are interrupts of devices, of which there may be thousands.
                if !name.starts_with(|char: char| char.is_ascii_digit()) {
                    row(name, &mut [&*sum(rest)].into_iter());
                }
            }
            Shape::Assigned => {
                let (name, rest) = split(line);
                let values = rest.split_ascii_whitespace();
                row(name, &mut values.filter_map(|v| Some(v.split_once('=')?.1)));
            }
        }
    }
}

/// The name before a colon, else before white space. An interface may be called `eth0:1`.
fn split_name(line: &str) -> (&str, &str) {
    let (first, _) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    match first.rfind(':') {
        Some(colon) => (&line[..colon], &line[colon + 1..]),
        None => (first, &line[first.len()..]),
    }
}

fn sum(fields: &str) -> String {
    let numbers = fields
        .split_ascii_whitespace()
        .map_while(|field| field.parse::<u64>().ok());
    let sum: u128 = numbers.map(u128::from).sum();
    std::format!("{sum}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::borrow::ToOwned;
    use std::vec::Vec;

    fn rows(text: &[u8], shape: Shape) -> Vec<(String, Vec<String>)> {
        let mut rows = Vec::new();
        each(text, shape, |row, fields| {
            rows.push((row.to_owned(), fields.map(ToOwned::to_owned).collect()));
        });
        rows
    }

    fn expected(rows: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
        let texts = |fields: &[&str]| fields.iter().map(|f| (*f).to_owned()).collect();
        rows.iter()
            .map(|(row, fields)| ((*row).to_owned(), texts(fields)))
            .collect()
    }

    /// Broken if a name swallows a number that touches its colon, or a line that is no text ends the table.
    #[test]
    fn names_and_fields_are_told_apart() {
        let text = b"\xFF\xFE 1\n  eth0:12 3\neth0:1: 4\nMemFree:   5 kB\n\nctxt 6\nlone\n:\n";
        let all: [(&str, &[&str]); 6] = [
            ("eth0", &["12", "3"]),
            ("eth0:1", &["4"]),
            ("MemFree", &["5", "kB"]),
            ("ctxt", &["6"]),
            ("lone", &[]),
            ("", &[]),
        ];
        assert_eq!(rows(text, Shape::Named), expected(&all));
        let disks = b"   8       0 sda 1 2\n 8 1\n";
        assert_eq!(rows(disks, Shape::Third), expected(&[("sda", &["1", "2"])]));
        let some = b"some avg10=0.00 total=7\nfull x total=8\n";
        let all: [(&str, &[&str]); 2] = [("some", &["0.00", "7"]), ("full", &["8"])];
        assert_eq!(rows(some, Shape::Assigned), expected(&all));
        let interrupts =
            b"     CPU0 CPU1\n 9: 1 1 x\nNMI:  2  3 Non-maskable 4\nERR: 18446744073709551615 1\n";
        let all: [(&str, &[&str]); 3] = [
            ("CPU0", &["0"]),
            ("NMI", &["5"]),
            ("ERR", &["18446744073709551616"]),
        ];
        assert_eq!(rows(interrupts, Shape::Summed), expected(&all));
        assert_eq!(
            rows(b"0.5 1", Shape::Bare("load")),
            expected(&[("load", &["0.5", "1"])])
        );
    }
}
