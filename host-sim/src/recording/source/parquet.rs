//! Parquet: one column a variable, of numbers or truth values; times and labels are found by
//! their names as in [`super::plain`]. A block of rows of each column is in memory, and the page
//! it comes from.

use super::columns::{Places, distinct};
use super::{Current, Heading, Problem, Rows, Training};
use bellwether::{Cause, Reading};
use parquet::basic::ConvertedType;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::vec::IntoIter;

/// The first bytes of a file.
pub const MAGIC: [u8; 4] = *b"PAR1";

/// Rows that are read at once.
const BLOCK: usize = 1024;

/// One value.
enum Cell {
    Missing,
    Integer(i64),
    Single(f32),
    Double(f64),
    Text(String),
}

fn failed(error: ParquetError) -> Problem {
    Problem::Io(io::Error::other(error))
}

/// A column of the row group that is being read.
struct Column {
    name: String,
    /// Level of a value that is there; below, it is missing.
    there: i16,
    unsigned: bool,
    reader: Option<ColumnReader>,
    cells: IntoIter<Cell>,
    /// The reading of the row, of a column of a variable.
    reading: Reading,
}

impl Column {
    fn next(&mut self) -> Result<Cell, Problem> {
        if self.cells.as_slice().is_empty() {
            self.cells = self.block()?.into_iter();
        }
        let ended = || Problem::Layout(format!("column `{}` ends early", self.name));
        self.cells.next().ok_or_else(ended)
    }

    fn block(&mut self) -> Result<Vec<Cell>, Problem> {
        let (there, unsigned) = (self.there, self.unsigned);
        match &mut self.reader {
            None => Ok(Vec::new()),
            Some(ColumnReader::BoolColumnReader(r)) => {
                cells(r, there, |x: bool| Ok(Cell::Integer(x.into())))
            }
            Some(ColumnReader::Int32ColumnReader(r)) => cells(r, there, |x: i32| {
                Ok(Cell::Integer(if unsigned {
                    x.cast_unsigned().into()
                } else {
                    x.into()
                }))
            }),
            Some(ColumnReader::Int64ColumnReader(r)) => cells(r, there, |x: i64| {
                Ok(if unsigned && x < 0 {
                    Cell::Double(x.cast_unsigned() as f64)
                } else {
                    Cell::Integer(x)
                })
            }),
            Some(ColumnReader::FloatColumnReader(r)) => cells(r, there, |x| Ok(Cell::Single(x))),
            Some(ColumnReader::DoubleColumnReader(r)) => cells(r, there, |x| Ok(Cell::Double(x))),
            Some(ColumnReader::ByteArrayColumnReader(r)) => cells(r, there, |x: ByteArray| {
                let text = x.as_utf8().map_err(failed)?;
                Ok(Cell::Text(text.to_owned()))
            }),
            Some(_) => Err(Problem::Layout(format!(
                "column `{}` is of a type that is no number",
                self.name
            ))),
        }
    }
}

fn cells<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    there: i16,
    cell: impl Fn(T::T) -> Result<Cell, Problem>,
) -> Result<Vec<Cell>, Problem> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let read = reader.read_records(BLOCK, Some(&mut levels), None, &mut values);
    let (rows, _, _) = read.map_err(failed)?;
    let mut values = values.into_iter();
    let present = |row: usize| there == 0 || levels.get(row) == Some(&there);
    let value = |row| if present(row) { values.next() } else { None };
    let cells = (0..rows).map(value);
    cells
        .map(|value| value.map_or(Ok(Cell::Missing), &cell))
        .collect()
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
