//! A ring of records in memory, until a reader takes them.

pub mod awaited;

use bellwether::port::ReportSink;
use bellwether::report::RECORD_MAX;
use core::fmt;

/// The behaviour of a full ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Full {
    /// Drops as many of the oldest records as needed. The content is the most recent past without a
    /// hole: the end of an event is known, its beginning may be lost.
    #[default]
    DropOldest,
    /// Refuses the new record. The content keeps its beginning, but may have holes: a short record
    /// can fit after a longer one was refused.
    RefuseNew,
}

/// The reason why a ring refused a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RingError {
    /// Full, and set to [`Full::RefuseNew`].
    Full,
    /// Not one framed record: empty, longer than [`RECORD_MAX`], not closed by a zero, or with
    /// a zero inside.
    NotARecord,
}

impl fmt::Display for RingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the ring is full",
            Self::NotARecord => "not one framed record",
        })
    }
}

impl core::error::Error for RingError {}

/// A ring of `N` bytes with whole framed records only: no lengths and no padding, as a record's
/// closing zero is the only zero in it.
///
/// `N` is at least [`RECORD_MAX`], so that every record fits into an empty ring. A new ring with
/// [`Full::DropOldest`] is all zeros, so that a `static` costs no flash. Counters stay at
/// `u32::MAX` once there.
///
/// ```
/// use bellwether::Tick;
/// use bellwether::{port::ReportSink, report::Record};
/// use bellwether_hal::Ring;
/// let record = Record::Verdict { tick: Tick(7), vote_tick: None, lanes: 0, correlations: 0 };
/// let mut ring = Ring::<128>::new();
/// ring.send(&record.frame())?;
/// assert_eq!(ring.pop(Record::parse), Some(Ok(record)));
/// assert_eq!(ring.pop(Record::parse), None);
/// assert_eq!((ring.stored(), ring.dropped(), ring.refused()), (1, 0, 0));
/// # Ok::<(), bellwether_hal::RingError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ring<const N: usize> {
    bytes: [u8; N],
    start: usize,
    used: usize,
    records: usize,
    full: Full,
    stored: u32,
    dropped: u32,
    refused: u32,
    /// Number of the oldest record: of those removed, modulo 2^32.
    removed: u32,
}

impl<const N: usize> Ring<N> {
    /// An empty ring that drops the oldest records when full.
    pub const fn new() -> Self {
        Self::with(Full::DropOldest)
    }

    /// An empty ring with a choice of its behaviour when full.
    pub const fn with(full: Full) -> Self {
        const { assert!(N >= RECORD_MAX, "a ring holds at least one record") };
        Self {
            bytes: [0; N],
            start: 0,
            used: 0,
            records: 0,
            full,
            stored: 0,
            dropped: 0,
            refused: 0,
            removed: 0,
        }
    }

    /// Number of records in the ring.
    pub const fn records(&self) -> usize {
        self.records
    }

    /// Bytes of the records in the ring, at most `N`.
    pub const fn used(&self) -> usize {
        self.used
    }

    /// Whether the ring is empty.
    pub const fn is_empty(&self) -> bool {
        self.records == 0
    }

    /// Number of records stored so far.
    pub const fn stored(&self) -> u32 {
        self.stored
    }

    /// Number of stored records that were dropped for newer ones.
    pub const fn dropped(&self) -> u32 {
        self.dropped
    }

    /// Number of refused records.
    pub const fn refused(&self) -> u32 {
        self.refused
    }

    /// Removes the oldest record and passes it to `read`; `None` if there is none. Cost: a copy of
    /// at most [`RECORD_MAX`] bytes.
    pub fn pop<R>(&mut self, read: impl FnOnce(&[u8]) -> R) -> Option<R> {
        let mut buffer = [0; RECORD_MAX];
        let record = self.oldest(&mut buffer)?;
        self.forget(record.len());
        Some(read(record))
    }

    /// Sends the records to another sink, oldest first, and returns their number. A record is
    /// removed after it was sent.
    ///
    /// # Errors
    /// The sink's error. The refused record stays in the ring, and the next call tries it again.
    pub fn drain_into<S: ReportSink>(&mut self, sink: &mut S) -> Result<usize, S::Error> {
        let mut sent = 0;
        let mut buffer = [0; RECORD_MAX];
        while let Some(record) = self.oldest(&mut buffer) {
            sink.send(record)?;
            self.forget(record.len());
            sent += 1;
        }
        Ok(sent)
    }

    /// Removes all records. Counters stay.
    pub const fn clear(&mut self) {
        self.removed = self.removed.wrapping_add(self.records as u32);
        self.start = 0;
        self.used = 0;
        self.records = 0;
    }

    fn place(&self, index: usize) -> usize {
        let place = self.start + index;
        if place >= N { place - N } else { place }
    }

    /// The oldest record, copied into one piece.
    fn oldest<'b>(&self, buffer: &'b mut [u8; RECORD_MAX]) -> Option<&'b [u8]> {
        for (k, byte) in buffer.iter_mut().enumerate().take(self.used) {
            *byte = *self.bytes.get(self.place(k))?;
            if *byte == 0 {
                return buffer.get(..=k);
            }
        }
        None
    }

    /// Forgets the oldest record, which has this length.
    fn forget(&mut self, length: usize) {
        self.start = self.place(length);
        self.used -= length;
        self.records -= 1;
        self.removed = self.removed.wrapping_add(1);
    }
}

impl<const N: usize> Default for Ring<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> ReportSink for Ring<N> {
    type Error = RingError;

    /// Cost: a copy of the record and a scan of the records it displaces.
    fn send(&mut self, record: &[u8]) -> Result<(), RingError> {
        let framed = matches!(record.split_last(), Some((0, body))
            if !body.is_empty() && !body.contains(&0));
        if !framed || record.len() > RECORD_MAX {
            self.refused = self.refused.saturating_add(1);
            return Err(RingError::NotARecord);
        }
        while N - self.used < record.len() {
            if self.full == Full::RefuseNew {
                self.refused = self.refused.saturating_add(1);
                return Err(RingError::Full);
            }
            match self.oldest(&mut [0; RECORD_MAX]).map(<[u8]>::len) {
                Some(length) => self.forget(length),
                None => self.clear(),
            }
            self.dropped = self.dropped.saturating_add(1);
        }
        for (k, byte) in record.iter().enumerate() {
            let place = self.place(self.used + k);
            if let Some(slot) = self.bytes.get_mut(place) {
                *slot = *byte;
            }
        }
        self.used += record.len();
        self.records += 1;
        self.stored = self.stored.saturating_add(1);
        Ok(())
    }
}
