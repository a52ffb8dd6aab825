//! A column of a Parquet file, value by value.

use super::failed;
use crate::recording::source::Problem;
use bellwether::Reading;
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use std::vec::IntoIter;

/// Rows that are read at once.
const BLOCK: usize = 1024;

/// One value.
pub enum Cell {
    Missing,
    Integer(i64),
    Single(f32),
    Double(f64),
    Text(String),
}

/// A column of the row group that is being read.
pub struct Column {
    pub name: String,
    /// Level of a value that is there; below, it is missing.
    pub there: i16,
    pub unsigned: bool,
    pub reader: Option<ColumnReader>,
    pub cells: IntoIter<Cell>,
    /// The reading of the row, of a column of a variable.
    pub reading: Reading,
}

impl Column {
    pub fn next(&mut self) -> Result<Cell, Problem> {
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
