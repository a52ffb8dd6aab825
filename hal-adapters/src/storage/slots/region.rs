//! The place of the two slots in the flash.

use super::record::{CELL, Cell};
use super::{Slot, SlotError};
use embedded_storage::nor_flash::NorFlash;

/// Cells of a slot's record: the record itself and three marks.
pub(super) const CELLS: u32 = 4;

/// A checked region: two slots of equal size, each with a record, then space for a model.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Region {
    start: u32,
    length: u32,
    /// Bytes of a slot's record, a whole number of erase blocks.
    head: u32,
}

impl Region {
    /// The region of `length` bytes from `start`.
    pub(super) fn new<F: NorFlash>(
        flash: &F,
        start: u32,
        length: usize,
    ) -> Result<Self, SlotError<F::Error>> {
        const {
            assert!(
                CELL.is_multiple_of(F::WRITE_SIZE) && CELL.is_multiple_of(F::READ_SIZE),
                "a cell of 32 bytes is a whole number of the words that are read and written"
            );
            assert!(
                F::ERASE_SIZE.is_multiple_of(CELL),
                "an erase block is a whole number of cells of 32 bytes"
            );
        }
        let block = F::ERASE_SIZE as u32;
        let head = (CELLS * CELL as u32).checked_next_multiple_of(block);
        let (head, length) = head
            .zip(u32::try_from(length).ok())
            .ok_or(SlotError::Region)?;
        let end = start.checked_add(length).ok_or(SlotError::Region)?;
        let slot = length / 2;
        let fits = (end as usize) <= flash.capacity()
            && start.is_multiple_of(block)
            && length.is_multiple_of(2)
            && slot.is_multiple_of(block)
            && slot > head;
        let region = Self {
            start,
            length,
            head,
        };
        fits.then_some(region).ok_or(SlotError::Region)
    }

    /// Bytes of the region.
    pub(super) const fn length(&self) -> usize {
        self.length as usize
    }

    /// Bytes of the largest model.
    pub(super) const fn capacity(&self) -> usize {
        (self.length / 2 - self.head) as usize
    }

    /// The range to erase for a slot's record.
    pub(super) const fn head(&self, slot: Slot) -> (u32, u32) {
        let from = self.start + self.within(slot);
        (from, from + self.head)
    }

    /// Offset of a cell of a slot's record.
    pub(super) const fn cell(&self, slot: Slot, cell: Cell) -> u32 {
        self.head(slot).0 + cell.index() * CELL as u32
    }

    /// Offset of a slot's model.
    pub(super) const fn model_at(&self, slot: Slot) -> u32 {
        self.head(slot).1
    }

    /// The bytes of a slot's model in the mapped region; `None` if there are fewer.
    pub(super) fn model<'m>(&self, mapped: &'m [u8], slot: Slot, length: u32) -> Option<&'m [u8]> {
        let from = (self.within(slot) + self.head) as usize;
        let room = mapped.get(from..from.checked_add(self.capacity())?)?;
        room.get(..length as usize)
    }

    const fn within(&self, slot: Slot) -> u32 {
        match slot {
            Slot::A => 0,
            Slot::B => self.length / 2,
        }
    }
}
