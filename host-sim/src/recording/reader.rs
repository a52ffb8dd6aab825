//! The common view of a recording of any layout: names, then rows.
//!
//! Only one row is in memory at a time, so a recording may be longer than memory. A timestamp keeps
//! its text. Lines are counted from 1 in the decompressed text. The layouts are those of
//! [`source`](super::source).

use super::source::columns::places;
use super::source::compression::Counted;
use super::source::lines::Lines;
use super::source::parquet::{self, ParquetRows};
use super::source::text::TextRows;
use super::source::{Current, Heading, Layout, Problem, RecordingError, Rows, Training};
use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};
use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One row of a recording, valid until the next is read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// Number of the row, from 0.
    pub tick: Tick,
    /// The timestamp as in the file, or the row's number.
    pub timestamp: &'a str,
    /// One reading per variable.
    pub readings: &'a [Reading],
    /// The label, if the recording has labels.
    pub label: Option<bool>,
}

/// A recording, read row by row.
pub struct Recording {
    file: String,
    layout: Layout,
    heading: Heading,
    source: Box<dyn Rows>,
    size: Option<u64>,
    bytes: Arc<AtomicU64>,
    rows: u64,
    current: Current,
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("file", &self.file)
            .field("layout", &self.layout)
            .field("heading", &self.heading)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl Recording {
    /// Opens a file, or standard input if the path is `-`, and reads the header. The layout is
    /// told by name and content.
    ///
    /// # Errors
    /// The file cannot be read, or its header is malformed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::open_as(path, None)
    }

    /// The same with a known layout.
    ///
    /// # Errors
    /// The file cannot be read, or is not of this layout.
    pub fn open_as(path: impl AsRef<Path>, layout: Option<Layout>) -> Result<Self, RecordingError> {
        let path = path.as_ref();
        if path == Path::new("-") {
            return Self::read("<stdin>", io::stdin(), None, layout);
        }
        let name = path.display().to_string();
        let failed = |problem| failed(&name, None, problem);
        if path
            .extension()
            .is_some_and(|end| end == "pkl" || end == "pickle")
        {
            return Err(failed(Problem::Pickle));
        }
        let mut file = File::open(path).map_err(|e| failed(Problem::Io(e)))?;
        let about = file.metadata().map_err(|e| failed(Problem::Io(e)))?;
        let size = about.is_file().then_some(about.len());
        if size.is_some() && is_parquet(&mut file).map_err(|e| failed(Problem::Io(e)))? {
            if layout.is_some_and(|layout| layout != Layout::Parquet) {
                let found = "it is a Parquet file: --layout parquet, or none".to_owned();
                return Err(failed(Problem::Layout(found)));
            }
            let bytes = Arc::default();
            let opened = ParquetRows::open(file, Arc::clone(&bytes)).map_err(failed)?;
            return Ok(Self::of(&name, Layout::Parquet, opened, size, bytes));
        }
        Self::read(&name, file, size, layout)
    }

    /// Reads a text from any reader; `file` is its name in errors (its ending `.gz` or `.zst`
    /// states the expected compression), `size` its length in bytes if known. Compression is told
    /// by the first bytes, the layout by the first line.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn new(
        file: &str,
        input: impl Read + Send + 'static,
        size: Option<u64>,
    ) -> Result<Self, RecordingError> {
        Self::read(file, input, size, None)
    }

    fn read(
        file: &str,
        input: impl Read + Send + 'static,
        size: Option<u64>,
        layout: Option<Layout>,
    ) -> Result<Self, RecordingError> {
        let bytes = Arc::default();
        let input = Counted {
            inner: input,
            bytes: Arc::clone(&bytes),
        };
        let mut lines = Lines::read(file, input).map_err(|e| failed(file, None, e))?;
        let mut begin = || {
            let first = lines.advance()?;
            if !first {
                return Err(Problem::Empty);
            }
            let path = Path::new(file);
            let layout = layout.unwrap_or_else(|| Layout::of(path, &lines));
            Ok((layout, layout.plan(path, &lines)?))
        };
        let begun = begin();
        let line = Some(lines.line().max(1));
        let opened = begun.and_then(|(layout, plan)| Ok((layout, TextRows::new(lines, plan)?)));
        match opened {
            Ok((layout, rows)) => Ok(Self::of(file, layout, rows, size, bytes)),
            Err(problem) => {
                let of_line = !matches!(problem, Problem::Empty | Problem::Labels { .. });
                Err(failed(file, line.filter(|_| of_line), problem))
            }
        }
    }

    /// From now on the recording has exactly these of its variables, in this order. The columns of
    /// the others are not parsed.
    ///
    /// # Errors
    /// There is no such variable.
    pub fn select<N: AsRef<str>>(
        &mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<(), RecordingError> {
        let all = &mut self.heading.names;
        let places = places(all, names).map_err(|problem| failed(&self.file, None, problem))?;
        *all = places.iter().filter_map(|k| all.get(*k).cloned()).collect();
        self.source.select(&places);
        Ok(())
    }

    fn of(
        file: &str,
        layout: Layout,
        (source, heading): (impl Rows + 'static, Heading),
        size: Option<u64>,
        bytes: Arc<AtomicU64>,
    ) -> Self {
        Self {
            file: file.to_owned(),
            layout,
            heading,
            source: Box::new(source),
            size,
            bytes,
            rows: 0,
            current: Current::default(),
        }
    }

    /// The layout of the file.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        &self.heading.names
    }

    /// Whether the recording has labels.
    pub fn is_labelled(&self) -> bool {
        self.heading.labelled
    }

    /// The position of the training part.
    pub fn training(&self) -> &Training {
        &self.heading.training
    }

    /// Bytes consumed of the stored file, and its size if known.
    pub fn progress(&self) -> (u64, Option<u64>) {
        (self.bytes.load(Ordering::Relaxed), self.size)
    }

    /// Rows read.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Timestamp of the row read last; empty before the first.
    pub fn timestamp(&self) -> &str {
        &self.current.timestamp
    }

    /// Readings of the row read last, one per variable; none before the first.
    pub fn readings(&self) -> &[Reading] {
        &self.current.readings
    }

    /// Label of the row read last, if the recording has labels.
    pub fn label(&self) -> Option<bool> {
        self.current.label
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, RecordingError> {
        match self.source.next(&mut self.current) {
            Ok(true) => {}
            Ok(false) => return Ok(None),
            Err(problem) => {
                let of_line = !matches!(problem, Problem::Labels { .. });
                let line = self.source.line().filter(|_| of_line);
                return Err(failed(&self.file, line, problem));
            }
        }
        self.rows += 1;
        Ok(Some(Row {
            tick: Tick(self.rows - 1),
            timestamp: &self.current.timestamp,
            readings: &self.current.readings,
            label: self.current.label,
        }))
    }
}

fn failed(file: &str, line: Option<u64>, problem: Problem) -> RecordingError {
    RecordingError {
        file: file.to_owned(),
        line,
        problem,
    }
}

/// Whether a file begins as Parquet does.
fn is_parquet(file: &mut File) -> io::Result<bool> {
    let mut magic = Vec::new();
    let length = parquet::MAGIC.len() as u64;
    file.by_ref().take(length).read_to_end(&mut magic)?;
    file.rewind()?;
    Ok(magic == parquet::MAGIC)
}

impl FrameSource for Recording {
    type Error = RecordingError;

    fn variables(&self) -> usize {
        self.names().len()
    }

    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, RecordingError> {
        let (room, variables) = (frame.len(), self.variables());
        if room < variables {
            let problem = Problem::FrameTooSmall { room, variables };
            return Err(failed(&self.file, None, problem));
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Write};

    const PLAIN: &str = "timestamp,a,b,label\n10,1.5,,0\n 11 ,-2e3,nan,1\r\n\n12,inf,7,0\n";

    fn open(name: &str, text: impl Into<Vec<u8>>) -> Result<Recording, RecordingError> {
        Recording::new(name, Cursor::new(text.into()), None)
    }

    fn fail(text: &str) -> String {
        let mut recording = match open("x.csv", text) {
            Ok(recording) => recording,
            Err(error) => return error.to_string(),
        };
        loop {
            match recording.next_row() {
                Ok(Some(_)) => {}
                Ok(None) => panic!("accepted: {text:?}"),
                Err(error) => return error.to_string(),
            }
        }
    }

    fn check_plain(mut recording: Recording) {
        assert_eq!(recording.names(), ["a", "b"]);
        assert!(recording.is_labelled());
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
            let row = recording.next_row().unwrap().unwrap();
            assert_eq!((row.tick.0, row.timestamp), (k as u64, *timestamp));
            assert_eq!(
                (row.readings, row.label),
                (readings.as_slice(), Some(*label))
            );
        }
        assert_eq!(recording.next_row().unwrap(), None);
        assert_eq!(recording.next_row().unwrap(), None, "the end stays the end");
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
        let mut recording = open("x.gz", bytes).unwrap();
        while recording.next_row().unwrap().is_some() {}
        assert_eq!(recording.rows(), 2);
    }

    #[test]
    fn truncated_compression_is_an_error_not_an_end() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(PLAIN.as_bytes()).unwrap();
        let mut bytes = gzip.finish().unwrap();
        bytes.truncate(bytes.len() - 10);
        let mut recording = open("x.gz", bytes).unwrap();
        let error = loop {
            match recording.next_row() {
                Ok(row) => assert!(row.is_some(), "ended without complaint"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error.problem, Problem::Io(_)), "{error}");
    }

    #[test]
    fn frames_beyond_the_variables_are_missing_and_small_ones_refused() {
        let mut recording = open("x.csv", PLAIN).unwrap();
        let mut frame = [Reading::Value(9.0); 4];
        assert_eq!(recording.next_frame(&mut frame).unwrap(), Some(Tick(0)));
        let missing = Reading::Absent(Cause::Missing);
        assert_eq!(frame, [Reading::Value(1.5), missing, missing, missing]);
        assert_eq!(
            (recording.timestamp(), recording.label()),
            ("10", Some(false))
        );
        let error = recording
            .next_frame(&mut frame[..1])
            .unwrap_err()
            .to_string();
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
                "t,a\n",
                "line 1: column 1: the first column must be `timestamp`, found `t` (--layout plain \
                 numbers the rows)",
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
    fn up_to_4096_variables_are_read() {
        let header = |n: usize| (0..n).fold("timestamp".to_owned(), |h, k| format!("{h},v{k}"));
        assert_eq!(open("x", header(4_096)).unwrap().names().len(), 4_096);
        let error = open("x", header(4_097)).unwrap_err().to_string();
        assert_eq!(error, "x: line 1: 4097 variables; at most 4096 can be read");
    }

    #[test]
    fn quoted_fields_may_hold_commas() {
        let mut recording = open("x", "timestamp,\"a,b\"\n\"2021-10-28, noon\",3\n").unwrap();
        assert_eq!(recording.names(), ["a,b"]);
        assert_eq!(
            recording.next_row().unwrap().unwrap().timestamp,
            "2021-10-28, noon"
        );
    }
}
