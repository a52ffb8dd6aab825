//! Problems of recordings.

use super::columns::{MOST, WIDEST};
use super::lines::LONGEST;
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

impl RecordingError {
    /// A problem of a file, in a line if one is concerned.
    pub fn new(file: &str, line: Option<u64>, problem: Problem) -> Self {
        Self {
            file: file.to_owned(),
            line,
            problem,
        }
    }
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
    /// A line of more bytes than any row has.
    LongLine,
    /// More columns than can be looked at.
    TooManyColumns {
        /// Number of columns.
        found: usize,
    },
    /// More data than can be in memory at once.
    TooLarge(&'static str),
    /// Decimal commas between separating commas.
    Commas {
        /// Fields of a row.
        fields: usize,
        /// Names in the header.
        names: usize,
    },
    /// A file of another kind, with a way out.
    Foreign(&'static str),
    /// Times that run backwards.
    Backwards {
        /// Whether all do.
        newest_first: bool,
        /// Line of the first.
        line: u64,
    },
    /// A time that does not advance, of a strict reading.
    Stalled(String),
    /// A problem in this line.
    OfLine(u64, Box<Problem>),
    /// A Python pickle.
    Pickle,
    /// A quoted field is not closed.
    Quotes,
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
    /// No variable has this name.
    NoColumn {
        /// The wanted name.
        name: String,
        /// The names of the variables.
        there: Vec<String>,
    },
    /// Only a timestamp, or a timestamp and a label.
    NoVariables,
    /// No column of numbers: all columns, and what they were taken for.
    NoNumbers(String),
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
    /// A timestamp that is none, among others that are.
    NoTime(String),
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
    /// A label -1.
    Signed,
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

impl Problem {
    /// Whether only one row is concerned, and the next can be read.
    pub fn is_of_row(&self) -> bool {
        matches!(
            self,
            Self::Quotes | Self::Fields { .. } | Self::EmptyTimestamp | Self::NoTime(_)
        )
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                write!(f, "the compressed file is cut short ({error})")
            }
            Self::Io(error) => write!(f, "{error}"),
            Self::NotCompressed(name) => write!(f, "named .{name}, but its content is not {name}"),
            Self::Empty => f.write_str("the file is empty; expected a header line"),
            Self::OfLine(line, problem) => write!(f, "line {line}: {problem}"),
            Self::LongLine => write!(f, "a line of more than {LONGEST} bytes"),
            Self::TooManyColumns { found } => {
                write!(f, "{found} columns; at most {WIDEST} can be chosen from")
            }
            Self::TooLarge(found) => write!(f, "{found} does not fit in memory"),
            Self::Commas { fields, names } => write!(
                f,
                "{fields} fields under {names} names: commas seem to be both separators and decimal signs; \
                 export with semicolons or with quoted numbers"
            ),
            Self::Foreign(kind) => f.write_str(kind),
            Self::Backwards {
                newest_first: true, ..
            } => f.write_str("the newest row is first; --sort reads the rows in order of time"),
            Self::Backwards { line, .. } => write!(
                f,
                "rows are not in order of time (first in line {line}); --sort reads them in order",
            ),
            Self::Stalled(time) => write!(f, "the time `{time}` does not advance"),
            Self::Pickle => f.write_str(
                "a Python pickle can hold any program and is not read; if it is trusted, Python \
                 writes it as text, numpy.savetxt(\"test/X.txt\", pickle.load(open(\"X.pkl\", \
                 \"rb\")), delimiter=\",\"), which --layout smd reads, labels in test_label/X.txt",
            ),
            Self::Quotes => f.write_str("a quoted field is not closed"),
            Self::NoName { column } => write!(f, "column {column}: the name is empty"),
            Self::Duplicate { column, name } => {
                write!(f, "column {column}: the name `{name}` was used before")
            }
            Self::NoColumn { name, there } => {
                let some = there
                    .iter()
                    .take(40)
                    .map(String::as_str)
                    .collect::<Vec<_>>();
                let more = if there.len() > some.len() {
                    ", ..."
                } else {
                    ""
                };
                let there = some.join(", ");
                write!(
                    f,
                    "variable `{name}` has no column; there are: {there}{more}"
                )
            }
            Self::NoVariables => f.write_str("no variable besides time, label and text"),
            Self::TooManyVariables { found } => {
                write!(
                    f,
                    "{found} variables; at most {MOST} can be read (--columns chooses them)"
                )
            }
            Self::Fields { found, expected } => {
                write!(f, "found {found} fields, the header has {expected}")
            }
            Self::EmptyTimestamp => f.write_str("the timestamp is empty"),
            Self::NoTime(found) => write!(f, "`{found}` is no time"),
            Self::NoNumbers(found) => write!(
                f,
                "no column of numbers: {found} (--columns, --separator and --decimal choose otherwise)"
            ),
            Self::NotANumber {
                column,
                name,
                found,
            } => write!(f, "column {column} ({name}): `{found}` is not a number"),
            Self::Label { column, found } => {
                write!(f, "column {column} (label): `{found}` is neither 0 nor 1")
            }
            Self::Signed => f.write_str(
                "a label is -1: is it of anomalous rows (--anomalous=-1) or of normal ones (--anomalous=1)?",
            ),
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
