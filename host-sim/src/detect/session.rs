//! A recording through a detector, in progress: what `run` and `report` have in common.

use crate::detect::autoencoder::{ModelReplay, Record, Tally};
use crate::detect::{FrameRecord, Options, Replay, Scores};
use crate::recording::{MeteredRecording, Row, Training};
use crate::text::number::counted;
use bellwether::Model;
use std::io::{self, Write};

/// A recording through RoLA, in progress.
pub struct RolaSession {
    recording: MeteredRecording,
    replay: Replay,
    scores: Scores,
}

impl RolaSession {
    /// RoLA before the recording's first row.
    ///
    /// # Errors
    /// A setting does not fit the recording.
    pub fn new(recording: MeteredRecording, options: &Options) -> anyhow::Result<Self> {
        Ok(Self {
            replay: Replay::new(recording.names(), options)?,
            recording,
            scores: Scores::default(),
        })
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        self.recording.names()
    }

    /// Scores so far, if the recording has labels.
    pub fn scores(&self) -> Option<&Scores> {
        self.recording
            .recording()
            .is_labelled()
            .then_some(&self.scores)
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
    pub fn summarize(&self, log: &mut impl Write) -> io::Result<()> {
        if let Some(scores) = self.scores() {
            writeln!(log, "{scores}")?;
        }
        let trainings: u64 = self.replay.trainings().into_iter().map(u64::from).sum();
        writeln!(
            log,
            "{} rows, {} variables, {trainings} trainings",
            self.recording.recording().rows(),
            self.names().len()
        )?;
        match self.recording.recording().training() {
            Training::Unknown => Ok(()),
            Training::Rows(rows) => writeln!(log, "training part: the first {rows} rows"),
            Training::Whole => writeln!(log, "training part: all of it"),
            Training::Apart(path) => writeln!(log, "training part: {}", path.display()),
        }
    }
}

/// A recording through a model, in progress.
pub struct ModelSession<'m> {
    recording: MeteredRecording,
    replay: ModelReplay<'m>,
    tally: Tally,
}

impl<'m> ModelSession<'m> {
    /// Finds the model's variables in the recording.
    ///
    /// # Errors
    /// The recording lacks a variable, or the model cannot judge.
    pub fn new(recording: MeteredRecording, model: Model<'m>) -> anyhow::Result<Self> {
        Ok(Self {
            replay: ModelReplay::new(model, recording.names())?,
            recording,
            tally: Tally::default(),
        })
    }

    /// The detector.
    pub fn replay(&self) -> &ModelReplay<'m> {
        &self.replay
    }

    /// Names of the model's variables, in its order.
    pub fn names(&self) -> Vec<String> {
        let features = self.replay.model().features();
        features.map(|feature| feature.name.to_owned()).collect()
    }

    /// Counts so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Reads, judges and counts the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> anyhow::Result<Option<(Record, Row<'_>)>> {
        let Some(row) = self.recording.next_row()? else {
            return Ok(None);
        };
        let (record, step) = self.replay.observe(row.tick, row.timestamp, row.readings);
        self.tally.push(&record, step, row.timestamp, row.label);
        Ok(Some((record, row)))
    }

    /// Detections against labels, if there are any, and the size of the work.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn summarize(&self, log: &mut impl Write) -> io::Result<()> {
        let model = self.replay.model();
        writeln!(
            log,
            "{}; {}, windows of {}, model {:08x}",
            self.tally,
            counted(model.feature_count() as u64, "variable"),
            counted(model.window() as u64, "frame"),
            model.checksum()
        )
    }
}
