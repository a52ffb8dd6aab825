//! A recording streamed through a board, and its verdicts read back.

use crate::board::receiver::{Greeting, Received, Receiver};
use crate::board::{Board, emulator};
use crate::detect::Record as FrameRecord;
use crate::recording::Recording;
use crate::recording::cadence::{Cadence, Step};
use anyhow::{Context, anyhow, bail};
use bellwether::report::Detail;
use bellwether::{Reading, Summary, Tick};
use bellwether_hal::source::stream::{FRAME_MAX, Opening, encode};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver as Channel, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longest silence of a working device.
const PATIENCE: Duration = Duration::from_secs(60);

/// An event from a session's threads.
enum Event {
    /// A row was sent.
    Sent(Sent),
    /// A part of the stream was received.
    Received(Received),
    /// What was remarkable about the recording, at its end.
    Remarks(Vec<String>),
    /// A thread is done, or failed.
    Ended(anyhow::Result<()>),
}

/// A row on its way.
struct Sent {
    /// The tick that the device got.
    sent: u64,
    /// The row's own.
    tick: u64,
    timestamp: String,
    /// Inputs that a model lacks.
    missing: Vec<usize>,
}

/// A verdict and the timestamp of its frame.
pub struct Answered {
    /// The verdict.
    pub record: FrameRecord,
    /// The detector's own code of a reason; 0 of a vote.
    pub reason: u8,
    /// As in the recording.
    pub timestamp: String,
}

/// A running device.
pub struct Session {
    child: Child,
    events: Channel<Event>,
    /// Rows sent and not yet answered, oldest first.
    waiting: VecDeque<Sent>,
    /// Verdicts whose row's message has not come yet.
    early: VecDeque<(FrameRecord, u8)>,
    running: usize,
    detail: Detail,
    /// The first error. Verdicts before it are still returned.
    failure: Option<anyhow::Error>,
    /// The device's first record.
    pub greeting: Option<Greeting>,
    /// Rows sent.
    pub rows: u64,
    /// Remarks about the recording: parts left out and odd values, known at its end.
    pub remarks: Vec<String>,
    /// The device's summaries.
    pub summaries: Vec<Summary>,
}

impl Session {
    /// Starts a program on a board, with a detector's name on its command line, and streams a recording into it. With `skips_gaps`, a step of the
    /// timestamps that is a gap is one of the ticks, so that windows of rows begin anew after it. The bytes that come
    /// back are also written to `capture`.
    ///
    /// # Errors
    /// The emulator does not start.
    pub fn start(
        board: &Board,
        program: &Path,
        detector: &str,
        recording: Recording,
        skips_gaps: bool,
        detail: Detail,
        capture: Option<File>,
    ) -> anyhow::Result<Self> {
        Self::with(
            emulator::command_with(board, program, detector),
            recording,
            skips_gaps,
            detail,
            capture,
        )
    }

    fn with(
        mut command: Command,
        recording: Recording,
        skips_gaps: bool,
        detail: Detail,
        capture: Option<File>,
    ) -> anyhow::Result<Self> {
        let opening = Opening {
            variables: u16::try_from(recording.names().len())?,
            detail,
        };
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = emulator::spawn(command)?;
        let input = child.stdin.take().context("standard input of the device")?;
        let output = child
            .stdout
            .take()
            .context("standard output of the device")?;
        let (sender, events) = channel();
        let to_device = sender.clone();
        thread::spawn(move || {
            let result = feed(opening, skips_gaps, recording, input, &to_device);
            let _ = to_device.send(Event::Ended(result));
        });
        thread::spawn(move || {
            let result = listen(output, capture, &sender);
            let _ = sender.send(Event::Ended(result));
        });
        Ok(Self {
            child,
            events,
            waiting: VecDeque::new(),
            early: VecDeque::new(),
            running: 2,
            detail,
            failure: None,
            greeting: None,
            rows: 0,
            remarks: Vec::new(),
            summaries: Vec::new(),
        })
    }

    /// The next verdict; `None` at the end of the recording.
    ///
    /// # Errors
    /// The recording is malformed, or the device failed or fell silent.
    pub fn next_frame(&mut self) -> anyhow::Result<Option<Answered>> {
        loop {
            if let Some(answered) = self.matched() {
                return Ok(Some(answered));
            }
            if self.running == 0 {
                return self.finish().map(|()| None);
            }
            match self.events.recv_timeout(PATIENCE) {
                Ok(Event::Sent(sent)) => {
                    self.rows += 1;
                    self.waiting.push_back(sent);
                }
                Ok(Event::Received(Received::Greeting(greeting))) => {
                    self.greeting = Some(greeting);
                }
                Ok(Event::Received(Received::Frame(record))) => self.early.push_back((record, 0)),
                Ok(Event::Received(Received::Assessed(record, reason))) => {
                    self.early.push_back((record, reason));
                }
                Ok(Event::Received(Received::Readings(_))) => {}
                Ok(Event::Received(Received::Summary(summary))) => self.summaries.push(summary),
                Ok(Event::Remarks(lines)) => self.remarks = lines,
                Ok(Event::Ended(result)) => {
                    self.running -= 1;
                    if let Err(error) = result {
                        self.failure.get_or_insert(error);
                    }
                }
                // A source may be slow; a device that owes an answer may not.
                Err(RecvTimeoutError::Timeout) if self.running == 2 && !self.owes() => {}
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the device said nothing for {} s", PATIENCE.as_secs());
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the session broke off"),
            }
        }
    }

    /// The oldest verdict, if the row it belongs to is known.
    fn matched(&mut self) -> Option<Answered> {
        let answered = self.early.front()?.0.tick;
        while let Some(row) = self.waiting.pop_front() {
            if row.sent == answered {
                let (record, reason) = self.early.pop_front()?;
                let (tick, missing) = (row.tick, row.missing);
                return Some(Answered {
                    record: FrameRecord {
                        tick,
                        missing,
                        ..record
                    },
                    reason,
                    timestamp: row.timestamp,
                });
            }
        }
        None
    }

    /// Whether rows are still unanswered.
    fn owes(&self) -> bool {
        self.detail == Detail::Everything && !self.waiting.is_empty()
    }

    /// The device must have greeted, answered every row that needs an answer and no other, and
    /// ended well.
    fn finish(&mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        let failure = match (self.failure.take(), self.early.front()) {
            (Some(error), _) => Some(error),
            (None, Some((record, _))) => Some(anyhow!(
                "the device answered to tick {}, which was not sent",
                record.tick
            )),
            (None, None) if self.greeting.is_none() => {
                Some(anyhow!("the device did not say what it is"))
            }
            (None, None) if self.owes() => Some(anyhow!(
                "the device left {} rows without an answer",
                self.waiting.len()
            )),
            (None, None) => None,
        };
        match failure {
            Some(error) if status.success() => Err(error),
            Some(error) => Err(error.context(format!("the device ended with {status}"))),
            None if status.success() => Ok(()),
            None => bail!("the device ended with {status}"),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn feed(
    opening: Opening,
    skips_gaps: bool,
    mut recording: Recording,
    mut input: ChildStdin,
    events: &Sender<Event>,
) -> anyhow::Result<()> {
    // Not the error itself: a broken pipe would be taken for a reader of ours that has left.
    let mut send = |bytes: &[u8]| {
        let sent = input.write_all(bytes);
        sent.map_err(|error| anyhow!("the device stopped reading: {error}"))
    };
    let mut buffer = [0; FRAME_MAX];
    send(&opening.to_bytes())?;
    let (mut cadence, mut gaps) = (Cadence::default(), 0);
    while let Some(row) = recording.next_row()? {
        let step = cadence.step(row.timestamp);
        gaps += u64::from(skips_gaps && step == Step::Gap);
        let tick = Tick(row.tick.0 + gaps);
        let absent = |(_, reading): &(usize, &Reading)| reading.usable().is_err();
        let missing = row.readings.iter().enumerate().filter(absent);
        let missing = missing.map(|(k, _)| k).filter(|_| skips_gaps).collect();
        let sent = Event::Sent(Sent {
            sent: tick.0,
            tick: row.tick.0,
            timestamp: row.timestamp.to_owned(),
            missing,
        });
        // First, so that an answer never comes before its row.
        if events.send(sent).is_err() {
            break;
        }
        send(encode(tick, row.readings, &mut buffer))?;
    }
    let _ = events.send(Event::Remarks(recording.remarks()));
    Ok(())
}

fn listen(
    mut output: ChildStdout,
    mut capture: Option<File>,
    events: &Sender<Event>,
) -> anyhow::Result<()> {
    let mut receiver = Receiver::default();
    let mut buffer = [0; 1 << 16];
    loop {
        let got = output.read(&mut buffer)?;
        if let (Some(file), Some(bytes)) = (&mut capture, buffer.get(..got)) {
            file.write_all(bytes)?;
        }
        for byte in buffer.iter().take(got) {
            if let Some(received) = receiver.push(*byte)?
                && events.send(Event::Received(received)).is_err()
            {
                return Ok(());
            }
        }
        if got == 0 {
            return Ok(receiver.end()?);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A session with a shell script in place of a board.
    fn run(script: &str, detail: Detail) -> anyhow::Result<usize> {
        let rows = "timestamp,a\n1,2\n2,3\n3,4\n";
        let recording = Recording::new("test", rows.as_bytes(), None)?;
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let mut session = Session::with(command, recording, false, detail, None)?;
        let mut frames = 0;
        while session.next_frame()?.is_some() {
            frames += 1;
        }
        Ok(frames)
    }

    /// Broken if a device that fails could pass for one that has nothing to say.
    #[test]
    fn a_device_that_fails_in_any_way_is_an_error_that_says_how() {
        for (script, reason) in [
            ("exit 0", "did not say what it is"),
            ("exit 3", "exit status: 3"),
            ("cat >/dev/null; exit 0", "did not say what it is"),
            (
                "cat >/dev/null; head -c 100 /dev/zero | tr '\\0' a",
                "sends no records",
            ),
            ("cat >/dev/null; printf 'abc\\0'; exit 2", "exit status: 2"),
        ] {
            let error = run(script, Detail::Everything).unwrap_err();
            let said = format!("{error:#}");
            assert!(
                said.contains(reason) || said.contains("stopped reading"),
                "{script}: {said}"
            );
        }
    }

    /// The greeting of a device with one variable, as the shell prints it.
    fn greeting() -> String {
        let hello = bellwether::report::Record::Hello {
            detector: bellwether::report::Name::new("rola"),
            variables: 1,
            warm_up: 7,
            sizes: [4, 4, 0],
            state_bytes: 300,
        };
        let bytes = hello.frame();
        let octal = bytes.iter().map(|byte| format!("\\{byte:03o}"));
        format!("printf '{}'", octal.collect::<String>())
    }

    #[test]
    fn silence_is_an_answer_only_where_only_flags_are_asked_for() {
        let script = format!("{}; cat >/dev/null", greeting());
        assert_eq!(run(&script, Detail::Flagged).unwrap(), 0);
        let error = run(&script, Detail::Everything).unwrap_err();
        assert!(
            error.to_string().contains("left 3 rows without an answer"),
            "{error}"
        );
    }
}
