//! The dialect of a table in text, told by its first lines: separator, decimal sign, the header, and
//! the lines around it that are neither header nor rows.

use super::cell::{Cells, Decimals, is_missing};
use super::columns::{WIDEST, is_number};
use super::lines::{Separator, cut};
use super::options::BLANKS;
use super::roles::words;
use super::{Options, Problem};
use crate::recording::time::clock::is_date;
use std::collections::HashSet;

/// The dialect of a table, and its header.
#[derive(Clone, Debug, PartialEq)]
pub struct Dialect {
    /// The separator of fields.
    pub separator: Separator,
    /// The spelling of numbers.
    pub cells: Cells,
    /// Names of the columns; empty where there is none.
    pub names: Vec<String>,
    /// Number of lines before the first row.
    pub before: usize,
    /// The rows among the first lines, cut.
    pub rows: Vec<Vec<String>>,
    /// Facts that had to be told from the lines.
    pub notes: Vec<String>,
}

/// Whether a line is a comment.
pub fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['#', '%']) || line.starts_with("//") || is_rule(line)
}

/// Whether a line is a rule of a table, such as `|---|---|` or `+----+`.
fn is_rule(line: &str) -> bool {
    line.contains("---") && line.bytes().all(|b| b"-+|=: ".contains(&b))
}

impl Dialect {
    /// Tells the dialect of a text with these first lines.
    ///
    /// # Errors
    /// There is no line but comments, or decimal commas cannot be told from separators.
    pub fn of(head: &[(u64, String)], options: &Options) -> Result<Self, Problem> {
        let mut lines: Vec<&str> = head.iter().map(|(_, line)| line.as_str()).collect();
        let (mut notes, mut before) = (Vec::new(), 0);
        let said = lines.first().and_then(|line| said_separator(line));
        if said.is_some() {
            lines.remove(0);
            before = 1;
        }
        for line in &lines {
            let count = |c: char| line.bytes().filter(|b| char::from(*b) == c).count();
            let most = [';', '\t', '|', ','].map(count).into_iter().max();
            if let Some(most) = most.filter(|most| *most >= WIDEST) {
                return Err(Problem::TooManyColumns { found: most + 1 });
            }
        }
        let chosen = options.separator.or(said).map(|c| match c {
            BLANKS => Separator::Blanks,
            c => Separator::Character(c),
        });
        let separator = chosen.unwrap_or_else(|| separator(&lines));
        let cut = |line: &str| cut(line, separator).unwrap_or_default();
        let table: Vec<Vec<String>> = lines
            .iter()
            .map(|line| {
                if is_comment(line) {
                    Vec::new()
                } else {
                    cut(line)
                }
            })
            .collect();
        let width = width(&table);
        if width == 0 {
            return Err(Problem::Empty);
        }
        let toa5 = lines
            .first()
            .is_some_and(|line| line.trim_start_matches('"').starts_with("TOA5"));
        let is_row = |k: usize| {
            let fields = table.get(k).map_or(&[][..], Vec::as_slice);
            !(toa5 && k == 0) && (fields.len() == width || filled(fields) == width)
        };
        let first = (0..table.len()).find(|k| is_row(*k)).unwrap_or(0);
        let body: Vec<&Vec<String>> = (first + 1..table.len())
            .filter(|k| is_row(*k))
            .filter_map(|k| table.get(k))
            .collect();
        // A line of groups stands over the names.
        let over = is_row(first + 1) && is_groups(table.get(first), table.get(first + 1));
        let first = if over { first + 1 } else { first };
        let line = table.get(first).cloned().unwrap_or_default();
        let mut names = Vec::new();
        let mut rows = first;
        if is_header(&line, &body) {
            names = line;
            rows = first + 1;
            let behind = |rows: usize| {
                is_units(table.get(rows), table.get(rows + 1)) || is_undated(&table, rows)
            };
            while is_row(rows) && behind(rows) && rows < first + 4 {
                rows += 1;
            }
            if rows > first + 1 {
                let count = rows - first - 1;
                notes.push(format!(
                    "{count} line{} of units behind the header",
                    if count == 1 { "" } else { "s" }
                ));
            }
        } else if let Some(header) = shifted(&table, first, width) {
            names = header;
        } else if let Some(header) = commented(&lines, first, width, &cut) {
            names = header;
        } else if let Some(line) = first
            .checked_sub(1)
            .and_then(|k| table.get(k))
            .filter(|line| is_names(line))
        {
            let (fields, names) = (width, line.len());
            return Err(if fields == 2 * names || fields + 1 == 2 * names {
                Problem::Commas { fields, names }
            } else {
                Problem::Fields {
                    found: fields,
                    expected: names,
                }
            });
        } else {
            notes.push("no header: the columns are column1, column2, ...".to_owned());
            names.extend((1..=width).map(|k| format!("column{k}")));
        }
        let skipped = (0..first).filter(|k| table.get(*k).is_some_and(|f| !f.is_empty()));
        let skipped = skipped
            .filter(|k| table.get(*k).is_none_or(|f| *f != names))
            .count();
        if skipped > 0 && !toa5 {
            notes.push(format!(
                "{skipped} line{} before the header",
                if skipped == 1 { "" } else { "s" }
            ));
        }
        for name in &mut names {
            let bare = super::cell::unquoted(name).to_owned();
            *name = bare;
        }
        let longest = table.iter().skip(rows).map(Vec::len).max().unwrap_or(width);
        // Commas at the ends of rows are columns without a name.
        while names.len() < longest
            && table
                .iter()
                .skip(rows)
                .all(|f| f.len() <= names.len() || f.get(names.len()).is_some_and(String::is_empty))
        {
            names.push(String::new());
        }
        let rows_cut: Vec<Vec<String>> = table
            .into_iter()
            .skip(rows)
            .filter(|f| !f.is_empty())
            .collect();
        if separator == Separator::Character(',') {
            commas(&names, &rows_cut)?;
        }
        let mut decimals = Decimals::default();
        for field in rows_cut.iter().flatten() {
            decimals.push(field);
        }
        let (comma, guess) = match options.decimal {
            Some(sign) => (sign == ',', false),
            None => decimals.comma(),
        };
        if guess {
            notes.push(
                "commas in numbers are taken for decimal signs (--decimal . says thousands)"
                    .to_owned(),
            );
        } else if comma && options.decimal.is_none() {
            notes.push("decimal comma".to_owned());
        }
        match separator {
            _ if chosen.is_some() => {}
            Separator::Character(',') => {}
            Separator::Character('\t') => notes.push("fields between tabs".to_owned()),
            Separator::Character(c) => notes.push(format!("fields between `{c}`")),
            Separator::Blanks => notes.push("fields between blanks".to_owned()),
        }
        Ok(Self {
            separator,
            cells: Cells::new(comma, options),
            names,
            before: before + rows,
            rows: rows_cut,
            notes,
        })
    }
}

impl Dialect {
    /// That of a table in memory: fields are apart, and numbers are spelled as programs do.
    pub fn in_memory(options: &Options) -> Self {
        Self {
            separator: Separator::Character(','),
            cells: Cells::new(options.decimal == Some(','), options),
            names: Vec::new(),
            before: 0,
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// The separator in a line `sep=;`, as Excel writes.
fn said_separator(line: &str) -> Option<char> {
    let line = line.trim().trim_matches('"');
    let said = line.strip_prefix("sep=").or(line.strip_prefix("SEP="))?;
    let mut all = said.chars();
    let one = all.next().unwrap_or('\t');
    all.next().is_none().then_some(one)
}

/// The separator that parts most lines into the same number of fields.
fn separator(lines: &[&str]) -> Separator {
    let lines: Vec<&&str> = lines
        .iter()
        .filter(|line| !is_comment(line))
        .take(32)
        .collect();
    let share = |separator| {
        let counts = lines
            .iter()
            .map(|line| cut(line, separator).map_or(0, |fields| fields.len()));
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

/// Number of fields up to the last that is not empty.
fn filled(fields: &[String]) -> usize {
    fields
        .iter()
        .rposition(|field| !field.is_empty())
        .map_or(0, |k| k + 1)
}

/// The usual number of fields of a row, without empty ones at the ends of all.
fn width(table: &[Vec<String>]) -> usize {
    let lines: Vec<&Vec<String>> = table.iter().filter(|fields| !fields.is_empty()).collect();
    // The rows are most of the lines, and the last ones.
    let mut counts: Vec<usize> = lines
        .iter()
        .skip(lines.len() / 3)
        .map(|fields| fields.len())
        .collect();
    counts.sort_unstable();
    let usual = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let like = lines.iter().filter(|fields| fields.len() == usual);
    let needed = like.map(|fields| filled(fields)).max().unwrap_or(0);
    // Columns that are empty but have a name count.
    let named = lines
        .iter()
        .filter(|fields| fields.len() <= usual)
        .map(|fields| filled(fields))
        .max();
    needed.max(named.unwrap_or(0)).min(usual.max(1))
}

/// Whether a line can only be a header.
fn is_names(line: &[String]) -> bool {
    line.len() > 1
        && line
            .iter()
            .all(|field| !is_value(field) && !is_missing(field))
}

/// Whether a field is of a row rather than of a header.
fn is_value(field: &str) -> bool {
    let field = super::cell::unquoted(field);
    let number = |c: char| c.is_ascii_digit() || "+-.,".contains(c);
    is_number(field)
        || is_date(field)
        || field.starts_with(|c: char| c.is_ascii_digit()) && field.chars().all(number)
}

/// Whether a line is the header of these rows: a name stands over numbers or times.
fn is_header(line: &[String], body: &[&Vec<String>]) -> bool {
    let is_name = |field: &String| {
        !is_value(field) && !is_missing(field) && super::cell::truth(field).is_none()
    };
    if body.is_empty() {
        return line.iter().any(is_name) && !line.iter().any(|field| is_value(field));
    }
    // The default names of pandas: an index without a name, or one with, then 0, 1, 2, ...
    let counted = line.len() > 1
        && !line.first().is_some_and(|field| is_value(field))
        && (0..)
            .zip(line.iter().skip(1))
            .all(|(k, field)| field.parse() == Ok(k))
        && !body
            .first()
            .is_some_and(|row| row.first().is_some_and(String::is_empty));
    if counted {
        return true;
    }
    let names = line.iter().enumerate().filter(|(_, field)| is_name(field));
    let over = |(k, name): (usize, &String)| {
        let below = || body.iter().filter_map(|row| row.get(k)).take(64);
        let values = below()
            .filter(|field| is_value(field) || super::cell::truth(field).is_some())
            .count();
        // A number with a unit is a value, a name with digits is none.
        let begins_alike = name.starts_with(|c: char| c.is_ascii_digit() || c == '-');
        values > 0
            && 2 * values >= below().filter(|field| !is_missing(field)).count()
            && !begins_alike
    };
    names.clone().any(over) || !line.iter().any(|field| is_value(field)) && names.count() > 0
}

/// Whether a line has groups of columns, over the line of their names: some are empty or the same, or
/// only the next line names the time.
fn is_groups(line: Option<&Vec<String>>, next: Option<&Vec<String>>) -> bool {
    let (Some(line), Some(next)) = (line, next) else {
        return false;
    };
    let words = |line: &[String]| {
        line.iter().all(|field| !is_value(field)) && line.iter().any(|field| !field.is_empty())
    };
    let twice = |line: &[String]| {
        let all: HashSet<&String> = line.iter().collect();
        all.len() < line.len() || line.iter().any(String::is_empty)
    };
    let timed = |line: &[String]| line.iter().any(|name| words::time(name));
    let distinct = next.iter().filter(|field| !field.is_empty());
    let distinct = distinct.clone().count() == distinct.collect::<HashSet<_>>().len();
    words(line)
        && words(next)
        && line.len() == next.len()
        && distinct
        && (timed(next) && !timed(line)
            || twice(line) && !twice(next)
            || twice(line)
                && !timed(line)
                && filled(next) >= filled(line)
                && next.first() == line.first())
}

/// Whether a line has no date in a column where all lines behind it have one.
fn is_undated(table: &[Vec<String>], row: usize) -> bool {
    let Some(line) = table.get(row) else {
        return false;
    };
    let rest = || {
        table
            .iter()
            .skip(row + 1)
            .filter(|fields| fields.len() == line.len())
    };
    let dated = |k: usize| {
        rest().count() >= 2
            && rest().all(|fields| fields.get(k).is_some_and(|field| is_date(field)))
    };
    let place = (0..line.len()).find(|k| dated(*k));
    place.is_some_and(|k| {
        line.get(k)
            .is_some_and(|field| !is_date(field) && !is_number(field))
    })
}

/// Whether the line behind the header is no row: it has no value where the next line has one.
fn is_units(line: Option<&Vec<String>>, next: Option<&Vec<String>>) -> bool {
    let (Some(line), Some(next)) = (line, next) else {
        return false;
    };
    let is_data = |fields: &[String]| fields.iter().any(|field| is_value(field));
    let words = line
        .iter()
        .any(|field| !is_missing(field) && super::cell::truth(field).is_none());
    words
        && !is_data(line)
        && (is_data(next)
            || line.iter().filter(|f| f.is_empty()).count() == 0
                && next.len() == line.len()
                && !is_data(next))
}

/// The line before the first row, if it is a header with one field fewer (a column of row names, as R
/// writes) or empty ones at its end.
fn shifted(table: &[Vec<String>], first: usize, width: usize) -> Option<Vec<String>> {
    let line = table.get(first.checked_sub(1)?)?;
    let names = |line: &[String]| {
        !line.is_empty()
            && line
                .iter()
                .all(|field| !is_value(field) && !field.is_empty())
    };
    if line.len() + 1 == width && names(line) {
        let mut shifted = vec![String::new()];
        shifted.extend(line.iter().cloned());
        return Some(shifted);
    }
    let line = line.get(..filled(line))?;
    (line.len() == width && names(line)).then(|| line.to_vec())
}

/// The names in a comment before the first row, if they are as many as its fields.
fn commented(
    lines: &[&str],
    first: usize,
    width: usize,
    cut: &dyn Fn(&str) -> Vec<String>,
) -> Option<Vec<String>> {
    let line = lines.get(first.checked_sub(1)?)?;
    let bare = line
        .trim_start()
        .trim_start_matches(['#', '%', '/'])
        .trim_start();
    let names = cut(bare);
    let fits = is_comment(line) && names.len() == width && width > 1;
    (fits && !names.iter().any(|name| is_value(name))).then_some(names)
}

/// Refuses rows whose decimal commas are separators too: every value has become two fields.
fn commas(names: &[String], rows: &[Vec<String>]) -> Result<(), Problem> {
    let named = names.len();
    let halves = |row: &Vec<String>| row.len() == 2 * named || row.len() + 1 == 2 * named;
    if named >= 2 && !rows.is_empty() && rows.iter().all(halves) {
        return Err(Problem::Commas {
            fields: rows.first().map_or(0, Vec::len),
            names: named,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dialect(text: &str) -> Dialect {
        let lines = (1..).zip(text.lines().map(str::to_owned));
        Dialect::of(&lines.collect::<Vec<_>>(), &Options::default()).unwrap()
    }

    fn told(text: &str) -> (String, usize, bool) {
        let found = dialect(text);
        (found.names.join("|"), found.before, found.cells.comma)
    }

    fn is(text: &str, names: &str, before: usize, comma: bool) {
        assert_eq!(told(text), (names.to_owned(), before, comma), "{text}");
    }

    #[test]
    fn separators_and_decimal_signs_are_told() {
        is("t;a;b\n1;2,5;3\n2;3,5;4\n", "t|a|b", 1, true);
        is("t\ta\n1\t2.5\n", "t|a", 1, false);
        is("t|a\n1|2.5\n", "t|a", 1, false);
        is("t  a\n1  2.5\n2 3.5\n", "t|a", 1, false);
        is("sep=;\nt;a\n1;2\n", "t|a", 2, false);
        is("time,a\n2026-03-01 00:00:00,\"1,5\"\n", "time|a", 1, true);
        is("a\n1\n2\n", "a", 1, false);
    }

    #[test]
    fn lines_around_the_header_are_no_rows() {
        is("# x\n# y\nt,a\n1,2\n", "t|a", 3, false);
        is("t,a\ns,degC\n1,2\n2,3\n", "t|a", 2, false);
        is("# t;a\n1;2\n3;4\n", "t|a", 1, false);
        is("Report of node 7\nt,a,b\n1,2,3\n4,5,6\n", "t|a|b", 2, false);
        is("t,a,\n1,2,\n3,4,\n", "t|a|", 1, false);
        is("t,a\n1,2,\n3,4,\n", "t|a|", 1, false);
        let toa5 = "\"TOA5\",\"CR1000\",\"x\",\"1\"\n\"TIMESTAMP\",\"RECORD\",\"a\",\"b\"\n\"TS\",\"RN\",\"C\",\"W\"\n\
                    \"\",\"\",\"Avg\",\"Avg\"\n\"2026-03-01 00:00:00\",0,1,2\n\"2026-03-01 00:01:00\",1,1,2\n";
        is(toa5, "TIMESTAMP|RECORD|a|b", 4, false);
    }

    #[test]
    fn a_table_without_header_is_numbered() {
        is("1,2.5\n2,3.5\n", "column1|column2", 0, false);
        is(
            "2026-03-01,2.5\n2026-03-02,3.5\n",
            "column1|column2",
            0,
            false,
        );
        is("timestamp,0,1\n1,2,3\n", "timestamp|0|1", 1, false);
        is("a,b\n", "a|b", 1, false);
        is(
            "CPU1,45,degrees C,ok\nFAN,5600,RPM,ok\n",
            "column1|column2|column3|column4",
            0,
            false,
        );
    }

    #[test]
    fn commas_between_and_within_numbers_are_refused() {
        let lines = ["t,a,b", "1,49,9,100,0", "2,50,1,100,2"];
        let lines: Vec<(u64, String)> = (1..).zip(lines.map(str::to_owned)).collect();
        let error = Dialect::of(&lines, &Options::default()).unwrap_err();
        assert!(
            matches!(
                error,
                Problem::Commas {
                    fields: 5,
                    names: 3
                }
            ),
            "{error}"
        );
    }
}
