//! Parquet: one column a variable, of numbers or truth values; times and labels are found by
//! their names as in [`super::plain`]. A block of rows of each column is in memory, and the page
//! it comes from.

mod column;

use super::columns::{Places, distinct};
use super::{Current, Heading, Problem, Rows, Training};
use bellwether::{Cause, Reading};
use column::{Cell, Column};
use parquet::basic::ConvertedType;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The first bytes of a file.
pub const MAGIC: [u8; 4] = *b"PAR1";

fn failed(error: ParquetError) -> Problem {
    Problem::Io(io::Error::other(error))
}

/// Rows of a file.
pub struct ParquetRows {
    file: SerializedFileReader<File>,
    places: Places,
    columns: Vec<Column>,
    /// Row groups begun.
    group: usize,
    /// Rows that are left of it.
    left: i64,
    row: u64,
    bytes: Arc<AtomicU64>,
}

impl ParquetRows {
    /// Reads a file's description. `bytes` is told how much of the file was read.
    ///
    /// # Errors
    /// It cannot be read, or a column is no column of numbers.
    pub fn open(file: File, bytes: Arc<AtomicU64>) -> Result<(Self, Heading), Problem> {
        let file = SerializedFileReader::new(file).map_err(failed)?;
        let schema = file.metadata().file_metadata().schema_descr_ptr();
        let mut columns = Vec::new();
        for column in schema.columns() {
            let name = column.path().string();
            let kind = column.converted_type();
            if column.max_rep_level() > 0 || column.path().parts().len() > 1 {
                return Err(Problem::Layout(format!("column `{name}` is nested")));
            }
            if kind == ConvertedType::DECIMAL {
                return Err(Problem::Layout(format!("column `{name}` is decimal")));
            }
            columns.push(Column {
                name,
                there: column.max_def_level(),
                unsigned: matches!(kind, ConvertedType::UINT_32 | ConvertedType::UINT_64),
                reader: None,
                cells: Vec::new().into_iter(),
                reading: Reading::Absent(Cause::Missing),
            });
        }
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        distinct(&names)?;
        let places = Places::of(&names);
        let heading = Heading {
            names: places.names(&names)?,
            labelled: places.label.is_some(),
            training: Training::Unknown,
        };
        let rows = Self {
            file,
            places,
            columns,
            group: 0,
            left: 0,
            row: 0,
            bytes,
        };
        Ok((rows, heading))
    }

    /// Begins the next row group that has rows; `false` if there is none.
    fn advance(&mut self) -> Result<bool, Problem> {
        while self.left == 0 {
            if self.group >= self.file.num_row_groups() {
                return Ok(false);
            }
            let group = self.file.get_row_group(self.group).map_err(failed)?;
            self.left = group.metadata().num_rows();
            for (k, column) in self.columns.iter_mut().enumerate() {
                if !self.places.contain(k) {
                    continue;
                }
                column.reader = Some(group.get_column_reader(k).map_err(failed)?);
            }
            let size = u64::try_from(group.metadata().compressed_size());
            self.bytes.fetch_add(size.unwrap_or(0), Ordering::Relaxed);
            self.group += 1;
        }
        self.left -= 1;
        Ok(true)
    }
}

impl Rows for ParquetRows {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        if !self.advance()? {
            return Ok(false);
        }
        row.label = None;
        row.timestamp = self.row.to_string();
        for (k, column) in self.columns.iter_mut().enumerate() {
            // Only the columns of the selection have one.
            if column.reader.is_none() {
                continue;
            }
            let cell = column.next()?;
            if self.places.timestamp == Some(k) {
                row.timestamp = match cell {
                    Cell::Integer(x) => x.to_string(),
                    Cell::Single(x) => x.to_string(),
                    Cell::Double(x) => x.to_string(),
                    Cell::Text(text) => text,
                    Cell::Missing => return Err(Problem::EmptyTimestamp),
                };
            } else if self.places.label == Some(k) {
                let found = match cell {
                    Cell::Integer(0) => Ok(false),
                    Cell::Integer(1) => Ok(true),
                    Cell::Integer(x) => Err(x.to_string()),
                    Cell::Single(x) => of_number(x.into()),
                    Cell::Double(x) => of_number(x),
                    Cell::Text(text) => Err(text),
                    Cell::Missing => Err(String::new()),
                };
                let column = k + 1;
                row.label = Some(found.map_err(|found| Problem::Label { column, found })?);
            } else {
                column.reading = match cell {
                    Cell::Missing => Reading::Absent(Cause::Missing),
                    Cell::Integer(x) => Reading::from(x as f32),
                    Cell::Single(x) => Reading::from(x),
                    Cell::Double(x) => Reading::from(x as f32),
                    Cell::Text(found) => {
                        return Err(Problem::NotANumber {
                            column: k + 1,
                            name: column.name.clone(),
                            found,
                        });
                    }
                };
            }
        }
        let places = self.places.variables.iter();
        let readings = places.filter_map(|k| self.columns.get(*k).map(|column| column.reading));
        row.readings.clear();
        row.readings.extend(readings);
        self.row += 1;
        Ok(true)
    }

    fn select(&mut self, places: &[usize]) {
        let variables = &mut self.places.variables;
        *variables = places
            .iter()
            .filter_map(|k| variables.get(*k).copied())
            .collect();
        for (k, column) in self.columns.iter_mut().enumerate() {
            if !self.places.contain(k) {
                column.reader = None;
            }
        }
    }

    fn line(&self) -> Option<u64> {
        None
    }
}

/// A label that is written as a number with a point.
fn of_number(x: f64) -> Result<bool, String> {
    match x {
        0.0 => Ok(false),
        1.0 => Ok(true),
        _ => Err(x.to_string()),
    }
}
