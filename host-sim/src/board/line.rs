//! A line from a device that may lose, damage and add bytes: whole answers only, and a count of the rest.

use crate::board::receiver::{ReceiveError, Received, Receiver};
use bellwether::report::Record;
use std::collections::BTreeMap;
use std::fmt;

/// A receiver that goes on behind every error. An answer of which a record is missing is dropped and
/// counted.
#[derive(Debug)]
pub struct Line {
    receiver: Receiver,
    /// Whether the last byte was a zero.
    between: bool,
    /// Whether the next answer is surely read from its first record on.
    in_step: bool,
    /// Whether the records of an answer without its head are being passed over.
    headless: bool,
    /// Tick of the last frame of readings.
    last: Option<u64>,
    /// The losses so far.
    pub losses: Losses,
}

/// The losses of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Frames of readings, by the ticks between those that came.
    pub frames: u64,
    /// Answers of which a record is missing.
    pub answers: u64,
    /// Stretches of bytes that are no record, by reason.
    pub refused: BTreeMap<String, u64>,
}

impl Default for Line {
    /// Nothing was received.
    fn default() -> Self {
        Self {
            receiver: Receiver::default(),
            between: true,
            in_step: false,
            headless: false,
            last: None,
            losses: Losses::default(),
        }
    }
}

impl Line {
    /// Takes one byte; returns the part of the stream that it completes, if any.
    pub fn push(&mut self, byte: u8) -> Option<Received> {
        // Zeros between records are no loss.
        let was_between = std::mem::replace(&mut self.between, byte == 0);
        if was_between && self.between {
            return None;
        }
        let knew = self.receiver.knows_alarms();
        let received = match self.receiver.push(byte) {
            Ok(received) => received?,
            Err(ReceiveError::Order(record)) => self.again(record)?,
            Err(error) => {
                self.refuse(error.reason());
                self.in_step = false;
                self.drop_answer();
                return None;
            }
        };
        match &received {
            Received::Greeting(_) => self.last = None,
            Received::Summary(_) => return Some(received),
            Received::Readings(readings) => {
                let step = self.last.replace(readings.tick);
                let step = step.and_then(|last| readings.tick.checked_sub(last));
                self.losses.frames += step.unwrap_or(1).saturating_sub(1);
                return Some(received);
            }
            // The alarm before it may be what was lost.
            Received::Assessed(frame, _) if !self.in_step && !knew && frame.notice.is_none() => {
                self.receiver.unlearn();
                self.losses.answers += 1;
                self.in_step = true;
                return None;
            }
            Received::Frame(_) | Received::Assessed(..) => {}
        }
        (self.in_step, self.headless) = (true, false);
        Some(received)
    }

    /// The stream has ended: an incomplete answer is lost.
    pub fn end(&mut self) {
        if self.receiver.end().is_err() && !self.drop_answer() {
            self.refuse(ReceiveError::Truncated.reason());
        }
    }

    fn refuse(&mut self, reason: String) {
        *self.losses.refused.entry(reason).or_default() += 1;
    }

    /// A record that does not continue the answer before it: either that one is incomplete and this begins
    /// another, or this one's head is missing.
    fn again(&mut self, record: Record) -> Option<Received> {
        if self.drop_answer()
            && let Ok(received) = self.receiver.record(record)
        {
            self.headless = false;
            return received;
        }
        if !matches!(record, Record::Readings { .. }) && !self.headless {
            self.headless = true;
            self.losses.answers += 1;
        }
        None
    }

    fn drop_answer(&mut self) -> bool {
        let dropped = self.receiver.forget();
        self.losses.answers += u64::from(dropped);
        // What follows of it needs no count of its own.
        self.headless |= dropped;
        dropped
    }
}

impl fmt::Display for Losses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            frames, answers, ..
        } = self;
        write!(f, "{frames} frames and {answers} answers lost")?;
        for (at, (reason, count)) in self.refused.iter().enumerate() {
            let before = if at == 0 { "; no record: " } else { ", " };
            write!(f, "{before}{count} ({reason})")?;
        }
        Ok(())
    }
}
