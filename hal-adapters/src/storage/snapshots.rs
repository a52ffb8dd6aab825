//! Snapshots of a detector in two halves of a flash region, with a way back to the last good one.
//!
//! Each half holds as many snapshots as fit, one behind the other, and is erased when the other one is full. A
//! snapshot counts once its record is written, behind its bytes. Power may fail between any two operations of the
//! flash and within them: the state before or the new one is there. Bytes in `docs/formats/snapshots-in-flash.md`.
//!
//! ```
//! # use embedded_storage::nor_flash::NorFlash;
//! # use bellwether::{Reading, Sigma, Snapshot, Tick, Detector, sigma};
//! # use bellwether_hal::storage::snapshots::{Snapshots, StoreError};
//! # fn firmware<F: NorFlash>(flash: F, frame: &[Reading]) -> Result<(), StoreError<F::Error>> {
//! # let rules = sigma::Rules::<3>::try_from(sigma::Settings::DEFAULT).map_err(|_| StoreError::Region)?;
//! # let mut detector = Sigma::<3>::new();
//! // Two blocks of 4 KB at 0x8_0000 of the flash.
//! let length = Sigma::<3>::SNAPSHOT_MAX;
//! let mut snapshots = Snapshots::open(flash, 0x8_0000, 2 * 4096, length)?;
//! let mut tick = snapshots.restore(&mut detector, &rules)?.map_or(Tick(0), |of| of.tick);
//! loop {
//!     detector.observe(&rules, tick, frame);
//!     if tick.0 % 3600 == 3599 {
//!         snapshots.save(&detector, &rules)?;
//!     }
//!     tick.0 += 1;
//! #   break;
//! }
//! # Ok(()) }
//! ```

mod error;
mod layout;
mod record;

pub use error::StoreError;
pub use record::STORE_VERSION;

use bellwether::{Snapshot, SnapshotError, Tick, TransferError};
use embedded_storage::nor_flash::NorFlash;
use layout::{Layout, PAGE, Place};
use record::{CELL, ERASED, Record};

/// A restored snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Restored {
    /// The tick to go on from.
    pub tick: Tick,
    /// Newer snapshots that are whole and that the detector refused, as one of another detector.
    pub refused: u32,
}

/// The snapshots of a region.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Snapshots<F> {
    flash: F,
    layout: Layout,
    /// The newest one whose bytes are whole.
    newest: Option<(Place, Record)>,
}

impl<F: NorFlash> Snapshots<F> {
    /// Looks at a region and reads all of its newest snapshot. To be called once after every start.
    ///
    /// The region begins at `start` in the flash, a multiple of its erase size, and has two halves of whole erase
    /// blocks in `length` bytes. `snapshot_max` is [`Snapshot::SNAPSHOT_MAX`] of the detector that is saved; another
    /// value moves the places of snapshots, so that those of before are not found.
    ///
    /// # Errors
    /// [`StoreError::Region`], or [`StoreError::Flash`] if nothing at all can be read.
    pub fn open(
        flash: F,
        start: u32,
        length: usize,
        snapshot_max: usize,
    ) -> Result<Self, StoreError<F::Error>> {
        let layout = Layout::new(&flash, start, length, snapshot_max)?;
        let mut snapshots = Self {
            flash,
            layout,
            newest: None,
        };
        snapshots.look()?;
        Ok(snapshots)
    }

    /// Saves a state behind the newest snapshot, and reads it back. The halves' blocks are erased only when their
    /// snapshots are all older ones. Cost: the bytes of the snapshot, and every [`Self::saves_per_erasure`] saves the
    /// erasure of each block.
    ///
    /// # Errors
    /// [`StoreError::Capacity`], [`StoreError::Flash`] or [`StoreError::Differs`]: the snapshot before stays, and
    /// the next call tries elsewhere.
    pub fn save<D: Snapshot>(
        &mut self,
        detector: &D,
        rules: &D::Rules<'_>,
    ) -> Result<(), StoreError<F::Error>> {
        let place = self.free()?;
        let (at, end) = self.layout.body(place);
        let mut put = Put {
            flash: &mut self.flash,
            at,
            end,
            digest: record::DIGEST,
            length: 0,
        };
        let saved = detector.save_to(rules, &mut |piece| put.piece(piece));
        let (length, checksum) = (put.length, put.digest.finish());
        saved.map_err(|error| match error {
            TransferError::Storage(error) => error,
            TransferError::Snapshot(error) => StoreError::Refused(error),
        })?;
        let record = Record {
            sequence: self.sequence(),
            length,
            checksum,
        };
        if !self.is_whole(place, &record) {
            return Err(StoreError::Differs);
        }
        let cell = record.cell();
        let at = self.layout.at(place);
        self.flash.write(at, &cell).map_err(StoreError::Flash)?;
        if self.cell(at).ok() != Some(cell) {
            return Err(StoreError::Differs);
        }
        self.newest = Some((place, record));
        Ok(())
    }

    /// Restores the newest snapshot that is whole and that the detector takes; `None` without a snapshot.
    ///
    /// # Errors
    /// [`StoreError::Refused`] with the reason of the newest one if the detector takes none. The state is
    /// unchanged, except after [`StoreError::Flash`], which leaves it unchanged or new.
    pub fn restore<D: Snapshot>(
        &mut self,
        detector: &mut D,
        rules: &D::Rules<'_>,
    ) -> Result<Option<Restored>, StoreError<F::Error>> {
        let (mut next, mut first) = (self.before(None), None);
        let mut refused = 0;
        while let Some((place, record)) = next {
            let restored =
                detector.restore_from(rules, &mut |offset, piece| self.piece(place, offset, piece));
            match restored {
                Ok(tick) => {
                    self.newest = next;
                    return Ok(Some(Restored { tick, refused }));
                }
                Err(TransferError::Storage(error)) => return Err(StoreError::Flash(error)),
                Err(TransferError::Snapshot(error)) => first = first.or(Some(error)),
            }
            refused += 1;
            next = self.before(Some(record.sequence));
        }
        first.map_or(Ok(None), |error: SnapshotError| {
            Err(StoreError::Refused(error))
        })
    }

    /// Snapshots of the region: after as many saves, each block was erased once.
    pub const fn saves_per_erasure(&self) -> u32 {
        2 * self.layout.each()
    }

    /// Erasures of each block in 30 days, rounded up, if a snapshot is saved every `minutes` minutes.
    ///
    /// A detector of 300 bytes in two blocks of 4 KB has 22 places: saved every hour, 33 erasures a month, so that
    /// flash of 10,000 erasures lasts for 25 years.
    pub fn erasures_per_month(&self, minutes: u32) -> u32 {
        const MONTH: u32 = 30 * 24 * 60;
        let saves = MONTH.div_ceil(minutes.max(1));
        saves.div_ceil(self.saves_per_erasure().max(1))
    }

    /// Returns the flash.
    pub fn into_inner(self) -> F {
        self.flash
    }

    /// Finds the newest snapshot. A record that cannot be read counts as torn, unless none can.
    fn look(&mut self) -> Result<(), StoreError<F::Error>> {
        let (mut failed, mut lit) = (None, false);
        for place in self.layout.places() {
            match self.cell(self.layout.at(place)) {
                Ok(_) => lit = true,
                Err(error) => failed = Some(error),
            }
        }
        if let (false, Some(error)) = (lit, failed) {
            return Err(StoreError::Flash(error));
        }
        self.newest = self.before(None);
        Ok(())
    }

    /// The newest snapshot older than a sequence, if its bytes are whole; else the one before it.
    fn before(&mut self, mut bound: Option<u32>) -> Option<(Place, Record)> {
        loop {
            let mut found: Option<(Place, Record)> = None;
            for place in self.layout.places() {
                let cell = self.cell(self.layout.at(place)).ok();
                let Some(record) = cell.as_ref().and_then(Record::read) else {
                    continue;
                };
                let is_older = bound.is_none_or(|bound| record.sequence < bound);
                let is_newer = found.is_none_or(|(_, of)| record.sequence > of.sequence);
                if is_older && is_newer {
                    found = Some((place, record));
                }
            }
            let (place, record) = found?;
            if self.is_whole(place, &record) {
                return Some((place, record));
            }
            bound = Some(record.sequence);
        }
    }

    /// One more than that of every record, whole or not.
    fn sequence(&mut self) -> u32 {
        let mut most = None;
        for place in self.layout.places() {
            let cell = self.cell(self.layout.at(place)).ok();
            most = most.max(cell.as_ref().and_then(Record::read).map(|of| of.sequence));
        }
        most.map_or(0, |most| most.saturating_add(1))
    }

    /// An erased place behind the newest snapshot, or the first one of the other half, which is erased for it.
    fn free(&mut self) -> Result<Place, StoreError<F::Error>> {
        if self.newest.is_none() {
            self.look()?;
        }
        let half = match self.newest {
            Some((newest, _)) => {
                let behind = self.layout.behind(newest);
                for place in behind {
                    if self.is_erased(place) {
                        return Ok(place);
                    }
                }
                newest.half.other()
            }
            // Nothing is lost: what is here is no snapshot.
            None => layout::Half::A,
        };
        let (from, to) = self.layout.half(half);
        self.flash.erase(from, to).map_err(StoreError::Flash)?;
        Ok(Place { half, index: 0 })
    }

    fn is_erased(&mut self, place: Place) -> bool {
        let (at, (_, end)) = (self.layout.at(place), self.layout.body(place));
        let mut cells = (at..end).step_by(CELL);
        cells.all(|at| self.cell(at).is_ok_and(|cell| cell == [ERASED; CELL]))
    }

    /// Whether a snapshot's bytes have its checksum.
    fn is_whole(&mut self, place: Place, record: &Record) -> bool {
        let (at, end) = self.layout.body(place);
        if record.length > end - at {
            return false;
        }
        let (mut digest, mut left) = (record::DIGEST, record.length as usize);
        for at in (at..end).step_by(CELL) {
            if left == 0 {
                break;
            }
            let Ok(cell) = self.cell(at) else {
                return false;
            };
            let used = cell.get(..left).unwrap_or(&cell);
            digest.update(used);
            left -= used.len();
        }
        left == 0 && digest.finish() == record.checksum
    }

    /// Bytes of a snapshot from an offset on, all within one page.
    fn piece(&mut self, place: Place, offset: usize, piece: &mut [u8]) -> Result<(), F::Error> {
        let (at, _) = self.layout.body(place);
        let (page, within) = (offset - offset % PAGE, offset % PAGE);
        let mut bytes = [0; PAGE];
        self.read(at + page as u32, &mut bytes)?;
        let bytes = bytes.iter().skip(within);
        for (place, byte) in piece.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Ok(())
    }

    fn cell(&mut self, at: u32) -> Result<[u8; CELL], F::Error> {
        let mut bytes = [0; CELL];
        self.read(at, &mut bytes).map(|()| bytes)
    }

    /// Tried twice, because a snapshot that cannot be read is taken for a torn one.
    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), F::Error> {
        let read = self.flash.read(at, bytes);
        read.or_else(|_| self.flash.read(at, bytes))
    }
}

/// A snapshot on its way into the flash.
struct Put<'f, F> {
    flash: &'f mut F,
    /// Place of the next piece.
    at: u32,
    end: u32,
    digest: record::Digest,
    length: u32,
}

impl<F: NorFlash> Put<'_, F> {
    /// Writes a piece: whole pages, but for the last one.
    fn piece(&mut self, piece: &[u8]) -> Result<(), StoreError<F::Error>> {
        let room = (self.end - self.at) as usize;
        if piece.len() > room {
            let found = self.length as usize + room;
            return Err(StoreError::Capacity { found });
        }
        for part in piece.chunks(CELL) {
            let mut cell = [ERASED; CELL];
            for (place, byte) in cell.iter_mut().zip(part) {
                *place = *byte;
            }
            self.flash
                .write(self.at, &cell)
                .map_err(StoreError::Flash)?;
            self.at += CELL as u32;
        }
        self.digest.update(piece);
        self.length += piece.len() as u32;
        Ok(())
    }
}
