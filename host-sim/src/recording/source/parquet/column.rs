//! A column of a Parquet file, value by value.

use super::failed;
use crate::recording::source::Problem;
use bellwether::{Cause, Reading};
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use parquet::schema::types::ColumnDescriptor;
use std::fmt;
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

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Integer(x) => x.fmt(f),
            Self::Single(x) => x.fmt(f),
            Self::Double(x) => x.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Meaning of the bits of a column's values, beyond their physical type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Plain,
    Unsigned,
    /// A time since 1970.
    Timestamp,
    /// Days since 1970.
    Date,
    /// A whole number with this many decimals.
    Decimal(i32),
    Half,
}

/// A column of the row group that is being read.
pub struct Column {
    pub name: String,
    /// Its place in the file.
    pub place: usize,
    /// Level of a value that is there; below, it is missing.
    there: i16,
    meaning: Meaning,
    pub reader: Option<ColumnReader>,
    pub cells: IntoIter<Cell>,
    /// The reading of the row, of a column of a variable.
    pub reading: Reading,
    /// The same with all digits; NaN if missing.
    pub exact: f64,
}

impl Column {
    /// A column with this description.
    pub fn of(place: usize, about: &ColumnDescriptor) -> Self {
        let logical = about.logical_type_ref();
        let meaning = match about.converted_type() {
            _ if about.physical_type() == Type::INT96 => Meaning::Timestamp,
            _ if matches!(logical, Some(LogicalType::Float16)) => Meaning::Half,
            _ if matches!(logical, Some(LogicalType::Timestamp { .. })) => Meaning::Timestamp,
            ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS => Meaning::Timestamp,
            ConvertedType::DATE => Meaning::Date,
            ConvertedType::DECIMAL => Meaning::Decimal(about.type_scale()),
            ConvertedType::UINT_32 | ConvertedType::UINT_64 => Meaning::Unsigned,
            _ => Meaning::Plain,
        };
        Self {
            name: about.path().string(),
            place,
            there: about.max_def_level(),
            meaning,
            reader: None,
            cells: Vec::new().into_iter(),
            reading: Reading::Absent(Cause::Missing),
            exact: f64::NAN,
        }
    }

    /// Whether values are times by their type.
    pub fn is_time(&self) -> bool {
        matches!(self.meaning, Meaning::Timestamp | Meaning::Date)
    }

    pub fn next(&mut self) -> Result<Cell, Problem> {
        if self.cells.as_slice().is_empty() {
            self.cells = self.block()?.into_iter();
        }
        let ended = || Problem::Layout(format!("column `{}` ends early", self.name));
        self.cells.next().ok_or_else(ended)
    }

    fn block(&mut self) -> Result<Vec<Cell>, Problem> {
        let (there, meaning) = (self.there, self.meaning);
        match &mut self.reader {
            None => Ok(Vec::new()),
            Some(ColumnReader::BoolColumnReader(r)) => {
                cells(r, there, |x: bool| Ok(Cell::Integer(x.into())))
            }
            Some(ColumnReader::Int32ColumnReader(r)) => cells(r, there, |x: i32| {
                Ok(match meaning {
                    Meaning::Unsigned => Cell::Integer(x.cast_unsigned().into()),
                    Meaning::Date => date(x),
                    Meaning::Decimal(scale) => Cell::Double(f64::from(x) / 10_f64.powi(scale)),
                    _ => Cell::Integer(x.into()),
                })
            }),
            Some(ColumnReader::Int64ColumnReader(r)) => cells(r, there, |x: i64| {
                Ok(match meaning {
                    Meaning::Unsigned if x < 0 => Cell::Double(x.cast_unsigned() as f64),
                    Meaning::Decimal(scale) => Cell::Double(x as f64 / 10_f64.powi(scale)),
                    _ => Cell::Integer(x),
                })
            }),
            Some(ColumnReader::Int96ColumnReader(r)) => {
                cells(r, there, |x: Int96| Ok(Cell::Integer(x.to_nanos())))
            }
            Some(ColumnReader::FloatColumnReader(r)) => cells(r, there, |x| Ok(Cell::Single(x))),
            Some(ColumnReader::DoubleColumnReader(r)) => cells(r, there, |x| Ok(Cell::Double(x))),
            Some(ColumnReader::ByteArrayColumnReader(r)) => cells(r, there, |x: ByteArray| {
                Ok(match meaning {
                    Meaning::Decimal(scale) => decimal(x.data(), scale),
                    _ => Cell::Text(String::from_utf8_lossy(x.data()).into_owned()),
                })
            }),
            Some(ColumnReader::FixedLenByteArrayColumnReader(r)) => {
                cells(r, there, |x: FixedLenByteArray| {
                    Ok(match (meaning, x.data()) {
                        (Meaning::Half, [low, high]) => {
                            Cell::Single(half(u16::from_le_bytes([*low, *high])))
                        }
                        (Meaning::Decimal(scale), bytes) => decimal(bytes, scale),
                        _ => Cell::Text("bytes".to_owned()),
                    })
                })
            }
        }
    }
}

/// A day since 1970 as a date.
fn date(days: i32) -> Cell {
    let time = jiff::Timestamp::from_second(86_400 * i64::from(days));
    let text = time.map(|time| time.to_string().chars().take(10).collect());
    Cell::Text(text.unwrap_or_else(|_| days.to_string()))
}

/// A whole number of big-endian bytes with this many decimals.
fn decimal(bytes: &[u8], scale: i32) -> Cell {
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let magnitude = bytes.iter().fold(0.0, |sum, byte| {
        let byte = if negative { !byte } else { *byte };
        256.0 * sum + f64::from(byte)
    });
    let value = if negative {
        -(magnitude + 1.0)
    } else {
        magnitude
    };
    Cell::Double(value / 10_f64.powi(scale))
}

/// A number of 16 bits (IEEE 754 binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f32::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction / 1024.0 * 2_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f32.powi(exponent - 15),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_rare_types_have_their_values() {
        assert_eq!(
            [half(0x3c00), half(0xc000), half(0x0001)],
            [1.0, -2.0, 2_f32.powi(-24)]
        );
        assert_eq!(half(0x7c00), f32::INFINITY);
        assert_eq!(decimal(&[0x30, 0x39], 2).to_string(), "123.45");
        assert_eq!(decimal(&[0xff, 0xff, 0xfe], 0).to_string(), "-2");
        assert_eq!(date(20_513).to_string(), "2026-03-01");
    }
}
