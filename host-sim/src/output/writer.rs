//! The writer of records, from any detector, here or on a device: shared by `run` and `device`.

use crate::detect::{Profile, Record};
use crate::output::fields::Fields;
use crate::output::points::Points;
use crate::output::{Format, jsonl};
use crate::text::columns::Rows;
use bellwether::health::Symptom;
use std::fs::File;
use std::io::{BufWriter, Write};

/// A writer of records.
pub struct Writer<W> {
    /// `None` for lines of JSON.
    rows: Option<Rows>,
    fields: Fields,
    wanted: Wanted,
    /// Sensors that were silent or stuck in the last row.
    ailing: Vec<(usize, Symptom)>,
    points: Option<Points<BufWriter<File>>>,
    out: W,
}

/// The rows that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Anomalous ones.
    Anomalous,
    /// The same, and those in which a sensor falls silent or sticks, or comes back.
    Health,
    /// All.
    All,
}

impl<W: Write> Writer<W> {
    /// Prints the header, and writes that of the points if they have a file.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn new(
        format: Format,
        wanted: Wanted,
        points: Option<BufWriter<File>>,
        profile: &Profile,
        mut out: W,
    ) -> anyhow::Result<Self> {
        let fields = Fields::of(profile);
        let rows = match format {
            Format::Jsonl => None,
            Format::Csv => Some(Rows::Csv),
            Format::Table => Some(fields.table()),
        };
        if let Some(rows) = &rows {
            rows.write(&mut out, fields.columns())?;
        }
        Ok(Self {
            points: points.map(|out| Points::new(out, profile)).transpose()?,
            rows,
            fields,
            wanted,
            ailing: Vec::new(),
            out,
        })
    }

    /// Writes one row's record.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, record: &Record, timestamp: &str) -> anyhow::Result<()> {
        if let Some(points) = &mut self.points {
            points.write(record, timestamp)?;
        }
        let back = self.changed(record);
        let speaks = record.assessment.is_anomalous() || record.flagged().next().is_some();
        let all = self.wanted == Wanted::All || back.is_some() && self.wanted == Wanted::Health;
        if !all && !speaks {
            return Ok(());
        }
        let back = back
            .filter(|_| self.wanted == Wanted::Health)
            .unwrap_or_default();
        let Some(rows) = &self.rows else {
            let names = self.fields.names();
            let line = match self.fields.has_lanes() {
                true => jsonl::of_lanes(record, timestamp, names)?,
                false => jsonl::of_scores(record, timestamp, names, &back)?,
            };
            return Ok(writeln!(self.out, "{line}")?);
        };
        for fields in self.fields.of_record(record, timestamp, all) {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            rows.write(&mut self.out, &fields)?;
        }
        Ok(())
    }

    /// Sensors that are silent or stuck no longer; `None` if no sensor changed.
    fn changed(&mut self, record: &Record) -> Option<Vec<(usize, Symptom)>> {
        let notice = record.notice.as_ref()?;
        let lasting = |symptom| matches!(symptom, Symptom::Missing | Symptom::Stuck);
        let complaints = notice.complaints.iter();
        let now = complaints.filter(|complaint| lasting(complaint.symptom));
        let now: Vec<(usize, Symptom)> = now.map(|of| (of.variable.into(), of.symptom)).collect();
        let before = std::mem::replace(&mut self.ailing, now);
        let gone = before.iter().filter(|of| !self.ailing.contains(of));
        let gone: Vec<(usize, Symptom)> = gone.copied().collect();
        (before != self.ailing).then_some(gone)
    }

    /// Flushes what is printed, for readers of a stream that goes on.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }

    /// Flushes the buffer.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> anyhow::Result<()> {
        if let Some(points) = self.points {
            points.finish()?;
        }
        Ok(self.out.flush()?)
    }
}
