//! How verdicts are written, wherever they come from: what `run` and `device` have in common.

use crate::commands::columns::{Column, Rows, width};
use crate::jsonl;
use crate::points::{Points, number};
use crate::record::FrameRecord;
use anyhow::{Context, bail};
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
    /// One row per flagged variable (with --all: per variable; of a model: per variable that
    /// is named)
    Csv,
    /// Aligned columns to read
    Table,
}

impl Output {
    /// Whether every lane of every frame is wanted, not only the flagged ones.
    pub fn wants_everything(&self) -> bool {
        self.all || self.trace.is_some()
    }

    /// Opens the file of points and prints the header. `input` is the recording, which is not
    /// overwritten.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn open<W: Write>(
        &self,
        input: &Path,
        names: &[String],
        out: W,
    ) -> anyhow::Result<Verdicts<W>> {
        let points = self.trace.as_deref();
        let points = points.map(|path| create(path, input)).transpose()?;
        let mut verdicts = Verdicts {
            printer: Printer::new(self.out, self.all, names),
            points: points.map(Points::new).transpose()?,
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

/// Refuses to write over the recording, and to standard output in place of a file.
///
/// # Errors
/// The file is one of these.
pub fn spare(path: &Path, input: &Path) -> anyhow::Result<()> {
    if path == Path::new("-") {
        bail!("`-` is standard output, where verdicts go: name a file");
    }
    let same = path.canonicalize().ok().zip(input.canonicalize().ok());
    if same.is_some_and(|(path, input)| path == input) {
        bail!("{} is the recording: name another file", path.display());
    }
    Ok(())
}

/// Makes a file for the points, which is neither the recording nor standard output.
///
/// # Errors
/// It is one of these, or cannot be written.
pub(super) fn create(path: &Path, input: &Path) -> anyhow::Result<BufWriter<File>> {
    spare(path, input)?;
    let file = File::create(path).with_context(|| path.display().to_string())?;
    Ok(BufWriter::new(file))
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
