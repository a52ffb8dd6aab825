//! A ring that is drained by senders that are awaited: a DMA, a radio, a UART without a blocking side.

use super::Ring;
use bellwether::report::RECORD_MAX;

/// A copy of the oldest record, which is still in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Peeked<'b> {
    bytes: &'b [u8],
    number: u32,
}

impl<'b> Peeked<'b> {
    /// The record.
    pub const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// The record's number, for [`Ring::release`].
    pub const fn number(&self) -> u32 {
        self.number
    }
}

impl<const N: usize> Ring<N> {
    /// Copies the oldest record, which stays in the ring; `None` if there is none. The buffer is in
    /// RAM, as a DMA needs it.
    pub fn peek<'b>(&self, buffer: &'b mut [u8; RECORD_MAX]) -> Option<Peeked<'b>> {
        let bytes = self.oldest(buffer)?;
        let number = self.removed;
        Some(Peeked { bytes, number })
    }

    /// Removes a record that was sent, and tells whether it was still there: while it was sent, a
    /// full ring may have dropped it for a newer one.
    ///
    /// A ring that others fill meanwhile is borrowed for each step, never over an await:
    ///
    /// ```
    /// use bellwether::{Tick, port::ReportSink, report::{RECORD_MAX, Record}};
    /// use bellwether_hal::Ring;
    /// use core::cell::RefCell;
    /// # embassy_futures::block_on(async {
    /// let record = Record::Verdict { tick: Tick(7), vote_tick: None, lanes: 0, correlations: 0 };
    /// let ring = RefCell::new(Ring::<128>::new()); // firmware: a mutex of the executor
    /// ring.borrow_mut().send(&record.frame()).expect("room");
    ///
    /// let mut wire = Vec::new();
    /// let mut uart = async |bytes: &[u8]| Ok::<_, ()>(wire.extend_from_slice(bytes));
    /// let mut buffer = [0; RECORD_MAX];
    /// loop {
    ///     let Some(peeked) = ring.borrow().peek(&mut buffer) else { break };
    ///     if uart(peeked.bytes()).await.is_err() { break }
    ///     ring.borrow_mut().release(peeked.number());
    /// }
    /// assert_eq!(Record::parse(&wire), Ok(record));
    /// # })
    /// ```
    pub fn release(&mut self, number: u32) -> bool {
        if self.removed != number {
            return false;
        }
        let Some(length) = self.oldest(&mut [0; RECORD_MAX]).map(<[u8]>::len) else {
            return false;
        };
        self.forget(length);
        true
    }

    /// Sends the records through a function that is awaited, oldest first, and returns their number. A
    /// record is removed after it was sent. embassy-nrf's `Uarte`, which is no embedded-io writer,
    /// is served by `ring.drain_async(async |record| uarte.write(record).await)`.
    ///
    /// # Errors
    /// The function's error. The refused record stays in the ring, as does one whose sending was
    /// dropped, and the next call tries it again.
    pub async fn drain_async<E>(
        &mut self,
        mut send: impl AsyncFnMut(&[u8]) -> Result<(), E>,
    ) -> Result<usize, E> {
        let mut sent = 0;
        let mut buffer = [0; RECORD_MAX];
        while let Some(record) = self.oldest(&mut buffer) {
            send(record).await?;
            self.forget(record.len());
            sent += 1;
        }
        Ok(sent)
    }
}
