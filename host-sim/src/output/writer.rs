//! The writer of records, from any detector, here or on a device: shared by `run` and `device`.

use crate::detect::{Profile, Record};
use crate::output::fields::Fields;
use crate::output::points::Points;
use crate::output::{Format, jsonl};
use crate::text::columns::Rows;
use std::fs::File;
use std::io::{BufWriter, Write};

/// A writer of records.
pub struct Writer<W> {
    /// `None` for lines of JSON.
    rows: Option<Rows>,
    fields: Fields,
    all: bool,
    points: Option<Points<BufWriter<File>>>,
    out: W,
}

impl<W: Write> Writer<W> {
    /// Prints the header, and writes that of the points if they have a file.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn new(
        format: Format,
        all: bool,
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
            all,
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
        let speaks = record.assessment.is_anomalous() || record.flagged().next().is_some();
        if !self.all && !speaks {
            return Ok(());
        }
        let Some(rows) = &self.rows else {
            let names = self.fields.names();
            let line = match self.fields.has_lanes() {
                true => jsonl::of_lanes(record, timestamp, names)?,
                false => jsonl::of_scores(record, timestamp, names)?,
            };
            return Ok(writeln!(self.out, "{line}")?);
        };
        for fields in self.fields.of_record(record, timestamp, self.all) {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            rows.write(&mut self.out, &fields)?;
        }
        Ok(())
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
