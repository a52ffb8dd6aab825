//! Tools: child processes whose output is read, bounded in time and bytes.
//!
//! A tool has a process group of its own, that is killed when it is late, before it is reaped. One that does not even
//! die (the kernel waits for a device) is kept, and no other is started until it has gone.

use core::time::Duration;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::string::String;
use std::thread;
use std::time::Instant;
use std::vec::Vec;
use std::{fmt, mem};

/// Bytes of one output, at most.
const OUTPUT_MAX: usize = 4 << 20;
/// Bytes of a line, at most.
pub(crate) const LINE_MAX: usize = 1 << 16;
/// Pause before a stream is started again, at least and at most.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(300)];

/// The reason why a tool gave nothing.
#[derive(Debug)]
#[non_exhaustive]
pub enum ToolError {
    /// It cannot be started or read.
    Io(io::Error),
    /// It took too long and was killed.
    Late,
    /// It wrote too much and was killed.
    Long,
    /// It ended without an output that can be used.
    Empty,
    /// The last one was killed and has not gone yet.
    Left,
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(error) => return error.fmt(f),
            Self::Late => "it took too long and was killed",
            Self::Long => "it wrote too much and was killed",
            Self::Empty => "it wrote nothing that can be used",
            Self::Left => "the last one was killed and is still there",
        })
    }
}

impl core::error::Error for ToolError {}

impl From<io::Error> for ToolError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// The one child of a tool.
#[derive(Debug, Default)]
struct Place {
    child: Option<Child>,
}

impl Place {
    /// Starts the tool, unless the last one is still there.
    fn start(&mut self, command: &[String]) -> Result<&mut Child, ToolError> {
        if !self.clear() {
            return Err(ToolError::Left);
        }
        let Some((program, arguments)) = command.split_first() else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no command").into());
        };
        let child = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        Ok(self.child.insert(child))
    }

    /// Whether the last one is gone.
    fn clear(&mut self) -> bool {
        // An error says that it is no child of ours any more.
        let gone = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        if self.child.as_mut().is_some_and(gone) {
            self.child = None;
        }
        self.child.is_none()
    }

    /// Waits for its end.
    fn wait(&mut self, until: Instant) -> bool {
        while !self.clear() {
            if Instant::now() >= until {
                return false;
            }
            thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// Kills it and all that it has started.
    fn kill(&mut self) {
        if !self.clear()
            && let Some(child) = &self.child
        {
            // Not reaped yet, so the number is still its own.
            let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
            self.wait(Instant::now() + Duration::from_millis(100));
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A tool that is run for each reading.
#[derive(Debug)]
pub(crate) struct Tool {
    command: Vec<String>,
    limit: Duration,
    place: Place,
}

impl Tool {
    /// A command with its arguments. No shell is involved.
    pub(crate) fn new(command: Vec<String>, limit: Duration) -> Self {
        let place = Place::default();
        Self {
            command,
            limit,
            place,
        }
    }

    /// Its output.
    pub(crate) fn output(&mut self) -> Result<Vec<u8>, ToolError> {
        let until = Instant::now() + self.limit;
        let pipe = self.place.start(&self.command)?.stdout.take();
        let mut pipe = pipe.ok_or(ToolError::Empty)?;
        let mut output = Vec::new();
        let read = loop {
            match fetch(&mut pipe, &mut output, until) {
                Ok(0) => break Ok(()),
                Ok(_) if output.len() > OUTPUT_MAX => break Err(ToolError::Long),
                Ok(_) => {}
                Err(error) => break Err(error),
            }
        };
        drop(pipe);
        if read.is_err() || !self.place.wait(until) {
            self.place.kill();
        }
        read?;
        if output.is_empty() {
            Err(ToolError::Empty)
        } else {
            Ok(output)
        }
    }
}

/// A tool that goes on and writes lines.
#[derive(Debug)]
pub(crate) struct Stream {
    command: Vec<String>,
    place: Place,
    pipe: Option<ChildStdout>,
    rest: Vec<u8>,
    again: Option<Instant>,
    pause: Duration,
}

impl Stream {
    /// A command with its arguments. No shell is involved.
    pub(crate) fn new(command: Vec<String>) -> Self {
        Self {
            command,
            place: Place::default(),
            pipe: None,
            rest: Vec::new(),
            again: None,
            pause: PAUSES[0],
        }
    }

    /// Takes the lines that it has written, and waits for the first of them at most as long. One that has ended is
    /// started again, after a pause that doubles each time until it writes a line.
    pub(crate) fn lines(
        &mut self,
        wait: Duration,
        mut each: impl FnMut(&[u8]),
    ) -> Result<(), ToolError> {
        if self.pipe.is_none() {
            self.start()?;
        }
        let mut until = Instant::now() + wait;
        let mut taken = 0;
        while let Some(pipe) = &mut self.pipe {
            match fetch(pipe, &mut self.rest, until) {
                Ok(0) => {
                    self.stop();
                    return Err(ToolError::Empty);
                }
                Err(ToolError::Late) => return Ok(()),
                Err(error) => {
                    self.stop();
                    return Err(error);
                }
                Ok(count) => taken += count,
            }
            let lines = mem::take(&mut self.rest);
            let whole = lines
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
            let (whole, rest) = lines.split_at(whole);
            self.rest = rest.to_vec();
            if !whole.is_empty() {
                self.pause = PAUSES[0];
                until = Instant::now();
            }
            whole.split(|byte| *byte == b'\n').for_each(&mut each);
            if taken > OUTPUT_MAX || self.rest.len() > LINE_MAX {
                self.stop();
                return Err(ToolError::Long);
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), ToolError> {
        let now = Instant::now();
        if self.again.is_some_and(|again| now < again) {
            return Err(ToolError::Empty);
        }
        self.again = Some(now + self.pause);
        self.pause = (2 * self.pause).min(PAUSES[1]);
        self.rest.clear();
        self.pipe = self.place.start(&self.command)?.stdout.take();
        Ok(())
    }

    fn stop(&mut self) {
        self.pipe = None;
        self.place.kill();
        self.again = Some(Instant::now() + self.pause);
    }
}

/// Reads once, when there is something; 0 at the end.
fn fetch(pipe: &mut ChildStdout, into: &mut Vec<u8>, until: Instant) -> Result<usize, ToolError> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let left_at_most = Timespec {
            tv_sec: left.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: left.subsec_nanos().into(),
        };
        let mut fds = [PollFd::new(&*pipe, PollFlags::IN)];
        match poll(&mut fds, Some(&left_at_most)) {
            Ok(0) => return Err(ToolError::Late),
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(error) => return Err(io::Error::from(error).into()),
        }
        let mut buffer = [0; 1 << 13];
        let count = pipe.read(&mut buffer)?;
        into.extend_from_slice(buffer.get(..count).unwrap_or_default());
        return Ok(count);
    }
}

#[cfg(test)]
mod tests;
