//! A recording on its way into the stream, one row ahead.

use super::super::frame::Message;
use super::super::sending::Letter;
use crate::fleet::node::NodeFile;
use crate::recording::time::clock::Clock;
use crate::recording::{Options, Recording};

/// Microseconds of a second.
const MICROSECONDS: f64 = 1e6;

/// A recording.
pub(super) struct Source<'a> {
    node: &'a NodeFile,
    subject: String,
    /// First row to publish.
    from: u64,
    recording: Option<Recording>,
    clock: Clock,
    /// The next row.
    ahead: Option<(Message, u64)>,
    /// Microseconds of the next row, those of the last one if it has no time.
    time: u64,
}

impl<'a> Source<'a> {
    pub(super) fn new(node: &'a NodeFile, subject: String, from: u64) -> Self {
        Self {
            node,
            subject,
            from,
            recording: None,
            clock: Clock::default(),
            ahead: None,
            time: 0,
        }
    }

    /// Opens the recording, and skips the rows that are there.
    pub(super) fn open(&mut self, options: &Options) -> anyhow::Result<()> {
        self.recording = Some(Recording::open_with(&self.node.path, options)?);
        loop {
            self.read()?;
            match &self.ahead {
                Some((_, row)) if *row < self.from => {}
                _ => return Ok(()),
            }
        }
    }

    pub(super) fn close(&mut self) {
        self.recording = None;
    }

    fn read(&mut self) -> anyhow::Result<()> {
        self.ahead = None;
        let Some(recording) = &mut self.recording else {
            return Ok(());
        };
        let Some(row) = recording.next_row()? else {
            return Ok(());
        };
        if let Some(seconds) = self.clock.read(row.timestamp) {
            self.time = (seconds.max(0.0) * MICROSECONDS) as u64;
        }
        let message = Message::Frame {
            row: row.tick.0,
            timestamp: row.timestamp.to_owned(),
            values: row
                .readings
                .iter()
                .map(|reading| (*reading).into())
                .collect(),
        };
        self.ahead = Some((message, row.tick.0));
        Ok(())
    }

    /// The place of the next row among those of other nodes.
    pub(super) fn key(&self, paced: bool) -> u64 {
        match (&self.ahead, paced) {
            (_, true) => self.time,
            (Some((_, row)), false) => *row,
            (None, false) => u64::MAX,
        }
    }

    /// The message of the next row; `None` at the end.
    pub(super) fn take(&mut self) -> anyhow::Result<Option<Letter>> {
        let Some((message, row)) = self.ahead.take() else {
            return Ok(None);
        };
        let letter = self.letter(&message, &row.to_string())?;
        self.read()?;
        Ok(Some(letter))
    }

    /// The message behind the last row.
    pub(super) fn end(&self) -> anyhow::Result<Letter> {
        let end = self.recording.as_ref().map_or(0, Recording::rows);
        self.letter(&Message::End { end }, "end")
    }

    fn letter(&self, message: &Message, what: &str) -> anyhow::Result<Letter> {
        Ok(Letter {
            subject: self.subject.clone(),
            id: format!("{}:{what}", self.node.name),
            payload: serde_json::to_vec(message)?,
        })
    }
}
