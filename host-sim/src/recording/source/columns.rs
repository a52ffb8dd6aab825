//! The meaning of columns, told by their names.

use super::Problem;

/// Names of a column of times.
const TIMES: [&str; 6] = ["timestamp", "time", "datetime", "date", "date_time", "ts"];

/// Names of a column of labels.
const LABELS: [&str; 4] = ["label", "labels", "anomaly", "is_anomaly"];

fn is_one_of(known: &[&str], name: &str) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether this is a name of a column of times.
pub fn is_time(name: &str) -> bool {
    is_one_of(&TIMES, name)
}

/// Indices of the columns of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    /// The timestamp; without one, rows are numbered.
    pub timestamp: Option<usize>,
    /// The variables, in order.
    pub variables: Vec<usize>,
    /// The label.
    pub label: Option<usize>,
}

impl Places {
    /// The first column is the time and the last one the label, if their names say so.
    pub fn of(names: &[String]) -> Self {
        let first = names.first().is_some_and(|name| is_time(name));
        let last = names.last().is_some_and(|name| is_one_of(&LABELS, name));
        let end = names.len() - usize::from(last);
        Self {
            timestamp: first.then_some(0),
            variables: (usize::from(first)..end).collect(),
            label: last.then_some(end),
        }
    }

    /// Names of the variables.
    ///
    /// # Errors
    /// There are none, or too many.
    pub fn names(&self, all: &[String]) -> Result<Vec<String>, Problem> {
        let names = self.variables.iter().filter_map(|k| all.get(*k)).cloned();
        within(names.collect())
    }
}

/// Largest number of variables of a recording. An ensemble has a smaller limit of its own.
pub const MOST: usize = 4_096;

/// Checks the number of variables.
///
/// # Errors
/// There are none, or too many.
pub fn within(names: Vec<String>) -> Result<Vec<String>, Problem> {
    match names.len() {
        0 => Err(Problem::NoVariables),
        1..=MOST => Ok(names),
        found => Err(Problem::TooManyVariables { found }),
    }
}

/// Checks that names are distinct.
///
/// # Errors
/// A name is empty, or used twice.
pub fn distinct(names: &[String]) -> Result<(), Problem> {
    for (k, name) in names.iter().enumerate() {
        let column = k + 1;
        if name.is_empty() {
            return Err(Problem::NoName { column });
        }
        if names.iter().take(k).any(|earlier| earlier == name) {
            return Err(Problem::Duplicate {
                column,
                name: name.clone(),
            });
        }
    }
    Ok(())
}

/// Checks a header: distinct names, none of them a number.
///
/// # Errors
/// A name is missing, a number, or used twice.
pub fn header(names: &[String]) -> Result<(), Problem> {
    for (k, name) in names.iter().enumerate() {
        if is_number(name) {
            return Err(Problem::NoHeader {
                column: k + 1,
                found: name.clone(),
            });
        }
    }
    distinct(names)
}

/// Whether a field is a finite number.
pub fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok_and(f64::is_finite)
}
