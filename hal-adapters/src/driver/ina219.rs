//! The INA219 current monitor, through the driver crate `ina219`: voltage of the bus, and current by the
//! shunt's voltage. The part's calibration register is not used.
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c) {
//! use bellwether_hal::{Checked, driver::ina219::measurands};
//! use ina219::{SyncIna219, address::Address, calibration::UnCalibrated};
//! let meter = SyncIna219::new_unchecked(bus, Address::default(), UnCalibrated);
//! let rail = Checked::with(meter, measurands(0.1)); // Ω
//! # }
//! ```

use super::error::DriverError;
#[cfg(feature = "async")]
use crate::{AsyncSensors, driver::awaited::Awaited};
use crate::{Measurand, Sensors};
use embedded_hal::i2c::{self, I2c};
use ina219::calibration::Calibration;
use ina219::errors::{BusVoltageReadError, ShuntVoltageReadError};

/// V, and A through a shunt of this resistance in Ω: at most 26 V, and 320 mV at the shunt.
pub const fn measurands(shunt_ohm: f32) -> [Measurand; 2] {
    let limit = 0.32 / shunt_ohm;
    [
        Measurand::new("V", 0.0..=26.0).scaled(0.001, 0.0),
        Measurand::new("A", -limit..=limit).scaled(10e-6 / shunt_ohm, 0.0),
    ]
}

fn bus<E: i2c::Error>(error: BusVoltageReadError<E>) -> DriverError {
    match error {
        BusVoltageReadError::I2cError(error) => DriverError::bus(error),
        BusVoltageReadError::BusVoltageOutOfRange { .. } => DriverError::Invalid,
    }
}

fn shunt<E: i2c::Error>(error: ShuntVoltageReadError<E>) -> DriverError {
    match error {
        ShuntVoltageReadError::I2cError(error) => DriverError::bus(error),
        ShuntVoltageReadError::ShuntVoltageOutOfRange { .. } => DriverError::Invalid,
    }
}

/// Millivolts of the bus, and tens of microvolts of the shunt. Costs two transactions.
impl<I2C: I2c, C: Calibration> Sensors<2> for ina219::SyncIna219<I2C, C> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 2], DriverError> {
        let millivolts = self.bus_voltage().map_err(bus)?.voltage_mv();
        let shunt = self.shunt_voltage().map_err(shunt)?.shunt_voltage_10uv();
        Ok([f32::from(millivolts), f32::from(shunt)])
    }
}

/// As the blocking one.
#[cfg(feature = "async")]
impl<I2C, C> AsyncSensors<2> for Awaited<ina219::AsyncIna219<I2C, C>>
where
    I2C: embedded_hal_async::i2c::I2c,
    C: Calibration,
{
    type Error = DriverError;

    async fn measure(&mut self) -> Result<[f32; 2], DriverError> {
        let millivolts = self.0.bus_voltage().await.map_err(bus)?.voltage_mv();
        let shunt = self.0.shunt_voltage().await.map_err(shunt)?;
        Ok([f32::from(millivolts), f32::from(shunt.shunt_voltage_10uv())])
    }
}
