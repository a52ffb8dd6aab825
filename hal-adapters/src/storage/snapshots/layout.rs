//! The places of snapshots in the flash.

use super::StoreError;
use super::record::CELL;
use embedded_storage::nor_flash::NorFlash;

/// Bytes that are read at once: a whole number of cells, and no piece of a snapshot crosses a multiple of it.
pub(super) const PAGE: usize = bellwether::snapshot::PIECE_BYTES;

/// One of the two halves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Half {
    A,
    B,
}

impl Half {
    /// The other one.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// A place for a snapshot and its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Place {
    pub(super) half: Half,
    pub(super) index: u32,
}

/// A checked region: two halves of equal size, each with as many places.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Layout {
    start: u32,
    half: u32,
    /// Bytes of a place: a record, and whole pages.
    place: u32,
    /// Places of a half.
    each: u32,
}

impl Layout {
    pub(super) fn new<F: NorFlash>(
        flash: &F,
        start: u32,
        length: usize,
        snapshot_max: usize,
    ) -> Result<Self, StoreError<F::Error>> {
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
        let place = snapshot_max.checked_next_multiple_of(PAGE);
        let place = place.and_then(|body| u32::try_from(body.checked_add(CELL)?).ok());
        let (place, length) = place
            .zip(u32::try_from(length).ok())
            .ok_or(StoreError::Region)?;
        let end = start.checked_add(length).ok_or(StoreError::Region)?;
        let half = length / 2;
        let each = half.checked_div(place).unwrap_or(0);
        let fits = (end as usize) <= flash.capacity()
            && start.is_multiple_of(block)
            && length.is_multiple_of(2)
            && half.is_multiple_of(block)
            && each > 0;
        let layout = Self {
            start,
            half,
            place,
            each,
        };
        fits.then_some(layout).ok_or(StoreError::Region)
    }

    /// Places of a half.
    pub(super) const fn each(&self) -> u32 {
        self.each
    }

    /// All places.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let each = self.each;
        let of = move |half| (0..each).map(move |index| Place { half, index });
        of(Half::A).chain(of(Half::B))
    }

    /// The places behind one, in its half.
    pub(super) fn behind(&self, place: Place) -> impl Iterator<Item = Place> + use<> {
        let half = place.half;
        (place.index + 1..self.each).map(move |index| Place { half, index })
    }

    /// The range of a half.
    pub(super) const fn half(&self, half: Half) -> (u32, u32) {
        let from = match half {
            Half::A => self.start,
            Half::B => self.start + self.half,
        };
        (from, from + self.half)
    }

    /// Offset of a place's record.
    pub(super) const fn at(&self, place: Place) -> u32 {
        self.half(place.half).0 + place.index * self.place
    }

    /// The range of a place's snapshot.
    pub(super) const fn body(&self, place: Place) -> (u32, u32) {
        let at = self.at(place);
        (at + CELL as u32, at + self.place)
    }
}
