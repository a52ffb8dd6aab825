//! Sources of a recording's rows: one file per layout, all read row by row in constant memory.
//!
//! | layout | file | time | label | training part |
//! |---|---|---|---|---|
//! | [`wide`] | CSV `timestamp,<variable>...[,label]` | as it is | last column | `X.train.csv` beside `X.test.csv` |
//! | [`plain`] | CSV with any names | first column, if its name says so; else rows are numbered | last column, if its name says so, or `label` | |
//! | [`nab`] | NAB, CSV `timestamp,value` | as it is | `labels/combined_windows.json` of a folder above | |
//! | [`skab`] | SKAB, CSV with semicolons | `datetime` | `anomaly`; `changepoint` is left out | |
//! | [`smd`] | SMD, and ASD written the same way: `test/X.txt`, no header | rows are numbered | `test_label/X.txt` | `train/X.txt` |
//! | [`psm`] | PSM, `test.csv` | `timestamp_(min)` | `test_label.csv` | `train.csv` |
//! | [`tsb`] | TSB-AD, CSV with `Label` | rows are numbered | last column | `_tr_N_` in the name |
//! | [`ucr`] | UCR archive, one value a line | rows are numbered | in the name | in the name |
//! | [`parquet`] | Parquet, one column a variable | as [`plain`] | as [`plain`] | |
//!
//! ASD is distributed as Python pickles, which are not read: they can hold any program.
//! Columns that are not selected are not parsed.
//! All but Parquet may be compressed with gzip or zstd. An empty field, or `NaN`, is a missing
//! value; an infinity, or a number too large for `f32`, is a reading that is not finite.

pub mod columns;
pub mod compression;
pub mod layout;
pub mod lines;
pub mod nab;
pub mod parquet;
pub mod plain;
pub mod problem;
pub mod psm;
pub mod skab;
pub mod smd;
pub mod text;
pub mod tsb;
pub mod ucr;
pub mod wide;

pub use compression::decompress;
pub use layout::Layout;
pub use problem::{Problem, RecordingError};

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
}
