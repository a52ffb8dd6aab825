//! Rows of every layout of fields: a plan states the meaning of columns, the reading is the same.
//!
//! A field that is no number is a missing value, a row with more or fewer fields is left out; both
//! are counted. A strict plan refuses them.

use super::cell::{Cell, Cells};
use super::columns::within;
use super::cutter::Separator;
use super::label;
use super::lines::Lines;
use super::records::Records;
use super::remarks::Remarks;
use super::roles::Time;
use super::{Current, Heading, Problem, Rows, Training};
use crate::recording::time::clock::is_date;
use bellwether::{Cause, Reading};
use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

/// The rules from records of a layout to rows.
pub struct Plan {
    /// Names of the variables, in order.
    pub names: Vec<String>,
    /// Their columns, from 0.
    pub variables: Vec<usize>,
    /// Columns of the timestamp; without one, rows are numbered from 0.
    pub timestamp: Option<Time>,
    /// The source of labels.
    pub labels: Labels,
    /// Whether labels are words, of which one is for normal rows.
    pub words: bool,
    /// Labels of anomalous rows, where that is said.
    pub anomalous: Vec<String>,
    /// The position of the training part.
    pub training: Training,
    /// Fields of every record; `None` if each field is a row of its own.
    pub fields: Option<usize>,
    /// The separator of fields.
    pub separator: Separator,
    /// Whether the first line is a row already, and no header.
    pub headless: bool,
    /// The spelling of numbers.
    pub cells: Cells,
    /// The header, which may be there more than once; none if empty.
    pub header: Vec<String>,
    /// Whether whatever is not understood is refused.
    pub strict: bool,
    /// Whether the digits that `f32` cannot hold are kept of every value.
    pub exact: bool,
    /// The roles of the columns, in lines for people.
    pub notes: Vec<String>,
}

impl Plan {
    /// Records of these variables, columns in the same order, fields between commas, no labels, a
    /// header.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            variables: (0..names.len()).collect(),
            fields: Some(names.len()),
            names,
            timestamp: None,
            labels: Labels::None,
            words: false,
            anomalous: Vec::new(),
            training: Training::Unknown,
            separator: Separator::Character(','),
            headless: false,
            cells: Cells::default(),
            header: Vec::new(),
            strict: false,
            exact: false,
            notes: Vec::new(),
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
    Beside(String, Box<Lines>),
}

impl Labels {
    /// Labels in a file of their own.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn beside(path: &Path) -> Result<Self, Problem> {
        let file = path.display().to_string();
        match Lines::open(path) {
            Ok(lines) => Ok(Self::Beside(file, Box::new(lines))),
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

/// A value of at least this size may have digits that `f32` cannot hold.
pub const LARGE: f32 = 16_777_216.0;

/// Rows that tell the spelling of times.
const ENOUGH: u64 = 3;

/// Rows of records.
pub struct TextRows<R> {
    records: R,
    plan: Plan,
    row: u64,
    /// Fields of the record that were rows already, where each is one.
    used: usize,
    /// Units of the variables, as far as seen.
    units: Vec<String>,
    remarks: Remarks,
    /// Rows whose timestamps begin with a digit.
    digits: u64,
    /// Line of the record read last.
    line: u64,
}

impl TextRows<Lines> {
    /// Rows of a text after its first line, and the facts known before the first row.
    ///
    /// # Errors
    /// There are no variables, or too many.
    pub fn of_lines(mut lines: Lines, plan: Plan) -> Result<(Self, Heading), Problem> {
        lines.separate(plan.separator);
        if plan.headless {
            lines.again();
        }
        Self::new(lines, plan)
    }
}

impl<R: Records> TextRows<R> {
    /// Rows of records, and the facts known before the first row.
    ///
    /// # Errors
    /// There are no variables, or too many.
    pub fn new(records: R, mut plan: Plan) -> Result<(Self, Heading), Problem> {
        let heading = Heading {
            names: within(plan.names.clone())?,
            labelled: !matches!(plan.labels, Labels::None),
            training: plan.training.clone(),
            dated: plan.timestamp.is_some(),
            notes: std::mem::take(&mut plan.notes),
        };
        let rows = Self {
            used: 0,
            row: 0,
            units: vec![String::new(); plan.names.len()],
            remarks: Remarks::default(),
            digits: 0,
            line: records.line(),
            records,
            plan,
        };
        Ok((rows, heading))
    }

    /// Moves to the record of the next row.
    fn advance(&mut self) -> Result<bool, Problem> {
        let Some(expected) = self.plan.fields else {
            self.used += 1;
            if self.row > 0 && self.used < self.records.count() {
                return Ok(true);
            }
            self.used = 0;
            return self.records.advance();
        };
        loop {
            match self.records.advance() {
                Ok(true) => {}
                Ok(false) => return self.end(),
                Err(problem) if problem.is_of_row() && !self.plan.strict => {
                    self.line = self.records.line();
                    self.remarks.row(self.line, &problem);
                    continue;
                }
                Err(problem) => return Err(problem),
            }
            self.line = self.records.line();
            let found = self.records.count();
            if self.records.is_comment() {
                continue;
            }
            if self.is_header(found) {
                self.remarks.header(self.line);
                continue;
            }
            let more = expected..found;
            if found == expected
                || found > expected && more.clone().all(|k| self.records.field(k).is_empty())
            {
                return Ok(true);
            }
            let problem = Problem::Fields { found, expected };
            if self.plan.strict {
                return Err(problem);
            }
            self.remarks.row(self.line, &problem);
        }
    }

    /// Whether a timestamp is neither a date nor a number, while those before it were: a footer, or a line
    /// of units. Whatever begins with a digit is taken for a time.
    fn is_foreign(&mut self, timestamp: &str) -> bool {
        if timestamp.starts_with(|c: char| c.is_ascii_digit()) {
            self.digits += 1;
            return false;
        }
        self.digits >= ENOUGH
            && self.digits == self.row
            && timestamp.parse::<f64>().is_err()
            && !is_date(timestamp)
    }

    /// Whether the record is the header once more.
    fn is_header(&self, found: usize) -> bool {
        let header = &self.plan.header;
        let begins = !header.is_empty()
            && header
                .first()
                .is_some_and(|name| self.records.field(0) == name);
        let same = |(k, name): (usize, &String)| self.records.field(k) == name;
        begins && found > 1 && header.iter().enumerate().all(same)
    }

    /// The end: a recording without any row is refused for its first problem.
    fn end(&self) -> Result<bool, Problem> {
        match self.remarks.first_row() {
            Some((line, problem)) if self.row == 0 => Err(Problem::Layout(format!(
                "no row is read (line {line}: {problem})"
            ))),
            _ => Ok(false),
        }
    }

    fn label(&mut self, timestamp: &str) -> Result<Option<bool>, Problem> {
        if let Labels::Column(column) = self.plan.labels {
            return self.of_column(column).map(Some);
        }
        Ok(match &mut self.plan.labels {
            Labels::None | Labels::Column(_) => None,
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

    fn of_column(&mut self, column: usize) -> Result<bool, Problem> {
        let found = self.records.field(column);
        let problem = || Problem::Label {
            column: column + 1,
            found: found.to_owned(),
        };
        if !self.plan.anomalous.is_empty() {
            return Ok(self.plan.anomalous.iter().any(|word| word == found));
        }
        // The usual sign of outliers, and of attacks, but also of normal rows.
        if found.parse().is_ok_and(|x: f64| x == -1.0) {
            return Err(Problem::Signed);
        }
        match label::read_among(found, self.plan.words) {
            Some(label) => {
                // The number of a class, or the word of a kind.
                let other =
                    label::read(found) != Some(true) || found.parse().is_ok_and(|x: f64| x != 1.0);
                if label && other {
                    if self.plan.strict {
                        return Err(problem());
                    }
                    self.remarks.kind(self.line, found);
                }
                Ok(label)
            }
            None if self.plan.strict => Err(problem()),
            None => {
                if !super::cell::is_missing(found) {
                    self.remarks.label(self.line, found);
                }
                Ok(false)
            }
        }
    }

    fn readings(&mut self, row: &mut Current) -> Result<(), Problem> {
        row.readings.clear();
        row.exact.clear();
        let Plan {
            names,
            variables,
            cells,
            strict,
            exact,
            ..
        } = &self.plan;
        for (k, (name, column)) in names.iter().zip(variables).enumerate() {
            let column = column + self.used;
            let field = self.records.field(column);
            let cell = cells.read(field);
            let reading = match cell {
                Cell::Value(value) => Reading::from(value),
                Cell::Unit(value, unit) => match self.units.get_mut(k) {
                    Some(known) if known == unit => Reading::from(value),
                    Some(known) if known.is_empty() => {
                        known.push_str(unit);
                        Reading::from(value)
                    }
                    // A value in kW among values in W is none of the variable's values.
                    _ => Reading::Absent(Cause::Missing),
                },
                Cell::Missing => Reading::Absent(Cause::Missing),
                Cell::Odd if *strict => {
                    return Err(Problem::NotANumber {
                        column: column + 1,
                        name: name.clone(),
                        found: field.to_owned(),
                    });
                }
                Cell::Odd => Reading::Absent(Cause::Missing),
            };
            if reading == Reading::Absent(Cause::Missing)
                && cell != Cell::Missing
                && !field.parse().is_ok_and(f32::is_nan)
            {
                self.remarks.field(name, self.line, field);
            }
            if (*exact || reading.usable().is_ok_and(|x| x.abs() >= LARGE))
                && matches!(reading, Reading::Value(_))
                && let Some(value) = cells.exact(field)
            {
                row.exact.push((k, value));
            }
            row.readings.push(reading);
        }
        Ok(())
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
            let label = match found {
                "0" | "0.0" => Some(false),
                "1" | "1.0" => Some(true),
                _ => None,
            };
            label.map(Some).ok_or_else(|| failed(said()))
        }
    }
}

impl<R: Records> Rows for TextRows<R> {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        loop {
            if !self.advance()? {
                if let Labels::Beside(file, lines) = &mut self.plan.labels {
                    beside(file, lines, false)?;
                }
                return Ok(false);
            }
            row.timestamp.clear();
            match self.plan.timestamp {
                Some(time) => time.write(|k| self.records.field(k), &mut row.timestamp),
                // Writing to a text cannot fail.
                None => drop(write!(row.timestamp, "{}", self.row)),
            }
            let problem = match row.timestamp.trim() {
                "" => Problem::EmptyTimestamp,
                text if self.is_foreign(text) => Problem::NoTime(text.to_owned()),
                _ => break,
            };
            if self.plan.strict {
                return Err(problem);
            }
            self.remarks.row(self.line, &problem);
        }
        self.readings(row)?;
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
        self.units = vec![String::new(); names.len()];
    }

    fn line(&self) -> Option<u64> {
        Some(self.records.line().max(1))
    }

    fn remarks(&self) -> Vec<String> {
        self.remarks.lines(self.line)
    }
}
