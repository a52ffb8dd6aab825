//! Parquet: one column a variable, of numbers or truth values. Times and labels are found as in every
//! table ([`roles`](super::roles)); a column of timestamps or dates is the time, and so is the index
//! that pandas notes in the file. A block of rows of each column is in memory, and the page it comes
//! from.

mod column;

use super::cell::{self, Cells};
use super::columns::{WIDEST, within};
use super::label;
use super::remarks::Remarks;
use super::roles::{Columns, Roles, Time, Type};
use super::text::LARGE;
use super::{Current, Heading, Options, Problem, Rows, Training};
use bellwether::{Cause, Reading};
use column::{Cell, Column};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first bytes of a file.
pub const MAGIC: [u8; 4] = *b"PAR1";

fn failed(error: ParquetError) -> Problem {
    let text = error.to_string();
    if let Some((_, name)) = text.split_once("Disabled feature at compile time: ") {
        return Problem::Layout(format!(
            "compressed with {name}, which is not read; zstd, snappy and gzip are, such as pandas' \
             df.to_parquet(\"X.parquet\", compression=\"zstd\")"
        ));
    }
    Problem::Io(io::Error::other(error))
}

/// Rows of a file.
pub struct ParquetRows {
    file: SerializedFileReader<File>,
    columns: Vec<Column>,
    time: Option<Time>,
    label: Option<usize>,
    words: bool,
    anomalous: Vec<String>,
    /// Columns of the variables.
    variables: Vec<usize>,
    cells: Cells,
    strict: bool,
    exact: bool,
    /// Row groups begun.
    group: usize,
    /// Rows that are left of it.
    left: i64,
    row: u64,
    remarks: Remarks,
    bytes: Arc<AtomicU64>,
}

/// First rows that tell the meaning of columns.
const SAMPLE: usize = 256;

impl ParquetRows {
    /// Reads a file's description. `bytes` is told how much of the file was read.
    ///
    /// # Errors
    /// It cannot be read, or has no column of numbers.
    pub fn open(
        file: File,
        bytes: Arc<AtomicU64>,
        options: &Options,
    ) -> Result<(Self, Heading), Problem> {
        let file = SerializedFileReader::new(file).map_err(failed)?;
        let about = file.metadata().file_metadata();
        let index = index(about.key_value_metadata().map_or(&[][..], Vec::as_slice));
        let schema = about.schema_descr_ptr();
        if schema.num_columns() > WIDEST {
            return Err(Problem::TooManyColumns {
                found: schema.num_columns(),
            });
        }
        let mut columns = Vec::new();
        let (mut nested, mut types) = (Vec::new(), Vec::new());
        for (place, column) in schema.columns().iter().enumerate() {
            let name = column.path().string();
            if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
                nested.push(name);
                continue;
            }
            let column = Column::of(place, column);
            let known = if index.contains(&name) && !column.is_time() {
                Type::Index
            } else if column.is_time() {
                Type::Time
            } else {
                Type::Unknown
            };
            types.push(known);
            columns.push(column);
        }
        let mut rows = Self {
            file,
            columns,
            time: None,
            label: None,
            words: false,
            anomalous: options.anomalous.clone(),
            variables: Vec::new(),
            cells: Cells::new(false, options),
            strict: options.strict,
            exact: !options.rate.is_empty(),
            group: 0,
            left: 0,
            row: 0,
            remarks: Remarks::default(),
            bytes,
        };
        let sample = rows.sample()?;
        let names: Vec<String> = rows
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        let roles = Roles::of(
            Columns {
                names: &names,
                rows: &sample,
                types: &types,
                cells: &rows.cells,
            },
            options,
        )?;
        for (column, name) in rows.columns.iter_mut().zip(&roles.names) {
            column.name.clone_from(name);
        }
        let own = roles
            .variables
            .iter()
            .filter_map(|k| roles.names.get(*k).cloned());
        let mut notes = roles.notes.clone();
        if !nested.is_empty() {
            notes.push(format!("left out: {} (nested)", nested.join(", ")));
        }
        let heading = Heading {
            names: within(own.collect())?,
            labelled: roles.label.is_some(),
            training: Training::Unknown,
            dated: roles.time.is_some(),
            notes,
        };
        rows.time = roles.time;
        rows.label = roles.label;
        rows.words = roles.words;
        rows.variables = roles.variables;
        Ok((rows, heading))
    }

    /// The first rows as fields.
    fn sample(&mut self) -> Result<Vec<Vec<String>>, Problem> {
        let groups = 0..self.file.num_row_groups();
        let has_rows = |k: &usize| self.file.metadata().row_group(*k).num_rows() > 0;
        let Some(first) = groups.into_iter().find(has_rows) else {
            return Ok(Vec::new());
        };
        let group = self.file.get_row_group(first).map_err(failed)?;
        let count = usize::try_from(group.metadata().num_rows())
            .unwrap_or(SAMPLE)
            .min(SAMPLE);
        let mut rows = vec![Vec::new(); count];
        for column in &mut self.columns {
            column.reader = Some(group.get_column_reader(column.place).map_err(failed)?);
            for row in &mut rows {
                row.push(column.next()?.to_string());
            }
            column.reader = None;
            column.cells = Vec::new().into_iter();
        }
        Ok(rows)
    }

    /// Whether a column is read.
    fn is_wanted(&self, k: usize) -> bool {
        self.time.is_some_and(|time| time.has(k))
            || self.label == Some(k)
            || self.variables.contains(&k)
    }

    /// Begins the next row group that has rows; `false` if there is none.
    fn advance(&mut self) -> Result<bool, Problem> {
        while self.left == 0 {
            if self.group >= self.file.num_row_groups() {
                return Ok(false);
            }
            let wanted: Vec<bool> = (0..self.columns.len()).map(|k| self.is_wanted(k)).collect();
            let group = self.file.get_row_group(self.group).map_err(failed)?;
            self.left = group.metadata().num_rows();
            for (column, wanted) in self.columns.iter_mut().zip(wanted) {
                column.reader = if wanted {
                    Some(group.get_column_reader(column.place).map_err(failed)?)
                } else {
                    None
                };
            }
            let size = u64::try_from(group.metadata().compressed_size());
            self.bytes.fetch_add(size.unwrap_or(0), Ordering::Relaxed);
            self.group += 1;
        }
        self.left -= 1;
        Ok(true)
    }

    fn label(&mut self, column: usize, cell: &Cell) -> Result<bool, Problem> {
        let found = cell.to_string();
        if !self.anomalous.is_empty() {
            return Ok(self.anomalous.contains(&found));
        }
        if found == "-1" || found == "-1.0" {
            return Err(Problem::Signed);
        }
        match label::read_among(&found, self.words) {
            Some(label) => Ok(label),
            None if self.strict => Err(Problem::Label {
                column: column + 1,
                found,
            }),
            None => {
                self.remarks.label(self.row + 1, &found);
                Ok(false)
            }
        }
    }
}

/// The columns of the index that pandas notes in a file.
fn index(notes: &[KeyValue]) -> Vec<String> {
    let note = notes
        .iter()
        .find(|note| note.key == "pandas")
        .and_then(|note| note.value.as_deref());
    let note: Option<serde_json::Value> = note.and_then(|text| serde_json::from_str(text).ok());
    let columns = note
        .as_ref()
        .and_then(|note| note.get("index_columns")?.as_array());
    let names = columns
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str());
    names.map(str::to_owned).collect()
}

impl Rows for ParquetRows {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        if !self.advance()? {
            return Ok(false);
        }
        row.label = None;
        row.timestamp = if self.time.is_some() {
            String::new()
        } else {
            self.row.to_string()
        };
        for k in 0..self.columns.len() {
            // Only the columns of the selection have a reader.
            let Some(column) = self
                .columns
                .get_mut(k)
                .filter(|column| column.reader.is_some())
            else {
                continue;
            };
            let cell = column.next()?;
            if self.time.is_some_and(|time| time.has(k)) {
                if !row.timestamp.is_empty() {
                    row.timestamp.push(' ');
                }
                row.timestamp.push_str(&cell.to_string());
                continue;
            }
            if self.label == Some(k) {
                row.label = Some(self.label(k, &cell)?);
                continue;
            }
            let number = match &cell {
                Cell::Missing => None,
                Cell::Integer(x) => Some((*x as f32, *x as f64)),
                Cell::Single(x) => Some((*x, f64::from(*x))),
                Cell::Double(x) => Some((*x as f32, *x)),
                Cell::Text(found) => match self.cells.read(found) {
                    cell::Cell::Value(x) | cell::Cell::Unit(x, _) => {
                        Some((x, self.cells.exact(found).unwrap_or(x.into())))
                    }
                    cell::Cell::Missing => None,
                    cell::Cell::Odd if self.strict => {
                        return Err(Problem::NotANumber {
                            column: k + 1,
                            name: column.name.clone(),
                            found: found.clone(),
                        });
                    }
                    cell::Cell::Odd => {
                        self.remarks.field(&column.name, self.row + 1, found);
                        None
                    }
                },
            };
            let number = number.filter(|(x, _)| !self.cells.is_sentinel(*x));
            column.reading =
                number.map_or(Reading::Absent(Cause::Missing), |(x, _)| Reading::from(x));
            column.exact = number.map_or(f64::NAN, |(_, exact)| exact);
        }
        if row.timestamp.is_empty() {
            return Err(Problem::EmptyTimestamp);
        }
        row.readings.clear();
        row.exact.clear();
        for (place, column) in self
            .variables
            .iter()
            .filter_map(|k| self.columns.get(*k))
            .enumerate()
        {
            row.readings.push(column.reading);
            let large = column.exact.abs() >= f64::from(LARGE);
            if (self.exact || large) && matches!(column.reading, Reading::Value(_)) {
                row.exact.push((place, column.exact));
            }
        }
        self.row += 1;
        Ok(true)
    }

    fn select(&mut self, places: &[usize]) {
        let variables = places
            .iter()
            .filter_map(|k| self.variables.get(*k).copied());
        self.variables = variables.collect();
        for k in 0..self.columns.len() {
            let wanted = self.is_wanted(k);
            if let Some(column) = self.columns.get_mut(k).filter(|_| !wanted) {
                column.reader = None;
            }
        }
    }

    fn line(&self) -> Option<u64> {
        None
    }

    fn remarks(&self) -> Vec<String> {
        self.remarks.lines(0)
    }
}
