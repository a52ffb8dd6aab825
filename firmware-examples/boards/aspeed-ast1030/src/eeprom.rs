//! An EEPROM of the AT24C family, 64 KiB, on an I2C bus.

use embedded_hal::i2c::{Error, ErrorKind, I2c, Operation};

/// Bytes of a page: a write within one takes one cycle of the part.
pub const PAGE: usize = 128;
/// Attempts to address the part while a cycle of up to 5 ms goes on: an attempt takes 20 µs at least, at
/// 400 kHz.
const ATTEMPTS: u32 = 500;

/// The part. It has two bytes of address.
#[derive(Debug)]
pub struct Eeprom<I2C> {
    bus: I2C,
    address: u8,
}

impl<I2C: I2c> Eeprom<I2C> {
    /// The part at an address of the bus.
    pub const fn new(bus: I2C, address: u8) -> Self {
        Self { bus, address }
    }

    /// Writes bytes that lie within one page.
    ///
    /// # Errors
    /// The part did not answer, or the bus failed.
    pub fn write(&mut self, offset: u16, bytes: &[u8]) -> Result<(), ErrorKind> {
        let at = offset.to_be_bytes();
        self.attempt(&mut [Operation::Write(&at), Operation::Write(bytes)])
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// As [`Self::write`].
    pub fn read(&mut self, offset: u16, bytes: &mut [u8]) -> Result<(), ErrorKind> {
        let at = offset.to_be_bytes();
        self.attempt(&mut [Operation::Write(&at), Operation::Read(bytes)])
    }

    /// A transaction, again while the part is busy with a cycle and refuses its address.
    fn attempt(&mut self, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let mut done = Ok(());
        for _ in 0..ATTEMPTS {
            done = self
                .bus
                .transaction(self.address, operations)
                .map_err(|error| error.kind());
            if !matches!(done, Err(ErrorKind::NoAcknowledge(_))) {
                break;
            }
        }
        done
    }
}
