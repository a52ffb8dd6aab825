//! A recording streamed through a board, and its verdicts read back.

use crate::board::Board;
use crate::board::emulator;
use crate::board::receiver::{Greeting, Received, Receiver};
use crate::record::FrameRecord;
use crate::trace::Trace;
use anyhow::{Context, bail};
use bellwether::report::Detail;
use bellwether_hal::stream::{FRAME_MAX, Opening, encode};
use std::collections::VecDeque;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver as Channel, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

/// Longest silence of a device that is not taken for a failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the threads of a session say.
enum Event {
    /// A row was sent: its tick and its timestamp.
    Sent(u64, String),
    /// Something was received.
    Received(Received),
    /// A thread is done, or failed.
    Ended(anyhow::Result<()>),
}

/// A verdict and the timestamp of its frame.
pub struct Judged {
    /// The verdict.
    pub record: FrameRecord,
    /// As in the recording.
    pub timestamp: String,
}

/// A device at work.
pub struct Session {
    child: Child,
    events: Channel<Event>,
    /// Rows sent and not yet answered, oldest first.
    waiting: VecDeque<(u64, String)>,
    /// Verdicts whose row's message has not come yet.
    early: VecDeque<FrameRecord>,
    running: usize,
    /// The first thing that went wrong. What was judged before it is still handed out.
    failure: Option<anyhow::Error>,
    /// What the device said at its start.
    pub greeting: Option<Greeting>,
    /// Rows sent.
    pub rows: u64,
}

impl Session {
    /// Starts a program on a board and streams a recording into it.
    ///
    /// # Errors
    /// The emulator does not start, or the board has too little room.
    pub fn start(
        board: &Board,
        program: &Path,
        trace: Trace,
        detail: Detail,
    ) -> anyhow::Result<Self> {
        let variables = trace.names().len();
        if variables > board.variables {
            bail!(
                "{} has room for {} variables, the recording has {variables}",
                board.name,
                board.variables
            );
        }
        let opening = Opening {
            variables: u8::try_from(variables)?,
            detail,
        };
        let mut command = emulator::command(board, program);
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
            let result = feed(opening, trace, input, &to_device);
            let _ = to_device.send(Event::Ended(result));
        });
        thread::spawn(move || {
            let result = listen(output, &sender);
            let _ = sender.send(Event::Ended(result));
        });
        Ok(Self {
            child,
            events,
            waiting: VecDeque::new(),
            early: VecDeque::new(),
            running: 2,
            failure: None,
            greeting: None,
            rows: 0,
        })
    }

    /// The next verdict; `None` at the end of the recording.
    ///
    /// # Errors
    /// The recording is malformed, or the device failed or fell silent.
    pub fn next_frame(&mut self) -> anyhow::Result<Option<Judged>> {
        loop {
            if let Some(judged) = self.matched() {
                return Ok(Some(judged));
            }
            if self.running == 0 {
                return self.finish().map(|()| None);
            }
            match self.events.recv_timeout(PATIENCE) {
                Ok(Event::Sent(tick, timestamp)) => {
                    self.rows += 1;
                    self.waiting.push_back((tick, timestamp));
                }
                Ok(Event::Received(Received::Greeting(greeting))) => {
                    self.greeting = Some(greeting);
                }
                Ok(Event::Received(Received::Frame(record))) => self.early.push_back(record),
                Ok(Event::Ended(result)) => {
                    self.running -= 1;
                    if let Err(error) = result {
                        self.failure.get_or_insert(error);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("the device said nothing for {} s", PATIENCE.as_secs());
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the session broke off"),
            }
        }
    }

    /// The oldest verdict, if the row it belongs to is known.
    fn matched(&mut self) -> Option<Judged> {
        let tick = self.early.front()?.tick;
        while let Some((sent, timestamp)) = self.waiting.pop_front() {
            if sent == tick {
                let record = self.early.pop_front()?;
                return Some(Judged { record, timestamp });
            }
        }
        None
    }

    /// The device must have ended well, and answered to rows only.
    fn finish(&mut self) -> anyhow::Result<()> {
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the device ended with {status}");
        }
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        match self.early.front() {
            Some(record) => bail!(
                "the device answered to tick {}, which was not sent",
                record.tick
            ),
            None => Ok(()),
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
    mut trace: Trace,
    input: ChildStdin,
    events: &Sender<Event>,
) -> anyhow::Result<()> {
    let mut input = BufWriter::new(input);
    let mut buffer = [0; FRAME_MAX];
    input.write_all(&opening.to_bytes())?;
    while let Some(row) = trace.next_row()? {
        let sent = Event::Sent(row.tick.0, row.timestamp.to_owned());
        input.write_all(encode(row.tick, row.readings, &mut buffer))?;
        if events.send(sent).is_err() {
            break;
        }
    }
    Ok(input.flush()?)
}

fn listen(mut output: ChildStdout, events: &Sender<Event>) -> anyhow::Result<()> {
    let mut receiver = Receiver::default();
    let mut buffer = [0; 1 << 16];
    loop {
        let got = output.read(&mut buffer)?;
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
