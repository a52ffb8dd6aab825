//! Rows of every text layout: a plan states the meaning of columns, the reading is the same.

use super::columns::within;
use super::lines::{Lines, Separator};
use super::{Current, Heading, Problem, Rows, Training};
use bellwether::{Cause, Reading};
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// The rules from lines of a layout to rows.
pub struct Plan {
    /// Names of the variables, in order.
    pub names: Vec<String>,
    /// Their columns, from 0.
    pub variables: Vec<usize>,
    /// Column of the timestamp; without one, rows are numbered from 0.
    pub timestamp: Option<usize>,
    /// The source of labels.
    pub labels: Labels,
    /// The position of the training part.
    pub training: Training,
    /// Fields of every line; `None` if each field is a row of its own.
    pub fields: Option<usize>,
    /// The separator of fields.
    pub separator: Separator,
    /// Whether the first line is a row already, and no header.
    pub headless: bool,
}

impl Plan {
    /// Lines of these variables, columns in the same order, fields between commas, no labels, a
    /// header.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            variables: (0..names.len()).collect(),
            fields: Some(names.len()),
            names,
            timestamp: None,
            labels: Labels::None,
            training: Training::Unknown,
            separator: Separator::Character(','),
            headless: false,
        }
    }
}

/// The source of labels.
pub enum Labels {
    /// There are none.
    None,
    /// A column, from 0.
    Column(usize),
    /// These rows are anomalous.
    Rows(Range<u64>),
    /// Timestamps from the first to the second are anomalous; compared as texts, of seconds.
    Windows(Vec<(String, String)>),
    /// Lines of another file, one a row; the last field counts.
    Beside(String, Lines),
}

impl Labels {
    /// Labels in a file of their own.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn beside(path: &Path) -> Result<Self, Problem> {
        let file = path.display().to_string();
        match Lines::open(path) {
            Ok(lines) => Ok(Self::Beside(file, lines)),
            Err(problem) => Err(Problem::Labels {
                file,
                found: problem.to_string(),
            }),
        }
    }
}

/// A timestamp to the second, as NAB's windows and files spell it.
pub fn seconds(timestamp: &str) -> &str {
    timestamp
        .split_once('.')
        .map_or(timestamp, |(whole, _)| whole)
}

/// A label in one of its spellings.
pub fn label(field: &str) -> Option<bool> {
    match field {
        "0" | "0.0" => Some(false),
        "1" | "1.0" => Some(true),
        _ => None,
    }
}

/// Rows of a text.
pub struct TextRows {
    lines: Lines,
    plan: Plan,
    row: u64,
    /// Fields of the line that were rows already, where each is one.
    used: usize,
}

impl TextRows {
    /// Rows of a text after its first line, and the facts known before the first row.
    ///
    /// # Errors
    /// There are no variables, or too many.
    pub fn new(mut lines: Lines, plan: Plan) -> Result<(Self, Heading), Problem> {
        lines.separate(plan.separator);
        if plan.headless {
            lines.again();
        }
        let heading = Heading {
            names: within(plan.names.clone())?,
            labelled: !matches!(plan.labels, Labels::None),
            training: plan.training.clone(),
        };
        let rows = Self {
            used: 0,
            row: 0,
            lines,
            plan,
        };
        Ok((rows, heading))
    }

    /// Moves to the line of the next row.
    fn advance(&mut self) -> Result<bool, Problem> {
        let Some(expected) = self.plan.fields else {
            self.used += 1;
            if self.row > 0 && self.used < self.lines.len() {
                return Ok(true);
            }
            self.used = 0;
            return self.lines.advance();
        };
        if !self.lines.advance()? {
            return Ok(false);
        }
        let found = self.lines.len();
        if found == expected {
            Ok(true)
        } else {
            Err(Problem::Fields { found, expected })
        }
    }

    fn label(&mut self, timestamp: &str) -> Result<Option<bool>, Problem> {
        Ok(match &mut self.plan.labels {
            Labels::None => None,
            Labels::Column(column) => {
                let found = self.lines.field(*column);
                let problem = || Problem::Label {
                    column: *column + 1,
                    found: found.to_owned(),
                };
                Some(label(found).ok_or_else(problem)?)
            }
            Labels::Rows(rows) => Some(rows.contains(&self.row)),
            Labels::Windows(windows) => {
                let time = seconds(timestamp);
                let covers = |(first, last): &(String, String)| {
                    first.as_str() <= time && time <= last.as_str()
                };
                Some(windows.iter().any(covers))
            }
            Labels::Beside(file, lines) => Some(beside(file, lines, true)?.unwrap_or(false)),
        })
    }
}

/// The next label of a file of labels, which has one more if and only if there is a row.
fn beside(file: &str, lines: &mut Lines, row: bool) -> Result<Option<bool>, Problem> {
    let failed = |found: String| Problem::Labels {
        file: file.to_owned(),
        found,
    };
    match (lines.advance().map_err(|e| failed(e.to_string()))?, row) {
        (false, false) => Ok(None),
        (false, true) => Err(failed("fewer labels than rows".to_owned())),
        (true, false) => Err(failed("more labels than rows".to_owned())),
        (true, true) => {
            let found = lines.field(lines.len().saturating_sub(1));
            let said = || format!("line {}: `{found}` is neither 0 nor 1", lines.line());
            label(found).map(Some).ok_or_else(|| failed(said()))
        }
    }
}

impl Rows for TextRows {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        if !self.advance()? {
            if let Labels::Beside(file, lines) = &mut self.plan.labels {
                beside(file, lines, false)?;
            }
            return Ok(false);
        }
        row.timestamp.clear();
        match self.plan.timestamp {
            Some(column) => row.timestamp.push_str(self.lines.field(column)),
            // Writing to a text cannot fail.
            None => drop(write!(row.timestamp, "{}", self.row)),
        }
        if row.timestamp.is_empty() {
            return Err(Problem::EmptyTimestamp);
        }
        row.readings.clear();
        for (name, column) in self.plan.names.iter().zip(&self.plan.variables) {
            let column = column + self.used;
            row.readings
                .push(reading(self.lines.field(column), column, name)?);
        }
        row.label = self.label(&row.timestamp)?;
        self.row += 1;
        Ok(true)
    }

    fn select(&mut self, places: &[usize]) {
        let Plan {
            names, variables, ..
        } = &mut self.plan;
        *names = places
            .iter()
            .filter_map(|k| names.get(*k).cloned())
            .collect();
        *variables = places
            .iter()
            .filter_map(|k| variables.get(*k).copied())
            .collect();
    }

    fn line(&self) -> Option<u64> {
        Some(self.lines.line().max(1))
    }
}

fn reading(field: &str, column: usize, name: &str) -> Result<Reading, Problem> {
    if field.is_empty() {
        return Ok(Reading::Absent(Cause::Missing));
    }
    match field.parse::<f32>() {
        Ok(value) => Ok(Reading::from(value)),
        Err(_) => Err(Problem::NotANumber {
            column: column + 1,
            name: name.to_owned(),
            found: field.to_owned(),
        }),
    }
}
