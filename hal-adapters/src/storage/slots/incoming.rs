//! A model that is being written into a slot.

use super::record::{CELL, Cell, ERASED, Record};
use super::{Slot, SlotError, Slots};
use bellwether::{Model, ModelError};
use embedded_storage::nor_flash::NorFlash;

/// A model that is being written, in pieces of any size. Until it is finished, its slot is not
/// chosen at boot.
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Incoming<'s, F> {
    slots: &'s mut Slots<F>,
    slot: Slot,
    length: usize,
    taken: usize,
    buffer: [u8; CELL],
    /// The last four bytes, little-endian: at the end, the model's checksum.
    tail: u32,
    failed: bool,
}

impl<'s, F: NorFlash> Incoming<'s, F> {
    pub(super) const fn new(slots: &'s mut Slots<F>, slot: Slot, length: usize) -> Self {
        Self {
            slots,
            slot,
            length,
            taken: 0,
            buffer: [ERASED; CELL],
            tail: 0,
            failed: false,
        }
    }

    /// The slot being written.
    pub const fn slot(&self) -> Slot {
        self.slot
    }

    /// Appends bytes; the final call completes the flash. Each erase block is erased when it is
    /// reached. Cost: at most one erasure and one block of writes for every erase block of bytes.
    ///
    /// # Errors
    /// [`SlotError::Length`] for more bytes than announced, without taking any;
    /// [`SlotError::Flash`], and from then on [`SlotError::Spent`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SlotError<F::Error>> {
        let found = self.taken.saturating_add(bytes.len());
        if found > self.length {
            let expected = self.length;
            return Err(SlotError::Length { expected, found });
        }
        for byte in bytes {
            if let Some(place) = self.buffer.get_mut(self.taken % CELL) {
                *place = *byte;
            }
            self.tail = self.tail >> 8 | u32::from(*byte) << 24;
            self.taken += 1;
            let filled = self.taken.is_multiple_of(CELL);
            if filled || self.taken == self.length {
                self.put((self.taken - 1) / CELL * CELL)?;
            }
        }
        Ok(())
    }

    /// Checks the model in flash, and only then writes the slot's record, so that the next boot
    /// tries the model. `mapped` is the region's bytes as for [`Slots::boot`], read afresh: a cache
    /// with older bytes must be emptied first.
    ///
    /// # Errors
    /// [`SlotError::Length`], [`SlotError::Model`] with the reason of `accept`,
    /// [`SlotError::Stale`], [`SlotError::Region`] if `mapped` has another length,
    /// [`SlotError::Spent`], [`SlotError::Flash`].
    pub fn finish<'m>(
        self,
        mapped: &'m [u8],
        accept: impl FnOnce(&'m [u8]) -> Result<Model<'m>, ModelError>,
    ) -> Result<Slot, SlotError<F::Error>> {
        let (expected, found) = (self.length, self.taken);
        if found != expected {
            return Err(SlotError::Length { expected, found });
        }
        if self.failed {
            return Err(SlotError::Spent);
        }
        let length = self.length as u32;
        let region = self.slots.region;
        let bytes = region
            .model(mapped, self.slot, length)
            .filter(|_| mapped.len() == region.length())
            .ok_or(SlotError::Region)?;
        let checksum = accept(bytes).map_err(SlotError::Model)?.checksum();
        if checksum != self.tail {
            return Err(SlotError::Stale);
        }
        let sequence = self
            .slots
            .newest()
            .map_or(0, |r| r.sequence.wrapping_add(1));
        let (from, to) = region.head(self.slot);
        self.slots.flash.erase(from, to).map_err(SlotError::Flash)?;
        let record = Record {
            sequence,
            length,
            checksum,
        };
        self.slots.write(self.slot, &record, Cell::Written)?;
        Ok(self.slot)
    }

    /// Writes the buffer at an offset of the model.
    fn put(&mut self, at: usize) -> Result<(), SlotError<F::Error>> {
        if self.failed {
            return Err(SlotError::Spent);
        }
        self.failed = true;
        let offset = self.slots.region.model_at(self.slot) + at as u32;
        if at.is_multiple_of(F::ERASE_SIZE) {
            let end = offset + F::ERASE_SIZE as u32;
            self.slots
                .flash
                .erase(offset, end)
                .map_err(SlotError::Flash)?;
        }
        let written = self.slots.flash.write(offset, &self.buffer);
        written.map_err(SlotError::Flash)?;
        self.buffer = [ERASED; CELL];
        self.failed = false;
        Ok(())
    }
}
