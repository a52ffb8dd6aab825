//! A recording and how it is watched: what `run` and `report` have in common.

use crate::record::FrameRecord;
use crate::replay::{Options, Replay};
use crate::score::Scores;
use crate::trace::{Row, Trace};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

/// Rows between two looks at the progress bar.
const GLANCE: u64 = 1024;

/// The recording, the detector and its settings, as arguments.
#[derive(Clone, Debug, clap::Args)]
pub struct Source {
    /// The recording, or `-` for standard input
    #[arg(value_name = "TRACE")]
    pub input: PathBuf,
    /// The detector
    #[arg(long, value_enum, default_value = "rola")]
    pub detector: Detector,
    /// Changes a setting; may be repeated (--help lists the keys)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

/// Detectors a recording can be replayed through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Detector {
    /// One lane per variable, and a vote among those that correlate
    Rola,
}

impl Source {
    /// The settings.
    ///
    /// # Errors
    /// An assignment is not understood.
    pub fn options(&self) -> anyhow::Result<Options> {
        let Detector::Rola = self.detector;
        Options::parse(&self.set)
    }

    /// Opens the recording and makes the detector.
    ///
    /// # Errors
    /// The recording cannot be read, or a setting does not fit it.
    pub fn open(&self, options: &Options) -> anyhow::Result<Session> {
        let trace = Trace::open(&self.input)?;
        let replay = Replay::new(trace.names(), options)?;
        let bar = progress(&trace);
        Ok(Session {
            trace,
            replay,
            scores: Scores::default(),
            bar,
        })
    }
}

/// A bar over the bytes of the file, on a terminal only.
fn progress(trace: &Trace) -> ProgressBar {
    bar(trace.progress().1)
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

/// A replay in progress.
pub struct Session {
    trace: Trace,
    replay: Replay,
    scores: Scores,
    bar: ProgressBar,
}

impl Session {
    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        self.trace.names()
    }

    /// Scores so far, if the recording has labels.
    pub fn scores(&self) -> Option<&Scores> {
        self.trace.is_labelled().then_some(&self.scores)
    }

    /// Reads, judges and scores the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_frame(&mut self) -> anyhow::Result<Option<(FrameRecord, Row<'_>)>> {
        let rows = self.trace.rows();
        if rows.is_multiple_of(GLANCE) {
            self.bar.set_position(self.trace.progress().0);
        }
        let Some(row) = self.trace.next_row()? else {
            self.bar.finish_and_clear();
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
            self.trace.rows(),
            self.trace.names().len()
        )
    }
}
