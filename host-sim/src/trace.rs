//! Reading a recording: wide CSV `timestamp,<variable>...[,label]`, plain, gzip or zstd.
//!
//! One row is held at a time, so a recording may be longer than memory. A timestamp stays the
//! text it was; an empty field (or `NaN`) is a missing value; an infinity, or a number too
//! large for `f32`, is a reading that is not finite. Lines are counted from 1 in the
//! decompressed text. A quoted field may hold commas, but not a line break.

use bellwether::port::FrameSource;
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Cause, Reading, Tick};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is wrong with a recording, and where.
#[derive(Debug)]
pub struct TraceError {
    /// The file as it was named, `<stdin>` for standard input.
    pub file: String,
    /// Line in the decompressed text, from 1; `None` where no line is to blame.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a recording. Columns are counted from 1.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The file could not be opened or read, or its compression is damaged.
    Io(io::Error),
    /// Its name promises a compression that its first bytes do not have.
    NotCompressed(&'static str),
    /// No header, no rows: nothing.
    Empty,
    /// A line that is not UTF-8.
    NotUtf8,
    /// A quoted field is not closed on its line.
    Quotes,
    /// The first line holds a number where a name belongs.
    NoHeader {
        /// The column.
        column: usize,
        /// The number found.
        found: String,
    },
    /// The first column is not called `timestamp`.
    NoTimestamp {
        /// What it is called.
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
        /// Where it is.
        column: usize,
    },
    /// Only a timestamp, or a timestamp and a label.
    NoVariables,
    /// More variables than an ensemble can watch.
    TooManyVariables {
        /// How many.
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
        /// What was found.
        found: String,
    },
    /// A label other than `0` and `1`.
    Label {
        /// The column.
        column: usize,
        /// What was found.
        found: String,
    },
    /// The caller's frame has less room than the recording has variables.
    SmallFrame {
        /// Room in the frame.
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
            Self::Quotes => f.write_str("a quoted field is not closed on its line"),
            Self::NoHeader { column, found } => write!(
                f,
                "column {column}: expected a header with names, found the number `{found}`"
            ),
            Self::NoTimestamp { found } => {
                write!(
                    f,
                    "column 1: the first column must be `timestamp`, found `{found}`"
                )
            }
            Self::NoName { column } => write!(f, "column {column}: the name is empty"),
            Self::Duplicate { column, name } => {
                write!(f, "column {column}: the name `{name}` was used before")
            }
            Self::LabelNotLast { column } => {
                write!(f, "column {column}: `label` must be the last column")
            }
            Self::NoVariables => f.write_str("no variable besides timestamp and label"),
            Self::TooManyVariables { found } => {
                write!(
                    f,
                    "{found} variables; at most {MAX_VARIABLES} can be watched"
                )
            }
            Self::Fields { found, expected } => {
                write!(f, "found {found} fields, the header has {expected}")
            }
            Self::EmptyTimestamp => f.write_str("column 1 (timestamp): empty"),
            Self::NotANumber {
                column,
                name,
                found,
            } => {
                write!(f, "column {column} ({name}): `{found}` is not a number")
            }
            Self::Label { column, found } => {
                write!(f, "column {column} (label): `{found}` is neither 0 nor 1")
            }
            Self::SmallFrame { room, variables } => {
                write!(f, "{variables} variables do not fit a frame of {room}")
            }
        }
    }
}

impl fmt::Display for TraceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}: line {line}: {}", self.file, self.problem),
            None => write!(f, "{}: {}", self.file, self.problem),
        }
    }
}

impl std::error::Error for TraceError {}

/// One row of a recording, valid until the next is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// Number of the row, from 0.
    pub tick: Tick,
    /// The timestamp as the file spells it.
    pub timestamp: &'a str,
    /// One reading per variable.
    pub readings: &'a [Reading],
    /// The label, if the recording has labels.
    pub label: Option<bool>,
}

/// Counts what passes through, for a progress bar.
struct Counted<R> {
    inner: R,
    bytes: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// A recording, read row by row.
pub struct Trace {
    file: String,
    input: Box<dyn BufRead + Send>,
    names: Vec<String>,
    labelled: bool,
    size: Option<u64>,
    bytes: Arc<AtomicU64>,
    line: u64,
    rows: u64,
    text: Vec<u8>,
    fields: Vec<String>,
    timestamp: String,
    readings: Vec<Reading>,
    label: Option<bool>,
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("file", &self.file)
            .field("names", &self.names)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Trace {
    /// Opens a file, or standard input if the path is `-`, and reads the header.
    ///
    /// # Errors
    /// The file cannot be read, or its header is malformed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, TraceError> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Self::new("<stdin>", io::stdin(), None);
        }
        let name = path.display().to_string();
        let failed = |error| TraceError {
            file: name.clone(),
            line: None,
            problem: Problem::Io(error),
        };
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        Self::new(&name, file, about.is_file().then_some(about.len()))
    }

    /// Reads from anything; `file` is its name in errors (and tells by `.gz` or `.zst` what is
    /// expected), `size` its length in bytes if known. Compression is told by the first bytes.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn new(
        file: &str,
        input: impl Read + Send + 'static,
        size: Option<u64>,
    ) -> Result<Self, TraceError> {
        let bytes = Arc::new(AtomicU64::new(0));
        let input = Counted {
            inner: input,
            bytes: Arc::clone(&bytes),
        };
        let failed = |problem| TraceError {
            file: file.to_owned(),
            line: None,
            problem,
        };
        let mut trace = Self {
            file: file.to_owned(),
            input: decompress(file, input).map_err(failed)?,
            names: Vec::new(),
            labelled: false,
            size,
            bytes,
            line: 0,
            rows: 0,
            text: Vec::new(),
            fields: Vec::new(),
            timestamp: String::new(),
            readings: Vec::new(),
            label: None,
        };
        match trace.header() {
            Ok(()) => Ok(trace),
            Err(Problem::Empty) => Err(trace.error(None, Problem::Empty)),
            Err(problem) => Err(trace.error(Some(trace.line.max(1)), problem)),
        }
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether the recording has a label column.
    pub fn is_labelled(&self) -> bool {
        self.labelled
    }

    /// Bytes consumed of the file as it is stored, and its size if known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.bytes.load(Ordering::Relaxed), self.size)
    }

    /// Rows read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Timestamp of the row read last; empty before the first.
    pub fn timestamp(&self) -> &str {
        &self.timestamp
    }

    /// Label of the row read last, if the recording has labels.
    pub fn label(&self) -> Option<bool> {
        self.label
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, TraceError> {
        match self.row() {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(problem) => return Err(self.error(Some(self.line.max(1)), problem)),
        }
        self.rows += 1;
        Ok(Some(Row {
            tick: Tick(self.rows - 1),
            timestamp: &self.timestamp,
            readings: &self.readings,
            label: self.label,
        }))
    }

    fn error(&self, line: Option<u64>, problem: Problem) -> TraceError {
        TraceError {
            file: self.file.clone(),
            line,
            problem,
        }
    }

    /// Reads the next line that is not blank into `fields`.
    fn split(&mut self) -> Result<bool, Problem> {
        loop {
            self.text.clear();
            self.line += 1;
            if self
                .input
                .read_until(b'\n', &mut self.text)
                .map_err(Problem::Io)?
                == 0
            {
                return Ok(false);
            }
            let text = std::str::from_utf8(&self.text).map_err(|_| Problem::NotUtf8)?;
            let text = if self.line == 1 {
                text.trim_start_matches('\u{feff}')
            } else {
                text
            };
            let text = text.trim_end_matches(['\n', '\r']);
            if text.trim().is_empty() {
                continue;
            }
            self.fields.clear();
            if text.contains('"') {
                self.fields.extend(unquote(text)?);
            } else {
                self.fields
                    .extend(text.split(',').map(|field| field.trim().to_owned()));
            }
            return Ok(true);
        }
    }

    fn header(&mut self) -> Result<(), Problem> {
        if !self.split()? {
            return Err(Problem::Empty);
        }
        let names = std::mem::take(&mut self.fields);
        for (k, name) in names.iter().enumerate() {
            let column = k + 1;
            if name.is_empty() {
                return Err(Problem::NoName { column });
            }
            if name.parse::<f64>().is_ok_and(f64::is_finite) {
                return Err(Problem::NoHeader {
                    column,
                    found: name.clone(),
                });
            }
            if names.iter().take(k).any(|earlier| earlier == name) {
                return Err(Problem::Duplicate {
                    column,
                    name: name.clone(),
                });
            }
            if k == 0 && name != "timestamp" {
                return Err(Problem::NoTimestamp {
                    found: name.clone(),
                });
            }
            if name == "label" && column < names.len() {
                return Err(Problem::LabelNotLast { column });
            }
        }
        self.labelled = names.last().is_some_and(|name| name == "label");
        let variables = names.len() - 1 - usize::from(self.labelled);
        match variables {
            0 => return Err(Problem::NoVariables),
            1..=MAX_VARIABLES => {}
            found => return Err(Problem::TooManyVariables { found }),
        }
        self.names = names.into_iter().skip(1).take(variables).collect();
        Ok(())
    }

    fn row(&mut self) -> Result<bool, Problem> {
        if !self.split()? {
            return Ok(false);
        }
        let expected = 1 + self.names.len() + usize::from(self.labelled);
        if self.fields.len() != expected {
            return Err(Problem::Fields {
                found: self.fields.len(),
                expected,
            });
        }
        let mut fields = self.fields.iter();
        match fields.next() {
            Some(timestamp) if !timestamp.is_empty() => self.timestamp.clone_from(timestamp),
            _ => return Err(Problem::EmptyTimestamp),
        }
        self.readings.clear();
        for ((k, name), field) in self.names.iter().enumerate().zip(&mut fields) {
            self.readings.push(if field.is_empty() {
                Reading::Absent(Cause::Missing)
            } else {
                let value: f32 = field.parse().map_err(|_| Problem::NotANumber {
                    column: k + 2,
                    name: name.clone(),
                    found: field.clone(),
                })?;
                Reading::from(value)
            });
        }
        self.label = match fields.next().map(String::as_str) {
            None => None,
            Some("0") => Some(false),
            Some("1") => Some(true),
            Some(found) => {
                return Err(Problem::Label {
                    column: expected,
                    found: found.to_owned(),
                });
            }
        };
        Ok(true)
    }
}

impl FrameSource for Trace {
    type Error = TraceError;

    fn variables(&self) -> usize {
        self.names.len()
    }

    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, TraceError> {
        let (room, variables) = (frame.len(), self.names.len());
        if room < variables {
            return Err(self.error(None, Problem::SmallFrame { room, variables }));
        }
        let Some(row) = self.next_row()? else {
            return Ok(None);
        };
        let readings = row.readings.iter().copied();
        let rest = std::iter::repeat(Reading::Absent(Cause::Missing));
        frame
            .iter_mut()
            .zip(readings.chain(rest))
            .for_each(|(place, reading)| *place = reading);
        Ok(Some(row.tick))
    }
}

/// Fields of a line with quotes.
fn unquote(line: &str) -> Result<Vec<String>, Problem> {
    if line.matches('"').count() % 2 == 1 {
        return Err(Problem::Quotes);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => Ok(record.iter().map(str::to_owned).collect()),
        Some(Err(error)) => Err(Problem::Io(error.into())),
        None => Ok(Vec::new()),
    }
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// The text of a file that may be compressed, told by its first bytes; `name` tells by `.gz` or
/// `.zst` what is expected.
pub(crate) fn decompress(
    name: &str,
    mut input: impl Read + Send + 'static,
) -> Result<Box<dyn BufRead + Send>, Problem> {
    let mut magic = Vec::new();
    input
        .by_ref()
        .take(ZSTD.len() as u64)
        .read_to_end(&mut magic)
        .map_err(Problem::Io)?;
    let (gzip, zstd) = (magic.starts_with(&GZIP), magic.starts_with(&ZSTD));
    let empty = magic.is_empty();
    let input = BufReader::with_capacity(1 << 16, Cursor::new(magic).chain(input));
    if gzip {
        Ok(Box::new(BufReader::new(
            flate2::bufread::MultiGzDecoder::new(input),
        )))
    } else if zstd {
        let decoder = zstd::stream::read::Decoder::with_buffer(input).map_err(Problem::Io)?;
        Ok(Box::new(BufReader::new(decoder)))
    } else if empty {
        Err(Problem::Empty)
    } else {
        match Path::new(name)
            .extension()
            .and_then(|extension| extension.to_str())
        {
            Some("gz") => Err(Problem::NotCompressed("gz")),
            Some("zst") => Err(Problem::NotCompressed("zst")),
            _ => Ok(Box::new(input)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    const PLAIN: &str = "timestamp,a,b,label\n10,1.5,,0\n 11 ,-2e3,nan,1\r\n\n12,inf,7,0\n";

    fn open(name: &str, text: impl Into<Vec<u8>>) -> Result<Trace, TraceError> {
        Trace::new(name, Cursor::new(text.into()), None)
    }

    fn fail(text: &str) -> String {
        let mut trace = match open("x.csv", text) {
            Ok(trace) => trace,
            Err(error) => return error.to_string(),
        };
        loop {
            match trace.next_row() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("accepted: {text:?}"),
                Err(error) => return error.to_string(),
            }
        }
    }

    fn check_plain(mut trace: Trace) {
        assert_eq!(trace.names(), ["a", "b"]);
        assert!(trace.is_labelled());
        let missing = Reading::Absent(Cause::Missing);
        let expected = [
            ("10", [Reading::Value(1.5), missing], false),
            ("11", [Reading::Value(-2000.0), missing], true),
            (
                "12",
                [Reading::Absent(Cause::NotFinite), Reading::Value(7.0)],
                false,
            ),
        ];
        for (k, (timestamp, readings, label)) in expected.iter().enumerate() {
            let row = trace.next_row().unwrap().unwrap();
            assert_eq!((row.tick.0, row.timestamp), (k as u64, *timestamp));
            assert_eq!(
                (row.readings, row.label),
                (readings.as_slice(), Some(*label))
            );
        }
        assert_eq!(trace.next_row().unwrap(), None);
        assert_eq!(trace.next_row().unwrap(), None, "the end stays the end");
    }

    #[test]
    fn plain_gzip_and_zstd_give_the_same_rows() {
        check_plain(open("x.csv", PLAIN).unwrap());
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(PLAIN.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        check_plain(open("x.csv.gz", gzip.clone()).unwrap());
        check_plain(open("<stdin>", gzip).unwrap());
        let zstd = zstd::encode_all(PLAIN.as_bytes(), 1).unwrap();
        check_plain(open("x.zst", zstd.clone()).unwrap());
        check_plain(open("unnamed", zstd).unwrap());
    }

    #[test]
    fn concatenated_gzip_members_are_one_recording() {
        let mut bytes = Vec::new();
        for part in ["timestamp,a\n1,1\n", "2,2\n"] {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            gzip.write_all(part.as_bytes()).unwrap();
            bytes.extend(gzip.finish().unwrap());
        }
        let mut trace = open("x.gz", bytes).unwrap();
        while trace.next_row().unwrap().is_some() {}
        assert_eq!(trace.rows(), 2);
    }

    #[test]
    fn truncated_compression_is_an_error_not_an_end() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(PLAIN.as_bytes()).unwrap();
        let mut bytes = gzip.finish().unwrap();
        bytes.truncate(bytes.len() - 10);
        let mut trace = open("x.gz", bytes).unwrap();
        let error = loop {
            match trace.next_row() {
                Ok(row) => assert!(row.is_some(), "ended without complaint"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error.problem, Problem::Io(_)), "{error}");
    }

    #[test]
    fn frames_beyond_the_variables_are_missing_and_small_ones_refused() {
        let mut trace = open("x.csv", PLAIN).unwrap();
        let mut frame = [Reading::Value(9.0); 4];
        assert_eq!(trace.next_frame(&mut frame).unwrap(), Some(Tick(0)));
        let missing = Reading::Absent(Cause::Missing);
        assert_eq!(frame, [Reading::Value(1.5), missing, missing, missing]);
        assert_eq!((trace.timestamp(), trace.label()), ("10", Some(false)));
        let error = trace.next_frame(&mut frame[..1]).unwrap_err().to_string();
        assert_eq!(error, "x.csv: 2 variables do not fit a frame of 1");
    }

    #[test]
    fn malformed_input_is_named_by_file_line_and_column() {
        let cases = [
            (
                "timestamp,a\n1,2\n2,x\n",
                "line 3: column 2 (a): `x` is not a number",
            ),
            (
                "timestamp,a\n\n\n1,2,3\n",
                "line 4: found 3 fields, the header has 2",
            ),
            (
                "timestamp,a\n1\n",
                "line 2: found 1 fields, the header has 2",
            ),
            (
                "1,2,3\n",
                "line 1: column 1: expected a header with names, found the number `1`",
            ),
            (
                "time,a\n",
                "line 1: column 1: the first column must be `timestamp`, found `time`",
            ),
            (
                "timestamp,a,b,a\n",
                "line 1: column 4: the name `a` was used before",
            ),
            ("timestamp,a,\n", "line 1: column 3: the name is empty"),
            (
                "timestamp,label,a\n",
                "line 1: column 2: `label` must be the last column",
            ),
            (
                "timestamp,label\n",
                "line 1: no variable besides timestamp and label",
            ),
            (
                "timestamp,a,label\n1,2,2\n",
                "line 2: column 3 (label): `2` is neither 0 nor 1",
            ),
            (
                "timestamp,a,label\n1,2,\n",
                "line 2: column 3 (label): `` is neither 0 nor 1",
            ),
            ("timestamp,a\n,2\n", "line 2: column 1 (timestamp): empty"),
            (
                "timestamp,a\n\"1,2\n",
                "line 2: a quoted field is not closed on its line",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(fail(text), format!("x.csv: {expected}"), "{text:?}");
        }
        assert_eq!(fail(""), "x.csv: the file is empty; expected a header line");
        assert_eq!(
            fail("\n\n"),
            "x.csv: the file is empty; expected a header line"
        );
        let error = open("y.csv.gz", "timestamp,a\n").unwrap_err().to_string();
        assert_eq!(error, "y.csv.gz: named .gz, but its content is not gz");
        let error = open("y.csv", b"timestamp,a\n1,\xff\n".to_vec())
            .unwrap()
            .next_row()
            .unwrap_err();
        assert_eq!(error.to_string(), "y.csv: line 2: not UTF-8 text");
    }

    #[test]
    fn up_to_128_variables_are_read() {
        let header = |n: usize| (0..n).fold("timestamp".to_owned(), |h, k| format!("{h},v{k}"));
        assert_eq!(open("x", header(128)).unwrap().names().len(), 128);
        let error = open("x", header(129)).unwrap_err().to_string();
        assert_eq!(
            error,
            "x: line 1: 129 variables; at most 128 can be watched"
        );
    }

    #[test]
    fn quoted_fields_may_hold_commas() {
        let mut trace = open("x", "timestamp,\"a,b\"\n\"2021-10-28, noon\",3\n").unwrap();
        assert_eq!(trace.names(), ["a,b"]);
        assert_eq!(
            trace.next_row().unwrap().unwrap().timestamp,
            "2021-10-28, noon"
        );
    }
}
