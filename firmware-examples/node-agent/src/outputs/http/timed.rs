//! A connection that lasts a bounded time.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A stream whose reads and writes fail after its end, however slowly the other side trickles.
#[derive(Debug)]
pub struct Timed {
    stream: TcpStream,
    end: Instant,
}

impl Timed {
    pub const fn new(stream: TcpStream, end: Instant) -> Self {
        Self { stream, end }
    }

    fn left(&self) -> io::Result<Duration> {
        match self.end.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(io::ErrorKind::TimedOut.into()),
            left => Ok(left),
        }
    }

    /// Closes it so that the answer arrives: what the client still sends is read for a moment and thrown away,
    /// since closing in front of unread bytes would reset the connection.
    pub fn close(mut self) {
        let moment = Instant::now() + Duration::from_secs(1);
        self.end = self.end.min(moment);
        if self.stream.shutdown(std::net::Shutdown::Write).is_ok() {
            let mut unread = [0; 1024];
            // As much as a request with a body may have in flight; more is cut off.
            for _ in 0..64 {
                match self.read(&mut unread) {
                    Ok(1..) => {}
                    Ok(0) | Err(_) => return,
                }
            }
        }
    }
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.left()?))?;
        self.stream.read(into)
    }
}

impl Write for Timed {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(Some(self.left()?))?;
        self.stream.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
