//! The header of a table, told by the first lines: names, groups over them, units behind them.

use super::is_comment;
use crate::recording::source::cell::{is_missing, truth, unquoted};
use crate::recording::source::columns::is_number;
use crate::recording::source::roles::words;
use crate::recording::time::clock::is_date;
use std::collections::HashSet;

/// Number of fields up to the last that is not empty.
pub(super) fn filled(fields: &[String]) -> usize {
    fields
        .iter()
        .rposition(|field| !field.is_empty())
        .map_or(0, |k| k + 1)
}

/// The usual number of fields of a row, without empty ones at the ends of all.
pub(super) fn width(table: &[Vec<String>]) -> usize {
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
pub(super) fn is_names(line: &[String]) -> bool {
    line.len() > 1
        && line
            .iter()
            .all(|field| !is_value(field) && !is_missing(field))
}

/// Whether a field is of a row rather than of a header.
pub(super) fn is_value(field: &str) -> bool {
    let field = unquoted(field);
    let number = |c: char| c.is_ascii_digit() || "+-.,".contains(c);
    is_number(field)
        || is_date(field)
        || field.starts_with(|c: char| c.is_ascii_digit()) && field.chars().all(number)
}

/// Whether a line is the header of these rows: a name stands over numbers or times.
pub(super) fn is_header(line: &[String], body: &[&Vec<String>]) -> bool {
    let is_name = |field: &String| !is_value(field) && !is_missing(field) && truth(field).is_none();
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
            .filter(|field| is_value(field) || truth(field).is_some())
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
pub(super) fn is_groups(line: Option<&Vec<String>>, next: Option<&Vec<String>>) -> bool {
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
pub(super) fn is_undated(table: &[Vec<String>], row: usize) -> bool {
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
pub(super) fn is_units(line: Option<&Vec<String>>, next: Option<&Vec<String>>) -> bool {
    let (Some(line), Some(next)) = (line, next) else {
        return false;
    };
    let is_data = |fields: &[String]| fields.iter().any(|field| is_value(field));
    let words = line
        .iter()
        .any(|field| !is_missing(field) && truth(field).is_none());
    words
        && !is_data(line)
        && (is_data(next)
            || line.iter().filter(|f| f.is_empty()).count() == 0
                && next.len() == line.len()
                && !is_data(next))
}

/// The line before the first row, if it is a header with one field fewer (a column of row names, as R
/// writes) or empty ones at its end.
pub(super) fn shifted(table: &[Vec<String>], first: usize, width: usize) -> Option<Vec<String>> {
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
pub(super) fn commented(
    lines: &[&str],
    first: usize,
    width: usize,
    cut: &mut dyn FnMut(&str) -> Vec<String>,
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
