//! A recording and the model that watches it: what `run` and `report` have in common where the
//! detector is an autoencoder.

use crate::commands::source::{Recording, Source};
use crate::model::tally::Tally;
use crate::model::{Judgement, Watch};
use crate::number::counted;
use crate::trace::Row;
use anyhow::Context;
use bellwether::Model;
use std::io::{self, Write};

/// A recording through a model, in progress.
pub struct Watched<'m> {
    recording: Recording,
    watch: Watch<'m>,
    tally: Tally,
}

impl<'m> Watched<'m> {
    /// Opens the recording and finds the model's variables in it.
    ///
    /// # Errors
    /// The recording cannot be read or lacks a variable, or the model cannot judge.
    pub fn open(source: &Source, model: Model<'m>) -> anyhow::Result<Self> {
        let recording = source.recording()?;
        let watch = Watch::new(model, recording.names());
        Ok(Self {
            watch: watch.with_context(|| source.input.display().to_string())?,
            recording,
            tally: Tally::default(),
        })
    }

    /// The detector.
    pub fn watch(&self) -> &Watch<'m> {
        &self.watch
    }

    /// Names of the model's variables, in its order.
    pub fn names(&self) -> Vec<String> {
        let features = self.watch.model().features();
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
    pub fn next_row(&mut self) -> anyhow::Result<Option<(Judgement, Row<'_>)>> {
        let Some(row) = self.recording.next_row()? else {
            return Ok(None);
        };
        let (judgement, step) = self.watch.observe(row.tick, row.timestamp, row.readings);
        self.tally.push(&judgement, step, row.timestamp, row.label);
        Ok(Some((judgement, row)))
    }

    /// Detections against labels, if there are any, and the size of the work.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn summarize(&self, talk: &mut impl Write) -> io::Result<()> {
        let model = self.watch.model();
        writeln!(
            talk,
            "{}; {}, windows of {}, model {:08x}",
            self.tally,
            counted(model.feature_count() as u64, "variable"),
            counted(model.window() as u64, "frame"),
            model.checksum()
        )
    }
}
