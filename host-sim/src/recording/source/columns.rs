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
    /// The first column is the time and the last one the label, if their names say so; without such
    /// a last one, a column `label` is. A column without a name is left out.
    pub fn of(names: &[String]) -> Self {
        let first = names.first().is_some_and(|name| is_time(name));
        let last = names.len().saturating_sub(1);
        let is_label = names.last().is_some_and(|name| is_one_of(&LABELS, name));
        let label = is_label.then_some(last);
        let label = label.or_else(|| names.iter().position(|name| name == "label"));
        let columns = names.iter().enumerate().skip(usize::from(first));
        let variables = columns.filter(|(k, name)| Some(*k) != label && !name.is_empty());
        Self {
            timestamp: first.then_some(0),
            variables: variables.map(|(k, _)| k).collect(),
            label,
        }
    }

    /// Whether a column has a meaning.
    pub fn contain(&self, column: usize) -> bool {
        self.timestamp == Some(column)
            || self.label == Some(column)
            || self.variables.contains(&column)
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

/// The places of variables among names.
///
/// # Errors
/// There is no such name.
pub fn places<N: AsRef<str>>(
    names: &[String],
    wanted: impl IntoIterator<Item = N>,
) -> Result<Vec<usize>, Problem> {
    let place = |name: N| {
        let found = names.iter().position(|known| known == name.as_ref());
        found.ok_or_else(|| Problem::NoColumn {
            name: name.as_ref().to_owned(),
            there: names.to_vec(),
        })
    };
    wanted.into_iter().map(place).collect()
}

/// Checks that columns have distinct names.
///
/// # Errors
/// A name is empty, or used twice.
pub fn distinct(names: &[String]) -> Result<(), Problem> {
    match names.iter().position(String::is_empty) {
        Some(k) => Err(Problem::NoName { column: k + 1 }),
        None => unique(names),
    }
}

/// Checks that no name is used twice. Columns may be without a name.
fn unique(names: &[String]) -> Result<(), Problem> {
    for (k, name) in names.iter().enumerate() {
        let mut earlier = names.iter().take(k).filter(|name| !name.is_empty());
        if earlier.any(|earlier| earlier == name) {
            let column = k + 1;
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
    no_number(names)?;
    distinct(names)
}

/// The same for a header with columns that may be without a name.
///
/// # Errors
/// A name is a number, or used twice.
pub fn loose_header(names: &[String]) -> Result<(), Problem> {
    no_number(names)?;
    unique(names)
}

fn no_number(names: &[String]) -> Result<(), Problem> {
    for (k, name) in names.iter().enumerate() {
        if is_number(name) {
            return Err(Problem::NoHeader {
                column: k + 1,
                found: name.clone(),
            });
        }
    }
    Ok(())
}

/// Whether a field is a finite number.
pub fn is_number(field: &str) -> bool {
    field.parse::<f64>().is_ok_and(f64::is_finite)
}
