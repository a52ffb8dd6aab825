//! The BME280 weather sensor, through the driver crate `bme280`: temperature, humidity and pressure of one
//! conversion.
//!
//! ```
//! # fn board<I2C: embedded_hal::i2c::I2c>(
//! #     bus: I2C, mut delay: impl embedded_hal::delay::DelayNs,
//! # ) -> Result<(), bme280::Error<I2C::Error>> {
//! use bellwether_hal::{Checked, driver::bme280::{Bme280, MEASURANDS}};
//! let mut driver = bme280::i2c::BME280::new_primary(bus);
//! driver.init(&mut delay)?;
//! let room = Checked::with(Bme280::new(driver, delay), MEASURANDS);
//! # Ok(())
//! # }
//! ```

use super::error::DriverError;
use crate::{Measurand, Sensors};
use bme280::{Error, Measurements, i2c};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::I2c;

/// °C, % of relative humidity, hPa. The driver moves values beyond the part's ranges to their ends, so
/// that the ends of temperature and pressure are not plausible here. 0 and 100 % of humidity are.
pub const MEASURANDS: [Measurand; 3] = [
    Measurand::new("°C", -39.99..=84.99),
    Measurand::new("%", 0.0..=100.0),
    Measurand::new("hPa", 300.1..=1099.9).scaled(0.01, 0.0),
];

/// A driver that was initialised, and the delay that it waits with.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Bme280<S, D> {
    driver: S,
    delay: D,
}

impl<S, D> Bme280<S, D> {
    /// A sensor from `BME280` of the driver crate.
    pub const fn new(driver: S, delay: D) -> Self {
        Self { driver, delay }
    }

    /// The driver, to initialise the part again after it was without power.
    pub const fn driver_mut(&mut self) -> (&mut S, &mut D) {
        (&mut self.driver, &mut self.delay)
    }
}

fn failure<E: embedded_hal::i2c::Error>(error: Error<E>) -> DriverError {
    match error {
        Error::Bus(error) => DriverError::bus(error),
        Error::NoCalibrationData => DriverError::NotSetUp,
        _ => DriverError::Invalid,
    }
}

fn values<E>(measured: Measurements<E>) -> [f32; 3] {
    [measured.temperature, measured.humidity, measured.pressure]
}

/// °C, %, Pa. Costs one forced conversion, 40 ms, and four transactions.
impl<I2C: I2c, D: DelayNs> Sensors<3> for Bme280<i2c::BME280<I2C>, D> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 3], DriverError> {
        let measured = self.driver.measure(&mut self.delay);
        measured.map(values).map_err(failure)
    }
}
