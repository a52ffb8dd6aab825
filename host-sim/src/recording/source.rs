//! Sources of a recording's rows, all read row by row in constant memory unless stated.
//!
//! Data flows one way: bytes, [`compression`], [`decode`] to UTF-8, [`lines`], [`cutter`], the [`dialect`] of a
//! table, [`cell`]s, the [`roles`] of columns, rows. JSON, line protocol and sheets become a table in
//! memory ([`records`]), and then the same rules hold.
//!
//! | layout | file | time | label | training part |
//! |---|---|---|---|---|
//! | [`wide`] | table, first column `timestamp` | `timestamp` | as [`roles`] | `X.train.csv` beside `X.test.csv` |
//! | plain | table of any names ([`delimited`]) | as [`roles`]; else rows are numbered | as [`roles`] | |
//! | [`long`] | table with one value a row, in memory | as [`roles`] | | |
//! | [`nab`] | NAB, CSV `timestamp,value` | as it is | `labels/combined_windows.json` of a folder above | |
//! | [`skab`] | SKAB, CSV with semicolons | `datetime` | `anomaly`; `changepoint` is left out | |
//! | [`smd`] | SMD, and ASD written the same way: `test/X.txt`, no header | rows are numbered | `test_label/X.txt` | `train/X.txt` |
//! | [`psm`] | PSM, `test.csv` | `timestamp_(min)` | `test_label.csv` | `train.csv` |
//! | [`tsb`] | TSB-AD, CSV with `Label` and no time | rows are numbered | last column | `_tr_N_` in the name |
//! | [`ucr`] | UCR archive, one value a line | rows are numbered | in the name | in the name |
//! | [`parquet`] | Parquet, one column a variable | as [`roles`], or by type | as [`roles`] | |
//! | [`json`], [`line_protocol`], [`sheet`] | dumps of tools, in memory | as [`roles`] | as [`roles`] | |
//!
//! ASD is distributed as Python pickles, which are not read: they can hold any program.
//! Columns that are not selected are not parsed.
//! All but Parquet may be compressed with gzip or zstd. An empty field, `NaN`, or one of the texts of
//! [`cell`] is a missing value; an infinity, or a number too large for `f32`, is a reading that is not
//! finite.

pub mod cell;
pub mod columns;
pub mod compression;
pub mod cutter;
pub mod decode;
pub mod delimited;
pub mod dialect;
pub mod features;
pub mod grid;
pub mod ipmi;
pub mod json;
pub mod kind;
pub mod label;
pub mod layout;
pub mod line_protocol;
pub mod lines;
pub mod long;
pub mod nab;
pub mod parquet;
pub mod problem;
pub mod psm;
pub mod rate;
pub mod records;
pub mod remarks;
pub mod roles;
pub mod sheet;
pub mod skab;
pub mod smd;
pub mod sorted;
pub mod text;
pub mod tsb;
pub mod ucr;
pub mod wide;

pub use compression::decompress;
pub use layout::Layout;
pub use problem::{Problem, RecordingError};

pub use super::options::{self, Options};
use bellwether::Reading;
use std::path::PathBuf;

/// The facts about a recording before its first row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heading {
    /// Names of the variables, in order.
    pub names: Vec<String>,
    /// Whether rows have labels.
    pub labelled: bool,
    /// The position of the training part.
    pub training: Training,
    /// Whether timestamps are of the file, not numbers of rows.
    pub dated: bool,
    /// The roles of the columns, in lines for people, where they are not those of the project's own files.
    pub notes: Vec<String>,
}

/// The part of a recording that is assumed normal, to learn from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Training {
    /// The layout does not state it.
    #[default]
    Unknown,
    /// This number of leading rows.
    Rows(u64),
    /// All of this file.
    Whole,
    /// Another file, beside this one.
    Apart(PathBuf),
}

/// The row read last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Current {
    /// The timestamp as in the file, or the row's number.
    pub timestamp: String,
    /// One reading per variable.
    pub readings: Vec<Reading>,
    /// The label, if there are labels.
    pub label: Option<bool>,
    /// Places and values of readings with digits that `f32` may not hold.
    pub exact: Vec<(usize, f64)>,
}

/// Rows of a recording, one after another.
pub trait Rows: Send {
    /// Reads the next row; `false` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem>;

    /// Restricts the rows that follow to these of the variables, in this order.
    fn select(&mut self, places: &[usize]);

    /// Number of the line read last, where there are lines.
    fn line(&self) -> Option<u64>;

    /// Parts that were left out so far, counted and located.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Rows for Box<dyn Rows> {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        self.as_mut().next(row)
    }

    fn select(&mut self, places: &[usize]) {
        self.as_mut().select(places);
    }

    fn line(&self) -> Option<u64> {
        self.as_ref().line()
    }

    fn remarks(&self) -> Vec<String> {
        self.as_ref().remarks()
    }
}
