//! Two places in flash for a model, so that a new one can fail: A/B slots with a way back.
//! Bytes and states in `docs/formats/slots.md`.
//!
//! The model is used where it lies, in flash that is mapped into memory. A new one is written
//! into the other slot, is tried at the next boot, and stays only if the firmware confirms it;
//! otherwise the boot after that takes the model before. Power may fail between any two
//! operations of the flash and within them: a confirmed model stays until another is confirmed.
//!
//! ```
//! # use embedded_storage::nor_flash::NorFlash;
//! # use bellwether::Model;
//! # use bellwether_hal::storage::slots::{Slots, SlotError};
//! # fn firmware<F: NorFlash>(
//! #     flash: F, mapped: fn() -> &'static [u8], healthy: bool, update: Option<&[u8]>,
//! # ) -> Result<(), SlotError<F::Error>> {
//! // The region at 0x8_0000 of the flash; `mapped` gives its bytes where the processor sees them.
//! let (mut slots, model) = Slots::boot(flash, 0x8_0000, mapped(), Model::parse)?;
//! // `None`: no model yet; firmware has one of its own for that.
//! if healthy {
//!     slots.confirm()?; // the self-test of a model on trial went well
//! }
//! if let Some(update) = update {
//!     let mut incoming = slots.begin(update.len())?;
//!     for piece in update.chunks(512) {
//!         incoming.write(piece)?;
//!     }
//!     incoming.finish(mapped(), Model::parse)?; // and restart
//! }
//! # Ok(()) }
//! ```

mod error;
mod incoming;
mod record;
mod region;

pub use error::SlotError;
pub use incoming::Incoming;
pub use record::{Record, SLOTS_VERSION};

use bellwether::{Model, ModelError};
use embedded_storage::nor_flash::NorFlash;
use record::{CELL, Cell, ERASED};
use region::Region;

/// One of the two slots: A comes first in flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// What a slot says about its model. Whether the bytes are a model at all is another question,
/// which every boot asks afresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// Nothing: never written, or not to its end.
    Empty,
    /// Written, and not tried yet.
    Written,
    /// Booted once, and neither confirmed nor rejected: the trial is on, or it failed.
    OnTrial,
    /// Confirmed by the firmware that ran it.
    Confirmed,
    /// Rejected, or about to be overwritten.
    Rejected,
}

/// The two slots, and the flash they lie in.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slots<F> {
    flash: F,
    region: Region,
    running: Option<Slot>,
}

impl<F: NorFlash> Slots<F> {
    /// Chooses the model to run, to be called once after every start: the newest that is
    /// confirmed or not tried yet, and that `accept` accepts. One that is tried for the first
    /// time is marked so before it is given out; where that fails, the one before is chosen.
    ///
    /// The region begins at `start` in the flash, a multiple of its erase size, and is as long as
    /// `mapped`: two slots, each a whole number of erase blocks. `mapped` is its bytes where the
    /// processor sees them. They are read here only: afterwards the caller keeps nothing but the
    /// model, for the other slot may be written.
    ///
    /// `accept` is [`Model::parse`], or
    /// `|bytes| Model::parse_signed(bytes, &KEY)`, or what else is asked of a model: variables,
    /// room, a digest. It is also where a reason for a refusal can be logged.
    ///
    /// # Errors
    /// [`SlotError::Region`]. What cannot be read counts as empty.
    pub fn boot<'m>(
        flash: F,
        start: u32,
        mapped: &'m [u8],
        mut accept: impl FnMut(&'m [u8]) -> Result<Model<'m>, ModelError>,
    ) -> Result<(Self, Option<Model<'m>>), SlotError<F::Error>> {
        let region = Region::new(&flash, start, mapped.len())?;
        let mut slots = Self {
            flash,
            region,
            running: None,
        };
        for slot in slots.newest_first() {
            let (Some(record), state) = slots.look(slot) else {
                continue;
            };
            if !matches!(state, State::Confirmed | State::Written) {
                continue;
            }
            let bytes = region.model(mapped, slot, record.length);
            let model = bytes.and_then(|bytes| accept(bytes).ok());
            let Some(model) = model.filter(|model| model.checksum() == record.checksum) else {
                continue;
            };
            if state == State::Written && slots.write(slot, &record, Cell::Tried).is_err() {
                continue;
            }
            slots.running = Some(slot);
            return Ok((slots, Some(model)));
        }
        Ok((slots, None))
    }

    /// The slot whose model was chosen at boot.
    pub const fn running(&self) -> Option<Slot> {
        self.running
    }

    /// Bytes of the largest model.
    pub const fn capacity(&self) -> usize {
        self.region.capacity()
    }

    /// What a slot says about its model.
    pub fn state(&mut self, slot: Slot) -> State {
        self.look(slot).1
    }

    /// Which model a slot holds; `None` where it is empty.
    pub fn record(&mut self, slot: Slot) -> Option<Record> {
        self.look(slot).0
    }

    /// Keeps the model that runs. Until this returns, a restart gives the model before.
    ///
    /// # Errors
    /// [`SlotError::NoModel`], [`SlotError::Decided`] after a rejection, [`SlotError::Flash`],
    /// and from then on [`SlotError::Spent`]: the model must be written again.
    pub fn confirm(&mut self) -> Result<(), SlotError<F::Error>> {
        match self.trial()? {
            (_, _, State::Confirmed) => Ok(()),
            (_, _, State::Rejected) => Err(SlotError::Decided),
            (slot, record, _) => self.write(slot, &record, Cell::Confirmed),
        }
    }

    /// Gives up the model that runs, which is on trial: the next boot takes the one before. It
    /// may run on until then.
    ///
    /// # Errors
    /// [`SlotError::NoModel`], [`SlotError::Decided`] where the model is confirmed (a newer one
    /// takes its place, and nothing else does), [`SlotError::Flash`].
    pub fn reject(&mut self) -> Result<(), SlotError<F::Error>> {
        match self.trial()? {
            (_, _, State::Rejected) => Ok(()),
            (_, _, State::Confirmed) => Err(SlotError::Decided),
            (slot, record, _) => self.write(slot, &record, Cell::Rejected),
        }
    }

    /// Begins to write a model of so many bytes into the slot that does not run, which rejects
    /// what that slot held. The model that runs must be confirmed, for no other is left then.
    ///
    /// # Errors
    /// [`SlotError::Capacity`], [`SlotError::Unconfirmed`], [`SlotError::Flash`].
    pub fn begin(&mut self, length: usize) -> Result<Incoming<'_, F>, SlotError<F::Error>> {
        let (needed, found) = (length, self.capacity());
        if needed > found {
            return Err(SlotError::Capacity { needed, found });
        }
        let slot = match (self.running, self.trial()) {
            (None, _) => self.spare(),
            (Some(slot), Ok((_, _, State::Confirmed))) => slot.other(),
            _ => return Err(SlotError::Unconfirmed),
        };
        // From here on the record must not speak for the bytes: they are going to change.
        match self.look(slot) {
            (None, _) | (_, State::Rejected) => {}
            (Some(record), _) => self.write(slot, &record, Cell::Rejected)?,
        }
        Ok(Incoming::new(self, slot, length))
    }

    /// The flash, back again.
    pub fn into_inner(self) -> F {
        self.flash
    }

    fn trial(&mut self) -> Result<(Slot, Record, State), SlotError<F::Error>> {
        let slot = self.running.ok_or(SlotError::NoModel)?;
        let (record, state) = self.look(slot);
        Ok((slot, record.ok_or(SlotError::NoModel)?, state))
    }

    /// The slot to write where no model runs: not a confirmed one, and else the older.
    fn spare(&mut self) -> Slot {
        let [newer, older] = self.newest_first();
        if self.state(older) == State::Confirmed && self.state(newer) != State::Confirmed {
            newer
        } else {
            older
        }
    }

    fn newest_first(&mut self) -> [Slot; 2] {
        match (self.record(Slot::A), self.record(Slot::B)) {
            (Some(a), Some(b)) if b.is_after(&a) => [Slot::B, Slot::A],
            (None, _) => [Slot::B, Slot::A],
            _ => [Slot::A, Slot::B],
        }
    }

    /// The newest record.
    fn newest(&mut self) -> Option<Record> {
        let [newest, _] = self.newest_first();
        self.record(newest)
    }

    /// What a slot's cells say. A mark that was begun counts, but for the confirmation, which
    /// must be whole.
    fn look(&mut self, slot: Slot) -> (Option<Record>, State) {
        let written = self.read(slot, Cell::Written).ok();
        let Some(record) = written.as_ref().and_then(Record::read) else {
            return (None, State::Empty);
        };
        let mut begun = |cell| self.read(slot, cell) != Ok([ERASED; CELL]);
        let (tried, rejected) = (begun(Cell::Tried), begun(Cell::Rejected));
        let confirmed = self.read(slot, Cell::Confirmed) == Ok(record.cell(Cell::Confirmed));
        let state = match (rejected, confirmed, tried) {
            (true, ..) => State::Rejected,
            (_, true, _) => State::Confirmed,
            (_, _, true) => State::OnTrial,
            _ => State::Written,
        };
        (Some(record), state)
    }

    /// A cell's bytes. Flash with error correction may refuse to read a torn one.
    fn read(&mut self, slot: Slot, cell: Cell) -> Result<[u8; CELL], Unreadable> {
        let mut bytes = [0; CELL];
        let read = self.flash.read(self.region.cell(slot, cell), &mut bytes);
        read.map(|()| bytes).map_err(|_| Unreadable)
    }

    /// Writes a cell that is erased, and reads it back.
    fn write(
        &mut self,
        slot: Slot,
        record: &Record,
        cell: Cell,
    ) -> Result<(), SlotError<F::Error>> {
        if self.read(slot, cell) != Ok([ERASED; CELL]) {
            return Err(SlotError::Spent);
        }
        let bytes = record.cell(cell);
        let written = self.flash.write(self.region.cell(slot, cell), &bytes);
        written.map_err(SlotError::Flash)?;
        let same = self.read(slot, cell) == Ok(bytes);
        same.then_some(()).ok_or(SlotError::Spent)
    }
}

/// A cell could not be read: neither erased nor written.
#[derive(PartialEq)]
struct Unreadable;
