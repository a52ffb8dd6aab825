//! Telemetry of power supplies and hot-swap controllers over PMBus.
//!
//! Source: PMBus Power System Management Protocol Specification, Part II, revision 1.2: the formats in
//! sections 7 and 8, the commands in appendix I. A measurement is SMBus Read Word: the command is written, and
//! after a repeated start two bytes are read, the low one first. There is no packet error code, and no PAGE:
//! of a device with several outputs, the selected one is read.
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c) {
//! use bellwether_hal::Checked;
//! use bellwether_hal::driver::pmbus::{Command, Format, Pmbus};
//! let supply = Pmbus::new(bus, 0x10, Command::ReadVin, Format::Linear11);
//! let supply = Checked::new(supply, 0.0..=60.0); // V
//! # }
//! ```

pub mod direct;
pub mod linear;

pub use direct::Direct;
pub use linear::Linear16;

use crate::Sensors;
use embedded_hal::i2c::{Error, ErrorKind, I2c};

/// Code of VOUT_MODE.
const VOUT_MODE: u8 = 0x20;

/// A quantity that a device measures, by the code of its command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(u8)]
pub enum Command {
    /// Input voltage, in V.
    ReadVin = 0x88,
    /// Output voltage, in V.
    ReadVout = 0x8B,
    /// Output current, in A.
    ReadIout = 0x8C,
    /// Temperature of the first sensor, in °C.
    ReadTemperature1 = 0x8D,
    /// Input power, in W.
    ReadPin = 0x97,
}

/// Number format of a word. The device's data sheet states it for each command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Format {
    /// A mantissa with its own exponent.
    Linear11,
    /// An output voltage with the exponent of VOUT_MODE.
    Linear16(Linear16),
    /// A line with the coefficients of the data sheet.
    Direct(Direct),
}

impl Format {
    /// Value of a word, in the unit of its command.
    pub const fn decode(self, word: u16) -> f32 {
        match self {
            Self::Linear11 => linear::linear11(word),
            Self::Linear16(format) => format.decode(word),
            Self::Direct(format) => format.decode(word),
        }
    }
}

/// One quantity of one device, as a sensor.
///
/// Costs one transaction: a byte written, two read. Sensors of one device share its bus through the
/// devices of `embedded-hal-bus`.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pmbus<I2C> {
    bus: I2C,
    address: u8,
    command: Command,
    format: Format,
}

impl<I2C> Pmbus<I2C> {
    /// A quantity of the device at a 7-bit address.
    pub const fn new(bus: I2C, address: u8, command: Command, format: Format) -> Self {
        Self {
            bus,
            address,
            command,
            format,
        }
    }

    /// Returns the bus.
    pub fn into_bus(self) -> I2C {
        self.bus
    }
}

impl<I2C: I2c> Sensors<1> for Pmbus<I2C> {
    type Error = ErrorKind;

    fn measure(&mut self) -> Result<[f32; 1], ErrorKind> {
        let mut word = [0; 2];
        let command = [self.command as u8];
        let read = self.bus.write_read(self.address, &command, &mut word);
        read.map_err(|error| error.kind())?;
        Ok([self.format.decode(u16::from_le_bytes(word))])
    }
}

/// VOUT_MODE of a device, for [`Linear16::of_vout_mode`]. Costs one transaction: a byte written, one read.
///
/// # Errors
/// The kind of the bus error.
pub fn vout_mode(bus: &mut impl I2c, address: u8) -> Result<u8, ErrorKind> {
    let mut mode = [0];
    let read = bus.write_read(address, &[VOUT_MODE], &mut mode);
    read.map_err(|error| error.kind())?;
    let [mode] = mode;
    Ok(mode)
}
