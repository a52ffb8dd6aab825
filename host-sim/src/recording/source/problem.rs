//! Problems of recordings.

use super::columns::MOST;
use std::fmt;
use std::io;

/// A problem of a recording, and its position.
#[derive(Debug)]
pub struct RecordingError {
    /// The file as it was named, `<stdin>` for standard input.
    pub file: String,
    /// Line in the decompressed text, from 1; `None` if no line is concerned.
    pub line: Option<u64>,
    /// The problem.
    pub problem: Problem,
}

/// A problem of a recording. Columns are counted from 1.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The file could not be opened or read, or its compression is damaged.
    Io(io::Error),
    /// Its name states a compression that its first bytes do not have.
    NotCompressed(&'static str),
    /// No header and no rows.
    Empty,
    /// A line that is not UTF-8.
    NotUtf8,
    /// A Python pickle.
    Pickle,
    /// A quoted field is not closed on its line.
    Quotes,
    /// The first line has a number instead of a name.
    NoHeader {
        /// The column.
        column: usize,
        /// The number found.
        found: String,
    },
    /// The first column is not called `timestamp`.
    NoTimestamp {
        /// Its name.
        found: String,
    },
    /// A column without a name.
    NoName {
        /// The column.
        column: usize,
    },
    /// Two columns share a name.
    Duplicate {
        /// The later column.
        column: usize,
        /// The shared name.
        name: String,
    },
    /// A column `label` that is not the last one.
    LabelNotLast {
        /// Its column, from 1.
        column: usize,
    },
    /// No variable has this name.
    NoColumn {
        /// The wanted name.
        name: String,
        /// The names of the variables.
        there: Vec<String>,
    },
    /// Only a timestamp, or a timestamp and a label.
    NoVariables,
    /// More variables than the reader's limit.
    TooManyVariables {
        /// Number of variables.
        found: usize,
    },
    /// A row with more or fewer fields than the header.
    Fields {
        /// In the row.
        found: usize,
        /// In the header.
        expected: usize,
    },
    /// A row without timestamp.
    EmptyTimestamp,
    /// A field that is neither empty nor a number.
    NotANumber {
        /// The column.
        column: usize,
        /// Its name.
        name: String,
        /// The text found.
        found: String,
    },
    /// A label other than `0` and `1`.
    Label {
        /// The column.
        column: usize,
        /// The text found.
        found: String,
    },
    /// The labels are in a file of their own, which does not fit.
    Labels {
        /// That file.
        file: String,
        /// The problem.
        found: String,
    },
    /// The file does not have the stated layout.
    Layout(String),
    /// The caller's frame has a smaller capacity than the recording has variables.
    FrameTooSmall {
        /// Capacity of the frame.
        room: usize,
        /// Variables of the recording.
        variables: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(f, "{error}"),
            Self::NotCompressed(name) => write!(f, "named .{name}, but its content is not {name}"),
            Self::Empty => f.write_str("the file is empty; expected a header line"),
            Self::NotUtf8 => f.write_str("not UTF-8 text"),
            Self::Pickle => f.write_str(
                "a Python pickle can hold any program and is not read; if it is trusted, Python \
                 writes it as text, numpy.savetxt(\"test/X.txt\", pickle.load(open(\"X.pkl\", \
                 \"rb\")), delimiter=\",\"), which --layout smd reads, labels in test_label/X.txt",
            ),
            Self::Quotes => f.write_str("a quoted field is not closed on its line"),
            Self::NoHeader { column, found } => write!(
                f,
                "column {column}: expected a header with names, found the number `{found}`"
            ),
            Self::NoTimestamp { found } => write!(
                f,
                "column 1: the first column must be `timestamp`, found `{found}` \
                 (--layout plain numbers the rows)"
            ),
            Self::NoName { column } => write!(f, "column {column}: the name is empty"),
            Self::Duplicate { column, name } => {
                write!(f, "column {column}: the name `{name}` was used before")
            }
            Self::LabelNotLast { column } => {
                write!(f, "column {column}: `label` must be the last column")
            }
            Self::NoColumn { name, there } => {
                let there = there.join(", ");
                write!(f, "variable `{name}` has no column; there are: {there}")
            }
            Self::NoVariables => f.write_str("no variable besides timestamp and label"),
            Self::TooManyVariables { found } => {
                write!(f, "{found} variables; at most {MOST} can be read")
            }
            Self::Fields { found, expected } => {
                write!(f, "found {found} fields, the header has {expected}")
            }
            Self::EmptyTimestamp => f.write_str("column 1 (timestamp): empty"),
            Self::NotANumber {
                column,
                name,
                found,
            } => write!(f, "column {column} ({name}): `{found}` is not a number"),
            Self::Label { column, found } => {
                write!(f, "column {column} (label): `{found}` is neither 0 nor 1")
            }
            Self::Labels { file, found } => write!(f, "labels in {file}: {found}"),
            Self::Layout(found) => f.write_str(found),
            Self::FrameTooSmall { room, variables } => {
                write!(f, "{variables} variables do not fit a frame of {room}")
            }
        }
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}: line {line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

impl std::error::Error for RecordingError {}
