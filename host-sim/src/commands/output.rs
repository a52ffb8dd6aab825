//! How verdicts are written, wherever they come from: what `run` and `device` have in common.

use crate::jsonl;
use crate::points::{Points, number};
use crate::record::FrameRecord;
use anyhow::Context;
use bellwether::report::Outcome;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// What is written, and where, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Output {
    /// What is printed
    #[arg(long, value_enum, default_value = "jsonl")]
    pub out: Format,
    /// Writes every lane of every frame to this CSV file
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Prints every frame, also those in which no variable flagged
    #[arg(long)]
    pub all: bool,
}

/// A form of printed verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One JSON object per frame
    Jsonl,
    /// One row per flagged variable (with --all: per variable)
    Csv,
    /// Aligned columns to read
    Table,
}

impl Output {
    /// Whether every lane of every frame is wanted, not only the flagged ones.
    pub fn wants_everything(&self) -> bool {
        self.all || self.trace.is_some()
    }

    /// Opens the file of points and prints the header.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open<W: Write>(&self, names: &[String], out: W) -> anyhow::Result<Verdicts<W>> {
        let points = self.trace.as_deref().map(points_file).transpose()?;
        let mut verdicts = Verdicts {
            printer: Printer::new(self.out, self.all, names),
            points,
            out,
        };
        verdicts.printer.begin(&mut verdicts.out)?;
        Ok(verdicts)
    }
}

/// A writer of verdicts.
pub struct Verdicts<W> {
    printer: Printer,
    points: Option<Points<BufWriter<File>>>,
    out: W,
}

impl<W: Write> Verdicts<W> {
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

fn points_file(path: &Path) -> anyhow::Result<Points<BufWriter<File>>> {
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(Points::new(BufWriter::new(file))?)
}

/// Whether the reader of our output has gone: no reason to complain.
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}

struct Printer {
    format: Format,
    all: bool,
    names: Vec<String>,
    width: usize,
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
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or(0)
            .max(8);
        Self {
            format,
            all,
            names: names.to_vec(),
            width,
        }
    }

    fn row(&self, out: &mut impl Write, fields: [&str; 8]) -> anyhow::Result<()> {
        match self.format {
            Format::Jsonl => {}
            Format::Csv => {
                let mut line = csv::Writer::from_writer(out);
                line.write_record(fields)?;
                line.flush()?;
            }
            Format::Table => {
                let [
                    tick,
                    timestamp,
                    variable,
                    outcome,
                    value,
                    expected,
                    score,
                    threshold,
                ] = fields;
                let width = self.width;
                writeln!(
                    out,
                    "{tick:>8}  {timestamp:<19}  {variable:<width$}  {outcome:<9}  {value:>12}  \
                     {expected:>12}  {score:>12}  {threshold:>12}"
                )?;
            }
        }
        Ok(())
    }

    fn begin(&self, out: &mut impl Write) -> anyhow::Result<()> {
        self.row(out, COLUMNS)
    }

    fn print(
        &self,
        out: &mut impl Write,
        record: &FrameRecord,
        timestamp: &str,
    ) -> anyhow::Result<()> {
        if self.format == Format::Jsonl {
            writeln!(out, "{}", jsonl::line(record, timestamp, &self.names)?)?;
            return Ok(());
        }
        let tick = record.tick.to_string();
        for lane in &record.lanes {
            if !self.all && lane.outcome == Outcome::Quiet {
                continue;
            }
            let about = &lane.assessment;
            self.row(
                out,
                [
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_broken_pipe_is_quiet() {
        let error = |kind| anyhow::Error::from(io::Error::from(kind)).context("writing");
        assert!(is_broken_pipe(&error(io::ErrorKind::BrokenPipe)));
        assert!(!is_broken_pipe(&error(io::ErrorKind::NotFound)));
    }
}
