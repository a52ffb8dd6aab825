//! How a model's records are written: what `run --detector autoencoder` prints.

use crate::detect::autoencoder::Record;
use crate::output::Format;
use crate::output::jsonl::{Timestamp, name};
use crate::output::points::{number, state_name};
use crate::text::columns::{Column, Rows, width};
use bellwether::autoencoder::Contribution;
use serde::Serialize;
use std::fs::File;
use std::io::{BufWriter, Write};

const COLUMNS: [&str; 13] = [
    "tick",
    "timestamp",
    "state",
    "measure",
    "score",
    "threshold",
    "reason",
    "variable",
    "back",
    "value",
    "expected",
    "error",
    "confirmed",
];

/// A writer of records.
pub struct Records<W: Write> {
    /// `None` for lines of JSON.
    rows: Option<Rows>,
    all: bool,
    names: Vec<String>,
    window: usize,
    points: Option<BufWriter<File>>,
    out: W,
}

#[derive(Serialize)]
struct Line<'a> {
    tick: u64,
    timestamp: Timestamp<'a>,
    state: &'static str,
    measure: Option<&'static str>,
    score: Option<f32>,
    threshold: Option<f32>,
    reason: Option<&'static str>,
    largest: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed: Option<bool>,
}

#[derive(Serialize)]
struct Part<'a> {
    variable: &'a str,
    back: usize,
    value: f32,
    expected: f32,
    error: f32,
}

impl<W: Write> Records<W> {
    /// Prints the header, and writes that of the points if they have a file. `names` are the
    /// model's variables, `window` its frames.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn new(
        format: Format,
        all: bool,
        mut points: Option<BufWriter<File>>,
        names: Vec<String>,
        window: usize,
        mut out: W,
    ) -> anyhow::Result<Self> {
        let rows = match format {
            Format::Jsonl => None,
            Format::Csv => Some(Rows::Csv),
            Format::Table => Some(Rows::Table(vec![
                Column::Number(8),
                Column::Text(19),
                Column::Text(9),
                Column::Text(13),
                Column::Number(12),
                Column::Number(12),
                Column::Text(13),
                Column::Text(width(&names)),
                Column::Number(4),
                Column::Number(12),
                Column::Number(12),
                Column::Number(12),
                Column::Text(9),
            ])),
        };
        if let Some(points) = &mut points {
            Rows::Csv.write(points, &COLUMNS)?;
        }
        if let Some(rows) = &rows {
            rows.write(&mut out, &COLUMNS)?;
        }
        Ok(Self {
            rows,
            all,
            names,
            window,
            points,
            out,
        })
    }

    /// Writes one row of the recording.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, record: &Record, timestamp: &str) -> anyhow::Result<()> {
        if let Some(points) = &mut self.points {
            let parts = record.parts.iter().copied();
            for fields in fields(record, parts, timestamp, &self.names, self.window) {
                Rows::Csv.write(points, &fields.each_ref().map(String::as_str))?;
            }
        }
        if !self.all && !record.assessment.is_anomalous() {
            return Ok(());
        }
        match &self.rows {
            Some(rows) => {
                let top = record.top();
                for fields in fields(record, top, timestamp, &self.names, self.window) {
                    rows.write(&mut self.out, &fields.each_ref().map(String::as_str))?;
                }
            }
            None => writeln!(self.out, "{}", self.line(record, timestamp)?)?,
        }
        Ok(())
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> anyhow::Result<()> {
        if let Some(points) = &mut self.points {
            points.flush()?;
        }
        Ok(self.out.flush()?)
    }

    fn line(&self, record: &Record, timestamp: &str) -> serde_json::Result<String> {
        let about = &record.assessment;
        let part = |part: Contribution| Part {
            variable: name(&self.names, part.feature),
            back: back(&part, self.window),
            value: part.value,
            expected: part.expected,
            error: part.error,
        };
        let reason = record.reason();
        serde_json::to_string(&Line {
            tick: record.tick,
            timestamp: timestamp.into(),
            state: about.state.name(),
            measure: record
                .measure
                .map(crate::detect::autoencoder::Measure::name),
            score: about.score,
            threshold: about.threshold,
            reason: Some(reason).filter(|reason| !reason.is_empty()),
            largest: record.top().map(part).collect(),
            confirmed: record.confirmed,
        })
    }
}

const fn yes(confirmed: bool) -> &'static str {
    if confirmed { "yes" } else { "no" }
}

/// How many frames before the newest.
const fn back(part: &Contribution, window: usize) -> usize {
    window.saturating_sub(1).saturating_sub(part.frame)
}

/// One row of fields for each part; one without a variable where there is none.
fn fields<'a>(
    record: &'a Record,
    parts: impl Iterator<Item = Contribution> + 'a,
    timestamp: &'a str,
    names: &'a [String],
    window: usize,
) -> impl Iterator<Item = [String; COLUMNS.len()]> + 'a {
    let about = &record.assessment;
    let mut parts = parts.peekable();
    let none = parts.peek().is_none().then_some(None);
    parts.map(Some).chain(none).map(move |part| {
        let of = |pick: fn(&Contribution) -> f32| number(part.as_ref().map(pick));
        let about_part = part.map(|part| (name(names, part.feature), back(&part, window)));
        [
            record.tick.to_string(),
            timestamp.to_owned(),
            state_name(about.state),
            record.measure.map_or("", |m| m.name()).to_owned(),
            number(about.score),
            number(about.threshold),
            record.reason().to_owned(),
            about_part.map_or("", |(name, _)| name).to_owned(),
            about_part.map_or_else(String::new, |(_, back)| back.to_string()),
            of(|part| part.value),
            of(|part| part.expected),
            of(|part| part.error),
            record.confirmed.map_or("", yes).to_owned(),
        ]
    })
}
