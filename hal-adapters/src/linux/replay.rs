//! Recorded files as probes: CSV, plain or gzip, a row for each reading.
//!
//! The first line has the names. A first column of times gives the time of each row; columns of labels and of
//! text are no channels. All others are, named as in the file. Only a few rows are in memory at a time.

mod records;
mod time;

use super::probe::{Channel, Measure, Probe, Raw};
use super::value;
use bellwether::Cause;
use records::{FIELDS_MAX, Record, Records};
use std::borrow::ToOwned;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::string::String;
use std::vec::Vec;
use std::{fmt, format};

/// Names of columns of labels, in lower case.
const LABELS: [&str; 9] = [
    "label",
    "labels",
    "is_anomaly",
    "anomaly",
    "changepoint",
    "attack",
    "ground_truth",
    "normal/attack",
    "class",
];
/// Rows that are looked at before a column is known to be of text.
const LOOKED_AT: usize = 32;
/// Bytes of a name, at most.
const NAME_MAX: usize = 256;

/// A recorded file, row after row.
///
/// ```
/// use bellwether_hal::linux::replay::Replay;
/// let file = "timestamp,inlet,fan,label\n1661990400,22.2,4300,0\n1661991300,,4304,1\n";
/// let mut replay = Replay::new("node10", file.as_bytes())?;
/// assert_eq!(replay.channels().len(), 2);
/// assert_eq!(replay.next_row(), Some((1_661_990_400_000, vec![Ok(22.2), Ok(4300.0)])));
/// assert_eq!(replay.label(), Some(false));
/// let (at_ms, values) = replay.next_row().unwrap();
/// assert!(at_ms == 1_661_991_300_000 && values[0].is_err() && replay.label() == Some(true));
/// assert!(replay.next_row().is_none() && replay.failure().is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Replay {
    name: String,
    channels: Vec<Channel>,
    /// Places of the channels in a record.
    places: Vec<usize>,
    labels: Vec<usize>,
    timed: bool,
    fields: usize,
    records: Records,
    waiting: VecDeque<Record>,
    failure: Option<io::Error>,
    interval_ms: Option<u64>,
    at_ms: Option<u64>,
    label: Option<bool>,
    odd: u64,
    rows: u64,
}

impl fmt::Debug for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let channels = self.channels.len();
        f.debug_struct("Replay")
            .field("name", &self.name)
            .field("channels", &channels)
            .field("rows", &self.rows)
            .finish_non_exhaustive()
    }
}

impl Replay {
    /// Opens a file. Compression is told by its first bytes.
    ///
    /// # Errors
    /// It cannot be read, or has no channel.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.split('.').next().unwrap_or_default();
        Self::new(name, File::open(path)?)
    }

    /// The same of any reader, under a name.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn new(name: &str, input: impl Read + Send + 'static) -> io::Result<Self> {
        let mut records = Records::new(input)?;
        let header = records.next()?;
        let header = header.ok_or_else(|| invalid("the file is empty"))?;
        let (mut waiting, mut failure) = (VecDeque::new(), None);
        while waiting.len() < LOOKED_AT && failure.is_none() {
            match records.next() {
                Ok(Some(record)) => waiting.push_back(record),
                Ok(None) => break,
                Err(error) => failure = Some(error),
            }
        }
        let mut replay = Self {
            name: format!("replay/{name}"),
            channels: Vec::new(),
            places: Vec::new(),
            labels: Vec::new(),
            timed: false,
            fields: header.len(),
            records,
            waiting,
            failure,
            interval_ms: None,
            at_ms: None,
            label: None,
            odd: 0,
            rows: 0,
        };
        replay.divide(&header);
        if replay.channels.is_empty() {
            return Err(invalid("no column of numbers"));
        }
        Ok(replay)
    }

    /// From now on rows are as far apart as given, whatever their times say.
    pub fn set_interval_ms(&mut self, interval_ms: u64) {
        self.interval_ms = Some(interval_ms);
    }

    /// The channels, in the order of the values.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// The next row: its time in milliseconds since 1970 (or the start, if the file counts from 0), and a value per
    /// channel. `None` at the end, and where the file cannot be read further: see [`Self::failure`].
    ///
    /// A row without a readable time is as far from the one before as rows are by [`Self::set_interval_ms`],
    /// otherwise a second.
    pub fn next_row(&mut self) -> Option<(u64, Vec<Raw>)> {
        let record = match self.waiting.pop_front() {
            Some(record) => record,
            None if self.failure.is_some() => return None,
            None => match self.records.next() {
                Ok(record) => record?,
                Err(error) => {
                    self.failure = Some(error);
                    return None;
                }
            },
        };
        self.rows += 1;
        let written = (self.timed && self.interval_ms.is_none())
            .then(|| record.field(0).and_then(time::milliseconds))
            .flatten();
        if record.len() != self.fields
            || (self.timed && written.is_none() && self.interval_ms.is_none())
        {
            self.odd += 1;
        }
        let counted = || {
            let step = self.interval_ms.unwrap_or(1000);
            self.at_ms.map_or(0, |before| before.saturating_add(step))
        };
        let at_ms = written.unwrap_or_else(counted);
        self.at_ms = Some(at_ms);
        let mut label = None;
        for place in &self.labels {
            if let Some(field) = record.field(*place) {
                label = Some(label.unwrap_or(false) | marked(field));
            }
        }
        self.label = label;
        let value = |place: &usize| {
            record
                .field(*place)
                .map_or(Err(Cause::Missing), value::parse)
        };
        Some((at_ms, self.places.iter().map(value).collect()))
    }

    /// The label of the row read last: whether any column of labels marks it. `None` without such a column.
    pub fn label(&self) -> Option<bool> {
        self.label
    }

    /// Rows read so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows so far with a wrong number of fields or an unreadable time. Their values count where they are there.
    pub fn odd(&self) -> u64 {
        self.odd
    }

    /// The reason of an early end.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Divides the columns by what they hold.
    fn divide(&mut self, header: &Record) {
        let mut known = BTreeMap::new();
        for place in 0..header.len().min(FIELDS_MAX) {
            let name = name(header.field(place).unwrap_or_default(), place);
            let first = self.waiting.front().and_then(|row| row.field(place));
            if place == 0 && time::is_time(&name, first) {
                self.timed = true;
            } else if LABELS.iter().any(|label| name.eq_ignore_ascii_case(label)) {
                self.labels.push(place);
            } else if !self.is_text(place) {
                let count = known.entry(name.clone()).or_insert(0_u32);
                *count += 1;
                let identity = match count {
                    1 => name,
                    again => format!("{name}#{again}"),
                };
                self.places.push(place);
                self.channels.push(Channel {
                    sensor: identity.clone(),
                    identity,
                    chip: "replay".to_owned(),
                    unit: "",
                    measure: Measure::Gauge,
                });
            }
        }
    }

    /// Whether the first rows have a text there, and no number.
    fn is_text(&self, place: usize) -> bool {
        let fields = self.waiting.iter().filter_map(|row| row.field(place));
        let (mut text, mut number) = (false, false);
        for value in fields.map(value::parse) {
            number |= value.is_ok();
            text |= value == Err(Cause::Sensor);
        }
        text && !number
    }
}

impl Probe for Replay {
    fn name(&self) -> &str {
        &self.name
    }

    fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Takes the next row, whatever its time. Behind the end all channels are missing.
    fn read(&mut self, into: &mut [Raw]) {
        into.fill(Err(Cause::Missing));
        if let Some((_, values)) = self.next_row() {
            for (place, value) in into.iter_mut().zip(values) {
                *place = value;
            }
        }
    }
}

/// The name of a column, of bounded length.
fn name(field: &[u8], place: usize) -> String {
    let field = field.get(..NAME_MAX).unwrap_or(field);
    let name = String::from_utf8_lossy(field);
    match name.trim() {
        "" => format!("column{place}"),
        name => name.to_owned(),
    }
}

/// Whether a label marks its row.
fn marked(field: &[u8]) -> bool {
    match value::parse(field) {
        Ok(value) => value != 0.0,
        Err(Cause::Sensor) => !field.trim_ascii().eq_ignore_ascii_case(b"normal"),
        Err(_) => false,
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}

#[cfg(test)]
mod tests;
