//! The dialect of a table in text, told by its first lines: separator, decimal sign, the header, and
//! the lines around it that are neither header nor rows.

mod header;
mod separator;

use super::cell::{Cells, Decimals};
use super::columns::WIDEST;
use super::cutter::{Cutter, Separator};
use super::options::BLANKS;
use super::{Options, Problem};
use header::{
    commented, filled, is_groups, is_header, is_names, is_undated, is_units, shifted, width,
};
use separator::{said_separator, separator};

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
        let mut cutter = Cutter::new(separator);
        let mut cut = |line: &str| cutter.cut(line).unwrap_or_default();
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
        } else if let Some(header) = commented(&lines, first, width, &mut cut) {
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
mod tests;
