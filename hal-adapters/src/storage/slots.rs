//! A/B slots in flash for a model, with a way back from a new one that fails.
//!
//! The model is used in place, in flash that is mapped into memory. A new one is written into the
//! other slot and tried at the next boot. It stays only if the firmware confirms it; otherwise the
//! boot after that takes the model before. Power may fail between any two operations of the flash
//! and within them: a confirmed model stays until another is confirmed. Bytes and states in
//! `docs/formats/slots.md`.
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

/// The state of a slot's model according to its record. Every boot checks afresh whether the bytes
/// are a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// Never written, or not to the end.
    Empty,
    /// Written, but not yet tried.
    Written,
    /// Booted once, but neither confirmed nor rejected: the trial is in progress, or it failed.
    OnTrial,
    /// Confirmed by the firmware during its run.
    Confirmed,
    /// Rejected, or about to be overwritten.
    Rejected,
}

/// The two slots and their flash.
///
/// ```
/// # use bellwether::model::Aligned;
/// # use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
/// # use std::{cell::RefCell, rc::Rc};
/// # const UPDATE: &[u8] = include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/../core/examples/pump.bwm"
/// # ));
/// # /// Flash in memory.
/// # #[derive(Clone, Debug)]
/// # struct Flash(Rc<RefCell<Aligned<[u8; 2048]>>>);
/// # impl Flash {
/// #     fn mapped(&self) -> Aligned<[u8; 2048]> {
/// #         *self.0.borrow()
/// #     }
/// # }
/// # impl ErrorType for Flash {
/// #     type Error = NorFlashErrorKind;
/// # }
/// # impl ReadNorFlash for Flash {
/// #     const READ_SIZE: usize = 1;
/// #     fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
/// #         let at = at as usize;
/// #         bytes.copy_from_slice(&self.0.borrow().0[at..at + bytes.len()]);
/// #         Ok(())
/// #     }
/// #     fn capacity(&self) -> usize {
/// #         2048
/// #     }
/// # }
/// # impl NorFlash for Flash {
/// #     const WRITE_SIZE: usize = 4;
/// #     const ERASE_SIZE: usize = 512;
/// #     fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
/// #         self.0.borrow_mut().0[from as usize..to as usize].fill(0xff);
/// #         Ok(())
/// #     }
/// #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
/// #         let at = at as usize;
/// #         self.0.borrow_mut().0[at..at + bytes.len()].copy_from_slice(bytes);
/// #         Ok(())
/// #     }
/// # }
/// # let flash = Flash(Rc::new(RefCell::new(Aligned([0xff; 2048]))));
/// use bellwether::Model;
/// use bellwether_hal::Slots;
/// // `flash` is a driver, `flash.mapped()` its bytes as the processor sees them.
/// let mapped = flash.mapped();
/// let (mut slots, model) = Slots::boot(flash.clone(), 0, &mapped.0, Model::parse)?;
/// assert!(model.is_none() && slots.running().is_none());
/// let mut incoming = slots.begin(UPDATE.len())?;
/// incoming.write(UPDATE)?;
/// incoming.finish(&flash.mapped().0, Model::parse)?;
///
/// let mapped = flash.mapped(); // after a restart
/// let (mut slots, model) = Slots::boot(flash.clone(), 0, &mapped.0, Model::parse)?;
/// assert_eq!(model.map(|model| model.feature_count()), Some(2));
/// slots.confirm()?; // after a self-test; without it, the next boot takes the model before
/// # Ok::<(), bellwether_hal::storage::slots::SlotError<NorFlashErrorKind>>(())
/// ```
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slots<F> {
    flash: F,
    region: Region,
    running: Option<Slot>,
}

impl<F: NorFlash> Slots<F> {
    /// Chooses the model to run: the newest one that is confirmed or untried, and that `accept`
    /// accepts. To be called once after every start. An untried model is marked as tried before it
    /// is returned; if marking fails, the model before is chosen.
    ///
    /// The region begins at `start` in the flash, a multiple of its erase size, and is as long as
    /// `mapped`: two slots, each a whole number of erase blocks. `mapped` is its bytes as the
    /// processor sees them. Only this call reads them: afterwards the caller keeps the model only,
    /// because the other slot may be written.
    ///
    /// `accept` is [`Model::parse`], `|bytes| Model::parse_signed(bytes, &KEY)`, or a closure with
    /// further demands on a model: variables, arena, a digest. It can also log the reason of a
    /// refusal.
    ///
    /// # Errors
    /// [`SlotError::Region`]. Unreadable cells count as empty.
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

    /// The state of a slot's model.
    pub fn state(&mut self, slot: Slot) -> State {
        self.look(slot).1
    }

    /// The record of a slot's model; `None` if the slot is empty.
    pub fn record(&mut self, slot: Slot) -> Option<Record> {
        self.look(slot).0
    }

    /// Confirms the running model. Until this returns, a restart takes the model before.
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

    /// Rejects the running model, which is on trial: the next boot takes the one before. It may run
    /// until then.
    ///
    /// # Errors
    /// [`SlotError::NoModel`], [`SlotError::Decided`] if the model is confirmed (only a newer one
    /// can replace it), [`SlotError::Flash`].
    pub fn reject(&mut self) -> Result<(), SlotError<F::Error>> {
        match self.trial()? {
            (_, _, State::Rejected) => Ok(()),
            (_, _, State::Confirmed) => Err(SlotError::Decided),
            (slot, record, _) => self.write(slot, &record, Cell::Rejected),
        }
    }

    /// Begins to write a model of `length` bytes into the other slot, and rejects that slot's
    /// model. The running model must be confirmed, because no other is left then.
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
        // From here on the record must not vouch for the bytes, which are going to change.
        match self.look(slot) {
            (None, _) | (_, State::Rejected) => {}
            (Some(record), _) => self.write(slot, &record, Cell::Rejected)?,
        }
        Ok(Incoming::new(self, slot, length))
    }

    /// Returns the flash.
    pub fn into_inner(self) -> F {
        self.flash
    }

    fn trial(&mut self) -> Result<(Slot, Record, State), SlotError<F::Error>> {
        let slot = self.running.ok_or(SlotError::NoModel)?;
        let (record, state) = self.look(slot);
        Ok((slot, record.ok_or(SlotError::NoModel)?, state))
    }

    /// The slot to write if no model runs: an unconfirmed one, else the older.
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

    /// The state in a slot's cells. A partly written mark counts, except for the confirmation,
    /// which must be whole.
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
