//! A detector's state over a reset: two places in an EEPROM, written in turn.

use crate::eeprom::{Eeprom, PAGE};
use bellwether::error::TransferError;
use bellwether::snapshot::PIECE_BYTES;
use bellwether::{Snapshot, Tick};
use embedded_hal::i2c::{ErrorKind, I2c};

/// Bytes of a place: half of the part.
const PLACE: u16 = 0x8000;
const PLACES: [u16; 2] = [0, PLACE];
// Pieces lie within pages.
const _: () = assert!(PAGE.is_multiple_of(PIECE_BYTES));

/// Two snapshots. A power cut while one is written leaves the other.
#[derive(Debug)]
pub struct Kept<I2C> {
    eeprom: Eeprom<I2C>,
    /// The place to write next.
    next: u16,
}

impl<I2C: I2c> Kept<I2C> {
    /// The snapshots of a part.
    pub const fn new(eeprom: Eeprom<I2C>) -> Self {
        Self { eeprom, next: 0 }
    }

    /// Writes the state over the older snapshot. Returns its bytes.
    ///
    /// # Errors
    /// The part or its bus failed, or the place is too small.
    pub fn save<D: Snapshot>(
        &mut self,
        state: &D,
        rules: &D::Rules<'_>,
    ) -> Result<usize, TransferError<ErrorKind>> {
        const { assert!(D::SNAPSHOT_MAX <= PLACE as usize) };
        let mut at = self.next;
        let saved = state.save_to(rules, &mut |piece| {
            self.eeprom.write(at, piece)?;
            at = at.wrapping_add(PIECE_BYTES as u16);
            Ok(())
        })?;
        self.next ^= PLACE;
        Ok(saved)
    }

    /// Restores the newer snapshot. `None`: there is none, and the state is new.
    pub fn restore<D: Snapshot>(&mut self, state: &mut D, rules: &D::Rules<'_>) -> Option<Tick> {
        let [first, second] = PLACES.map(|place| self.restore_from(place, state, rules));
        // The state is that of the second place now, if there is one.
        self.next = if second > first { 0 } else { PLACE };
        match (first, second) {
            (Some(first), Some(second)) if first > second => self.restore_from(0, state, rules),
            (first, second) => second.or(first),
        }
    }

    fn restore_from<D: Snapshot>(
        &mut self,
        place: u16,
        state: &mut D,
        rules: &D::Rules<'_>,
    ) -> Option<Tick> {
        let mut read = |offset: usize, piece: &mut [u8]| {
            self.eeprom.read(place.wrapping_add(offset as u16), piece)
        };
        state.restore_from(rules, &mut read).ok()
    }
}
