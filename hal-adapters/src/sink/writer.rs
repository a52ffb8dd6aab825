//! Records into a byte stream: a UART, a socket, a file.

#[cfg(feature = "async")]
mod awaited;

use bellwether::port::ReportSink;
use core::fmt;
use embedded_io::Write;

/// The reason why a record was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WriteError<E> {
    /// The writer's own error.
    Io(E),
    /// The writer took no byte without an error, against its contract.
    Stalled,
}

impl<E: fmt::Display> fmt::Display for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Stalled => f.write_str("the writer takes no bytes"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for WriteError<E> {}

/// A sink that sends records to an embedded-io writer. It blocks as long as the writer does, tries
/// once, and flushes on request only.
///
/// A stream cannot take bytes back: if the writer fails within a record, the first part is already
/// sent. The next record then begins with a zero, which closes the torn one. A reader discards the
/// torn record by its checksum and reads the next one whole. If only the closing zero was missing,
/// the record reported as failed arrives after all.
///
/// ```
/// use bellwether::{port::ReportSink, report::Record, sample::Tick};
/// use bellwether_hal::Writer;
/// let record = Record::Verdict { tick: Tick(7), vote_tick: None, lanes: 0, correlations: 0 };
/// let mut wire = [0; 64];
/// let mut writer = Writer::new(&mut wire[..]);
/// assert!(writer.send(&record.frame()).is_ok());
/// assert_eq!((writer.sent(), writer.failed()), (1, 0));
/// assert_eq!(Record::parse(&wire[..record.frame().len()]), Ok(record));
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Writer<W> {
    inner: W,
    /// Whether a record was sent without its closing zero.
    torn: bool,
    sent: u32,
    failed: u32,
}

impl<W> Writer<W> {
    /// A sink that writes to `inner`.
    pub const fn new(inner: W) -> Self {
        Self {
            inner,
            torn: false,
            sent: 0,
            failed: 0,
        }
    }

    /// Number of records sent whole. Stays at `u32::MAX` once there.
    pub const fn sent(&self) -> u32 {
        self.sent
    }

    /// Number of failed records. Stays at `u32::MAX` once there.
    pub const fn failed(&self) -> u32 {
        self.failed
    }

    /// The writer.
    pub const fn inner(&self) -> &W {
        &self.inner
    }

    /// The writer, to configure it between records.
    pub const fn inner_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    const fn count(&mut self, sent: bool) {
        let counter = match sent {
            true => &mut self.sent,
            false => &mut self.failed,
        };
        *counter = counter.saturating_add(1);
    }

    /// Returns the writer. A torn record stays torn.
    pub fn into_inner(self) -> W {
        self.inner
    }
}

impl<W: Write> Writer<W> {
    /// Waits until the writer has passed on its buffer.
    ///
    /// # Errors
    /// The writer's own error.
    pub fn flush(&mut self) -> Result<(), W::Error> {
        self.inner.flush()
    }

    /// Writes all bytes. Not `write_all`, which panics if a writer takes none.
    fn write(&mut self, mut bytes: &[u8]) -> Result<(), WriteError<W::Error>> {
        while let [_, ..] = bytes {
            let taken = self.inner.write(bytes).map_err(WriteError::Io)?;
            if taken == 0 {
                return Err(WriteError::Stalled);
            }
            bytes = bytes.get(taken..).unwrap_or_default();
            self.torn = !bytes.is_empty();
        }
        Ok(())
    }
}

impl<W: Write> ReportSink for Writer<W> {
    type Error = WriteError<W::Error>;

    /// Cost: writing the record, and one zero after a torn one.
    fn send(&mut self, record: &[u8]) -> Result<(), Self::Error> {
        let closed = if self.torn { self.write(&[0]) } else { Ok(()) };
        let result = closed.and_then(|()| self.write(record));
        self.count(result.is_ok());
        result
    }
}
