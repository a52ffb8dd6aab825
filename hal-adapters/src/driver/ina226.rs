//! The INA226 current monitor, through the driver crate `ina226`: voltage of the bus, and current by the
//! shunt's voltage, from the registers as they are. The driver's own values are `f64`, which a
//! microcontroller computes in software.
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c) {
//! use bellwether_hal::{Checked, driver::ina226::measurands};
//! let rail = Checked::with(ina226::INA226::new(bus, 0x40), measurands(0.01)); // Ω
//! # }
//! ```

use super::error::DriverError;
use crate::{Measurand, Sensors};
use embedded_hal::i2c::I2c;
use ina226::INA226;

/// V, and A through a shunt of this resistance in Ω: at most 36 V, and 81.92 mV at the shunt.
pub const fn measurands(shunt_ohm: f32) -> [Measurand; 2] {
    let limit = 0.081_92 / shunt_ohm;
    [
        Measurand::new("V", 0.0..=36.0).scaled(0.001_25, 0.0),
        Measurand::new("A", -limit..=limit).scaled(2.5e-6 / shunt_ohm, 0.0),
    ]
}

/// Steps of the two registers. Costs four transactions.
impl<I2C: I2c> Sensors<2> for INA226<I2C> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 2], DriverError> {
        let bus = self.bus_voltage_raw().map_err(DriverError::bus)?;
        let shunt = self.shunt_voltage_raw().map_err(DriverError::bus)?;
        Ok([f32::from(bus), f32::from(shunt)])
    }
}
