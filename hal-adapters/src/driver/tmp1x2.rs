//! The TMP102 and TMP112 temperature sensors, through the driver crate `tmp1x2`.
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c) {
//! use bellwether_hal::{Checked, driver::tmp1x2::TEMPERATURE};
//! use tmp1x2::{SlaveAddr, Tmp1x2};
//! let inlet = Checked::with(Tmp1x2::new(bus, SlaveAddr::default()), [TEMPERATURE]);
//! # }
//! ```

use super::error::DriverError;
use crate::{Measurand, Sensors};
use embedded_hal::i2c::I2c;
use tmp1x2::marker::mode::Continuous;
use tmp1x2::{Error, Tmp1x2};

/// °C in steps of 1/16. Both ends of the register, -128 and 127.9375, are not plausible.
pub const TEMPERATURE: Measurand = Measurand::new("°C", -40.0..=125.0);

/// Costs one transaction.
impl<I2C: I2c> Sensors<1> for Tmp1x2<I2C, Continuous> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 1], DriverError> {
        match self.read_temperature() {
            Ok(value) => Ok([value]),
            Err(Error::I2C(error)) => Err(DriverError::bus(error)),
        }
    }
}
