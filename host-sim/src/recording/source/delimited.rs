//! Tables of records with names: the meaning of columns is told by [`Roles`], in every layout alike.
//! Rows of one value each are gathered to rows of all variables by [`long`](super::long).

use super::dialect::Dialect;
use super::lines::Lines;
use super::long::Long;
use super::records::{Memory, Records};
use super::roles::{Columns, Roles, Time};
use super::text::{Labels, Plan, TextRows};
use super::{Heading, Options, Problem, Rows, Training};

/// First rows that tell the meaning of columns.
pub const SAMPLE: usize = 256;

/// The same of a live stream, whose rows would wait.
pub const LIVE: usize = 3;

/// Rows of a text of this dialect, of which the first line was read.
///
/// # Errors
/// A column is not there, or there is no variable.
pub fn of_text(
    mut lines: Lines,
    dialect: &Dialect,
    training: Training,
    options: &Options,
    long: bool,
) -> Result<(Box<dyn Rows>, Heading), Problem> {
    lines.separate(dialect.separator);
    match dialect.before.checked_sub(1) {
        None => lines.again(),
        Some(more) => lines.skip(more),
    }
    of_records(lines, dialect, training, options, long)
}

/// Rows of a table in memory.
///
/// # Errors
/// A column is not there, or there is no variable.
pub fn of_memory(
    memory: Memory,
    dialect: &Dialect,
    options: &Options,
) -> Result<(Box<dyn Rows>, Heading), Problem> {
    of_records(memory, dialect, Training::Unknown, options, false)
}

/// The dialect of a table in memory.
pub fn dialect(memory: &Memory, options: &Options) -> Dialect {
    Dialect {
        names: memory.names.clone(),
        rows: memory.rows.iter().take(SAMPLE).cloned().collect(),
        ..Dialect::in_memory(options)
    }
}

fn of_records(
    records: impl Records + 'static,
    dialect: &Dialect,
    training: Training,
    options: &Options,
    long: bool,
) -> Result<(Box<dyn Rows>, Heading), Problem> {
    let columns = Columns {
        names: &dialect.names,
        rows: &dialect.rows,
        types: &[],
        cells: &dialect.cells,
    };
    if let Some(found) = Long::of(columns, options, long)? {
        let mut notes = vec![found.note(&dialect.names)];
        notes.extend(dialect.notes.iter().cloned());
        let (memory, dated, left) = found.gather(records, &dialect.names)?;
        if left > 0 {
            notes.push(format!(
                "{} left out",
                if left == 1 {
                    "1 line without a value is".to_owned()
                } else {
                    format!("{left} lines without a value are")
                }
            ));
        }
        let (rows, mut heading) = of_gathered(memory, dated, &dialect.cells, options)?;
        notes.append(&mut heading.notes);
        heading.notes = notes;
        return Ok((rows, heading));
    }
    let roles = Roles::of(columns, options)?;
    if roles.variables.is_empty() {
        return Err(Problem::NoNumbers(roles.listed(columns)));
    }
    let names = roles
        .variables
        .iter()
        .filter_map(|k| roles.names.get(*k).cloned());
    let mut notes = roles.notes.clone();
    notes.extend(dialect.notes.iter().cloned());
    let plan = Plan {
        timestamp: roles.time,
        labels: roles.label.map_or(Labels::None, Labels::Column),
        words: roles.words,
        anomalous: options.anomalous.clone(),
        variables: roles.variables.clone(),
        fields: Some(dialect.names.len()),
        separator: dialect.separator,
        cells: dialect.cells.clone(),
        header: dialect.names.clone(),
        training,
        notes,
        strict: options.strict,
        exact: !options.rate.is_empty(),
        ..Plan::new(names.collect())
    };
    let (rows, heading) = TextRows::new(records, plan)?;
    Ok((Box::new(rows), heading))
}

/// Rows of a gathered table: the time, if there is one, is first, and all others are variables.
///
/// # Errors
/// A column is not there, or there is no variable.
pub fn of_gathered(
    memory: Memory,
    dated: bool,
    cells: &super::cell::Cells,
    options: &Options,
) -> Result<(Box<dyn Rows>, Heading), Problem> {
    let first = usize::from(dated);
    let mut own = memory.names.get(first..).unwrap_or_default().to_vec();
    let label = memory.labelled.then(|| memory.names.len() - 1);
    if label.is_some() {
        own.pop();
    }
    let mut places: Vec<usize> = match options.columns.as_slice() {
        [] => (0..own.len()).collect(),
        wanted => super::columns::matching(&own, wanted)?,
    };
    let without = super::columns::matching(&own, &options.without)?;
    places.retain(|place| !without.contains(place));
    let plan = Plan {
        variables: places.iter().map(|k| k + first).collect(),
        timestamp: dated.then_some(Time::One(0)),
        labels: label.map_or(Labels::None, Labels::Column),
        fields: Some(memory.names.len()),
        cells: cells.clone(),
        strict: options.strict,
        exact: !options.rate.is_empty(),
        ..Plan::new(places.iter().filter_map(|k| own.get(*k).cloned()).collect())
    };
    let (rows, heading) = TextRows::new(memory, plan)?;
    Ok((Box::new(rows), heading))
}
