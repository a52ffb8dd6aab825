//! The common view of a recording of any layout: names, then rows.
//!
//! Only one row is in memory at a time, so a recording may be longer than memory (but for dumps of
//! tools, and --sort). A timestamp keeps its text. Lines are counted from 1 in the decompressed text.
//! The layouts are those of [`source`](super::source).

use super::census::Census;
use super::front_end::FrontEnd;
use super::opening::{Opened, open};
use super::order::Order;
use super::source::columns::places;
use super::source::features::FeatureRows;
use super::source::{Current, Heading, Layout, Options, Problem, RecordingError, Rows, Training};
use bellwether::port::FrameSource;
use bellwether::{Cause, Model, Reading, Tick};
use std::fmt;
use std::io::Read;
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
    strict: bool,
    order: Order,
    census: Census,
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
    /// Opens a file, or standard input if the path is `-`, and reads the header. Layout and meaning of
    /// columns are told by name and content.
    ///
    /// # Errors
    /// The file cannot be read, or its header is malformed.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, RecordingError> {
        Self::open_with(path, &Options::default())
    }

    /// The same with a known layout.
    ///
    /// # Errors
    /// The file cannot be read, or is not of this layout.
    pub fn open_as(path: impl AsRef<Path>, layout: Option<Layout>) -> Result<Self, RecordingError> {
        Self::open_with(path, &Options::of(layout))
    }

    /// The same with any options.
    ///
    /// # Errors
    /// The file cannot be read, or options do not fit it.
    pub fn open_with(path: impl AsRef<Path>, options: &Options) -> Result<Self, RecordingError> {
        Self::of(open::path(path.as_ref(), options)?, options)
    }

    /// Reads a text from any reader; `file` is its name in errors (its ending `.gz` or `.zst`
    /// states the expected compression), `size` its length in bytes if known. Compression is told
    /// by the first bytes, the layout by the first lines.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn new(
        file: &str,
        input: impl Read + Send + 'static,
        size: Option<u64>,
    ) -> Result<Self, RecordingError> {
        Self::new_with(file, input, size, &Options::default())
    }

    /// The same with any options.
    ///
    /// # Errors
    /// It cannot be read, or options do not fit it.
    pub fn new_with(
        file: &str,
        input: impl Read + Send + 'static,
        size: Option<u64>,
        options: &Options,
    ) -> Result<Self, RecordingError> {
        Self::of(open::reader(file, input, size, false, options)?, options)
    }

    fn of(opened: Opened, options: &Options) -> Result<Self, RecordingError> {
        let Opened {
            file,
            layout,
            heading,
            source,
            size,
            bytes,
        } = opened;
        Ok(Self {
            file,
            layout,
            heading,
            source,
            size,
            bytes,
            rows: 0,
            current: Current::default(),
            strict: options.strict,
            order: Order::default(),
            census: Census::default(),
        })
    }

    /// The roles of the columns, in lines for people, where they are not those of the project's own files.
    pub fn notes(&self) -> &[String] {
        &self.heading.notes
    }

    /// Remarks about the rows read so far: parts left out and odd values, counted and located.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = self.source.remarks();
        if self.rows == 0 {
            remarks.push("no row behind the header".to_owned());
        }
        if self.heading.dated {
            remarks.extend(self.order.lines());
        }
        remarks.extend(self.census.lines(&self.heading.names));
        remarks
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

    /// From now on rows are bursts, and the variables their features, named `SIGNAL.FEATURE`.
    ///
    /// # Errors
    /// The library has no such bursts.
    pub fn through(&mut self, front_end: &FrontEnd) -> anyhow::Result<()> {
        let heading = &mut self.heading;
        let inner = std::mem::replace(&mut self.source, Box::new(Nothing));
        let signals = heading.names.len();
        let rows = FeatureRows::new(inner, front_end, signals, heading.dated)?;
        self.source = Box::new(rows);
        heading.names = front_end.names(&heading.names);
        if let Training::Rows(rows) = &mut heading.training {
            let (length, hop) = (front_end.samples as u64, u64::from(front_end.hop));
            *rows = rows.checked_sub(length).map_or(0, |left| left / hop + 1);
        }
        Ok(())
    }

    /// From now on the recording has exactly the variables of a model, in its order: measured, or made
    /// by its front end.
    ///
    /// # Errors
    /// There is no such variable.
    pub fn select_for(&mut self, model: &Model<'_>) -> anyhow::Result<()> {
        if let Some((front_end, signals)) = FrontEnd::of_model(model)? {
            self.select(signals)?;
            self.through(&front_end)?;
        }
        Ok(self.select(model.features().map(|feature| feature.name))?)
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
        let line = self.source.line().unwrap_or(self.rows + 1);
        let advances = !self.heading.dated || self.order.push(&self.current.timestamp, line);
        if self.strict && !advances {
            let problem = Problem::Stalled(self.current.timestamp.clone());
            return Err(failed(&self.file, Some(line), problem));
        }
        let Current {
            timestamp,
            readings,
            exact,
            ..
        } = &self.current;
        self.census.push(timestamp, readings, exact, line);
        self.rows += 1;
        Ok(Some(Row {
            tick: Tick(self.rows - 1),
            timestamp: &self.current.timestamp,
            readings: &self.current.readings,
            label: self.current.label,
        }))
    }
}

/// A source without rows, in the place of one that is being wrapped.
struct Nothing;

impl Rows for Nothing {
    fn next(&mut self, _: &mut Current) -> Result<bool, Problem> {
        Ok(false)
    }

    fn select(&mut self, _: &[usize]) {}

    fn line(&self) -> Option<u64> {
        None
    }
}

fn failed(file: &str, line: Option<u64>, problem: Problem) -> RecordingError {
    RecordingError::new(file, line, problem)
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
mod tests;
