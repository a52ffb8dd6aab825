//! A recording through a detector, in progress: shared by `run` and `report`.

use crate::detect::events::Events;
use crate::detect::{Lane, Profile, Record, Tally, Watch};
use crate::recording::cadence::Cadence;
use crate::recording::{MeteredRecording, Row, Training};
use crate::text::number::counted;
use std::io::{self, Write};

/// A recording and a detector.
pub struct Session<'m> {
    recording: MeteredRecording,
    watch: Box<dyn Watch + 'm>,
    cadence: Cadence,
    tally: Tally,
    events: Events,
}

impl<'m> Session<'m> {
    /// The detector before the recording's first row.
    pub fn new(recording: MeteredRecording, watch: Box<dyn Watch + 'm>) -> Self {
        Self {
            tally: Tally::new(watch.profile().votes),
            events: Events::new(&watch.profile().names),
            recording,
            watch,
            cadence: Cadence::default(),
        }
    }

    /// The detector's profile.
    pub fn profile(&self) -> &Profile {
        self.watch.profile()
    }

    /// Lowest and highest usual value of each variable, once they are known.
    pub fn usual(&self) -> Vec<Option<(f32, f32)>> {
        self.watch.ranges()
    }

    /// The lanes that the score of the last row is made from.
    pub fn lanes(&self) -> Vec<Lane> {
        self.watch.lanes()
    }

    /// The detector's remarks about the rows so far.
    pub fn note(&self) -> Option<String> {
        self.watch.note()
    }

    /// Counts so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Reads, assesses and counts the next row; `None` at the end.
    ///
    /// # Errors
    /// The row is malformed or cannot be read.
    pub fn next_row(&mut self) -> anyhow::Result<Option<(Record, Row<'_>)>> {
        let Some(row) = self.recording.next_row()? else {
            return Ok(None);
        };
        let step = self.cadence.step(row.timestamp);
        let record = self.watch.observe(row.tick, step, row.readings);
        self.tally.push(&record, step, row.timestamp, row.label);
        self.events.push(&record, row.timestamp);
        Ok(Some((record, row)))
    }

    /// Alarms and complaints, detections against labels, if there are any, and the size of the work.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn summarize(&self, log: &mut impl Write) -> io::Result<()> {
        write!(log, "{}", self.events)?;
        for line in self.recording.recording().remarks() {
            writeln!(log, "{line}")?;
        }
        let variables = counted(self.profile().names.len() as u64, "variable");
        writeln!(log, "{}; {variables}, {}", self.tally, self.watch.work())?;
        if self.tally.judged() == 0 && self.tally.warming() > 0 {
            writeln!(log, "every row was learned from: --set learn=N takes fewer")?;
        }
        if let Some(note) = self.note() {
            writeln!(log, "{note}")?;
        }
        match self.recording.recording().training() {
            Training::Unknown => Ok(()),
            Training::Rows(rows) => writeln!(log, "training part: the first {rows} rows"),
            Training::Whole => writeln!(log, "training part: all of it"),
            Training::Apart(path) => writeln!(log, "training part: {}", path.display()),
        }
    }
}
