//! How verdicts are written, wherever they come from: what `run` and `device` have in common.

use crate::detect::FrameRecord;
use crate::output::points::{Points, number};
use crate::output::{Format, jsonl};
use crate::text::columns::{Column, Rows, width};
use bellwether::report::Outcome;
use std::fs::File;
use std::io::{BufWriter, Write};

/// A writer of verdicts.
pub struct Verdicts<W> {
    printer: Printer,
    points: Option<Points<BufWriter<File>>>,
    out: W,
}

impl<W: Write> Verdicts<W> {
    /// Prints the header, and writes that of the points if they have a file.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn new(
        format: Format,
        all: bool,
        points: Option<BufWriter<File>>,
        names: &[String],
        out: W,
    ) -> anyhow::Result<Self> {
        let mut verdicts = Self {
            printer: Printer::new(format, all, names),
            points: points.map(Points::new).transpose()?,
            out,
        };
        verdicts.printer.begin(&mut verdicts.out)?;
        Ok(verdicts)
    }

    /// Writes one frame.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, record: &FrameRecord, timestamp: &str) -> anyhow::Result<()> {
        if let Some(points) = &mut self.points {
            points.write(record, timestamp, &self.printer.names)?;
        }
        if self.printer.all || record.flagged().next().is_some() {
            self.printer.print(&mut self.out, record, timestamp)?;
        }
        Ok(())
    }

    /// Writes what is buffered.
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

struct Printer {
    /// `None` for lines of JSON.
    rows: Option<Rows>,
    all: bool,
    names: Vec<String>,
}

const COLUMNS: [&str; 8] = [
    "tick",
    "timestamp",
    "variable",
    "outcome",
    "value",
    "expected",
    "score",
    "threshold",
];

impl Printer {
    fn new(format: Format, all: bool, names: &[String]) -> Self {
        let rows = match format {
            Format::Jsonl => None,
            Format::Csv => Some(Rows::Csv),
            Format::Table => Some(Rows::Table(vec![
                Column::Number(8),
                Column::Text(19),
                Column::Text(width(names)),
                Column::Text(9),
                Column::Number(12),
                Column::Number(12),
                Column::Number(12),
                Column::Number(12),
            ])),
        };
        Self {
            rows,
            all,
            names: names.to_vec(),
        }
    }

    fn begin(&self, out: &mut impl Write) -> anyhow::Result<()> {
        match &self.rows {
            Some(rows) => rows.write(out, &COLUMNS),
            None => Ok(()),
        }
    }

    fn print(
        &self,
        out: &mut impl Write,
        record: &FrameRecord,
        timestamp: &str,
    ) -> anyhow::Result<()> {
        let Some(rows) = &self.rows else {
            writeln!(out, "{}", jsonl::line(record, timestamp, &self.names)?)?;
            return Ok(());
        };
        let tick = record.tick.to_string();
        for lane in &record.lanes {
            if !self.all && lane.outcome == Outcome::Quiet {
                continue;
            }
            let about = &lane.assessment;
            rows.write(
                out,
                &[
                    &tick,
                    timestamp,
                    jsonl::name(&self.names, lane.variable),
                    lane.outcome.name(),
                    &number(Some(lane.value)),
                    &number(about.expected),
                    &number(about.score),
                    &number(about.threshold),
                ],
            )?;
        }
        Ok(())
    }
}
