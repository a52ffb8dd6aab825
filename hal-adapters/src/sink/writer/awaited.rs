//! Records into a byte stream that is awaited.

use super::{WriteError, Writer};
use embedded_io_async::Write;

impl<W: Write> Writer<W> {
    /// The twin of `send` for an embedded-io-async writer, with the same counters and the same repair
    /// of a torn record. A record whose sending is dropped counts neither as sent nor as failed, and
    /// is closed as a torn one.
    ///
    /// # Errors
    /// The writer failed, or took no byte.
    pub async fn send_async(&mut self, record: &[u8]) -> Result<(), WriteError<W::Error>> {
        let closed = match self.torn {
            true => self.write_async(&[0]).await,
            false => Ok(()),
        };
        let result = match closed {
            Ok(()) => self.write_async(record).await,
            failed => failed,
        };
        self.count(result.is_ok());
        result
    }

    /// Waits until the writer has passed on its buffer.
    ///
    /// # Errors
    /// The writer's own error.
    pub async fn flush_async(&mut self) -> Result<(), W::Error> {
        self.inner.flush().await
    }

    async fn write_async(&mut self, mut bytes: &[u8]) -> Result<(), WriteError<W::Error>> {
        while let [_, ..] = bytes {
            // Dropped within the write, it is not known how much of it was sent.
            let before = core::mem::replace(&mut self.torn, true);
            let taken = self.inner.write(bytes).await;
            self.torn = before;
            let taken = taken.map_err(WriteError::Io)?;
            if taken == 0 {
                return Err(WriteError::Stalled);
            }
            bytes = bytes.get(taken..).unwrap_or_default();
            self.torn = !bytes.is_empty();
        }
        Ok(())
    }
}
