//! A recording with its reading progress.

use crate::progress::Progress;
use crate::recording::notes;
use crate::recording::{Options, Recording, Row};
use bellwether::Model;
use std::path::Path;

/// Rows between two reports of progress.
const GLANCE: u64 = 1024;

/// A recording, with its progress through the bytes of its file.
pub struct MeteredRecording {
    recording: Recording,
    progress: Progress,
}

impl MeteredRecording {
    /// Opens a file, or standard input if the path is `-`, and says on standard error what was taken
    /// for what.
    ///
    /// # Errors
    /// It cannot be read, or its header is malformed.
    pub fn open(input: &Path, options: &Options) -> anyhow::Result<Self> {
        let recording = notes::open(input, options)?;
        let progress = Progress::through(recording.progress().1);
        Ok(Self {
            recording,
            progress,
        })
    }

    /// Names of the variables, in order.
    pub fn names(&self) -> &[String] {
        self.recording.names()
    }

    /// Restricts the recording to what a model sees of it, if the model has a front end.
    ///
    /// # Errors
    /// As [`Recording::select_for`].
    pub fn through_front_end(&mut self, model: &Model<'_>) -> anyhow::Result<()> {
        match model.front_end() {
            Some(_) => self.recording.select_for(model),
            None => Ok(()),
        }
    }

    /// The recording itself.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Reads the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> anyhow::Result<Option<Row<'_>>> {
        if self.recording.rows().is_multiple_of(GLANCE) {
            self.progress.set_position(self.recording.progress().0);
        }
        let row = self.recording.next_row()?;
        if row.is_none() {
            self.progress.finish();
        }
        Ok(row)
    }
}
