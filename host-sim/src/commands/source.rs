//! A recording and how it is watched: what `run` and `report` have in common.

use crate::model::Stored;
use crate::record::FrameRecord;
use crate::replay::{Options, Replay};
use crate::score::Scores;
use crate::trace::{Layout, Row, Trace, Training};
use anyhow::{Context, ensure};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// Rows between two looks at the progress bar.
const GLANCE: u64 = 1024;

/// The recording, the detector and its settings, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Source {
    /// The recording, or `-` for standard input
    #[arg(value_name = "TRACE")]
    pub input: PathBuf,
    /// Layout of the recording [default: told by its name and first line]
    #[arg(long, value_enum, value_name = "LAYOUT")]
    pub format: Option<Layout>,
    /// The detector
    #[arg(long, value_enum, default_value = "rola")]
    pub detector: Detector,
    /// The autoencoder's model, which has its thresholds
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// Changes a setting of rola; may be repeated (--help lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// Detectors a recording can be replayed through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Detector {
    /// One lane per variable, and a vote among those that correlate
    Rola,
    /// A trained network that reconstructs its inputs (--model)
    Autoencoder,
}

impl Source {
    /// The settings of rola.
    ///
    /// # Errors
    /// An assignment is not understood, or a model is given, which rola has no use for.
    pub fn options(&self) -> anyhow::Result<Options> {
        ensure!(
            self.model.is_none(),
            "--model does not apply to rola, which learns from the recording: say \
             --detector autoencoder, or leave it out"
        );
        Options::parse(&self.set)
    }

    /// The autoencoder's model.
    ///
    /// # Errors
    /// None is given, or it cannot be read, or there are settings, which a model has of its own.
    pub fn stored(&self) -> anyhow::Result<Stored> {
        ensure!(
            self.set.is_empty(),
            "--set {} does not apply to an autoencoder: its settings are in its model",
            self.set.join(" --set ")
        );
        let model = self.model.as_deref();
        Stored::read(model.context("--detector autoencoder needs its --model FILE")?)
    }

    /// Opens the recording.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn recording(&self) -> anyhow::Result<Recording> {
        Recording::open(&self.input, self.format)
    }

    /// Opens the recording and makes rola.
    ///
    /// # Errors
    /// The recording cannot be read, or a setting does not fit it.
    pub fn open(&self, options: &Options) -> anyhow::Result<Session> {
        let recording = self.recording()?;
        Ok(Session {
            replay: Replay::new(recording.names(), options)?,
            recording,
            scores: Scores::default(),
        })
    }
}

/// A bar over so many steps, or a count of them, on a terminal only.
pub fn bar(steps: Option<u64>) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    match steps {
        Some(size) => {
            let bar = ProgressBar::with_draw_target(Some(size), ProgressDrawTarget::stderr());
            match ProgressStyle::with_template("{wide_bar} {percent:>3} % {eta} left") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        }
        None => ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
    }
}

/// A recording, with a bar over the bytes of its file.
pub struct Recording {
    trace: Trace,
    bar: ProgressBar,
}

impl Recording {
    /// Opens a file, or standard input if the path is `-`. Without a layout, name and content
    /// tell it.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn open(input: &Path, layout: Option<Layout>) -> anyhow::Result<Self> {
        let trace = Trace::open_as(input, layout)?;
        let bar = bar(trace.progress().1);
        Ok(Self { trace, bar })
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        self.trace.names()
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> anyhow::Result<Option<Row<'_>>> {
        if self.trace.rows().is_multiple_of(GLANCE) {
            self.bar.set_position(self.trace.progress().0);
        }
        let row = self.trace.next_row()?;
        if row.is_none() {
            self.bar.finish_and_clear();
        }
        Ok(row)
    }
}

/// A replay in progress.
pub struct Session {
    recording: Recording,
    replay: Replay,
    scores: Scores,
}

impl Session {
    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        self.recording.names()
    }

    /// Scores so far, if the recording has labels.
    pub fn scores(&self) -> Option<&Scores> {
        self.recording.trace.is_labelled().then_some(&self.scores)
    }

    /// Reads, judges and scores the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_frame(&mut self) -> anyhow::Result<Option<(FrameRecord, Row<'_>)>> {
        let Some(row) = self.recording.next_row()? else {
            return Ok(None);
        };
        let record = self.replay.observe(row.tick, row.readings);
        if let Some(label) = row.label {
            self.scores.push(label, &record);
        }
        Ok(Some((record, row)))
    }

    /// Scores, if there are labels, and the size of the work.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn summarize(&self, talk: &mut impl Write) -> io::Result<()> {
        if let Some(scores) = self.scores() {
            writeln!(talk, "{scores}")?;
        }
        let trainings: u64 = self.replay.trainings().into_iter().map(u64::from).sum();
        writeln!(
            talk,
            "{} rows, {} variables, {trainings} trainings",
            self.recording.trace.rows(),
            self.names().len()
        )?;
        match self.recording.trace.training() {
            Training::Unknown => Ok(()),
            Training::Rows(rows) => writeln!(talk, "training part: the first {rows} rows"),
            Training::Whole => writeln!(talk, "training part: all of it"),
            Training::Apart(path) => writeln!(talk, "training part: {}", path.display()),
        }
    }
}
