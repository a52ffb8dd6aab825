//! The LM75 family of temperature sensors on an I2C bus, through the driver crate `lm75`.
//!
//! The driver needs embedded-hal 1.0 only, and reads in one bus transaction without waiting. It
//! covers the commonest temperature sensor, with two dozen compatible parts. `tmp1x2` is as well
//! maintained and has a finer resolution, but depends on a macro crate and on `nb`. A closure
//! around it is a sensor too.
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c) {
//! use bellwether_hal::{Checked, driver::lm75::RANGE_C};
//! let inlet = Checked::new(lm75::Lm75::new(bus, 0x48), RANGE_C);
//! # }
//! ```

use crate::Sensors;
use core::ops::RangeInclusive;
use embedded_hal::i2c::{ErrorKind, I2c};
use lm75::{Error, Lm75, ic};

/// Measuring range of the parts, in °C. The register's range is -128 to 127.875.
pub const RANGE_C: RangeInclusive<f32> = -55.0..=125.0;

/// °C in steps of 0.5. Costs one transaction: a byte written, two read.
impl<I2C: I2c> Sensors<1> for Lm75<I2C, ic::Lm75> {
    type Error = ErrorKind;

    fn measure(&mut self) -> Result<[f32; 1], ErrorKind> {
        self.read_temperature().map(|t| [t]).map_err(kind)
    }
}

/// °C in steps of 0.125. Costs one transaction: a byte written, two read.
impl<I2C: I2c> Sensors<1> for Lm75<I2C, ic::Pct2075> {
    type Error = ErrorKind;

    fn measure(&mut self) -> Result<[f32; 1], ErrorKind> {
        self.read_temperature().map(|t| [t]).map_err(kind)
    }
}

/// The kind of a bus error: one type on every board, which can be copied and compared.
fn kind<E: embedded_hal::i2c::Error>(error: Error<E>) -> ErrorKind {
    match error {
        Error::I2C(error) => error.kind(),
        // Only setters return this.
        Error::InvalidInputData => ErrorKind::Other,
    }
}
