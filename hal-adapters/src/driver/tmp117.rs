//! The TMP117 temperature sensor (±0.1 °C), through the driver crate `tmp117`.
//!
//! The driver is a sensor of one conversion without averaging: it sets the part to one shot and asks
//! for the end in steps of 10 ms, three times at most, then `TimedOut`. Within
//! `Tmp117::continuous`, the handler is a sensor that does not wait: `NotReady` without a new value.
//! The power-on value, -256 °C, is not plausible.
//!
//! ```
//! # fn board<E: embedded_hal::i2c::Error>(
//! #     bus: impl embedded_hal::i2c::I2c<Error = E>, delay: impl embedded_hal::delay::DelayNs) {
//! use bellwether_hal::{Checked, driver::tmp117::TEMPERATURE};
//! let inlet = Checked::with(tmp117::Tmp117::new(bus, 0x48, delay), [TEMPERATURE]);
//! # }
//! ```

use super::error::DriverError;
#[cfg(feature = "async")]
use crate::{AsyncSensors, driver::awaited::Awaited};
use crate::{Measurand, Sensors};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{self, I2c};
use tmp117::register::Average;
use tmp117::{ContinuousHandler, Error, Tmp117};

/// °C in steps of 1/128.
pub const TEMPERATURE: Measurand = Measurand::new("°C", -55.0..=150.0);

fn failure<E: i2c::Error>(error: Error<E>) -> DriverError {
    match error {
        Error::Bus(error) => DriverError::bus(error),
        Error::DataNotReady => DriverError::NotReady,
        Error::Timeout => DriverError::TimedOut,
        Error::AlertPin | Error::InvalidData => DriverError::Invalid,
    }
}

/// Costs a conversion, 16 ms, and five to nine transactions.
impl<I2C: I2c<Error = E>, E: i2c::Error, D: DelayNs> Sensors<1> for Tmp117<I2C, E, D> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 1], DriverError> {
        let value = self.oneshot(Average::NoAverage).map_err(failure)?;
        Ok([value])
    }
}

/// Costs two transactions, without waiting.
impl<I2C: I2c<Error = E>, E: i2c::Error, D: DelayNs> Sensors<1>
    for ContinuousHandler<'_, I2C, E, D>
{
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 1], DriverError> {
        self.read_temp().map(|value| [value]).map_err(failure)
    }
}

/// Costs a conversion, 16 ms, and five or more transactions. Without an alert pin the part may miss its
/// own end, so that a time limit is needed.
#[cfg(feature = "async")]
impl<I2C, E, P, D> AsyncSensors<1> for Awaited<tmp117::asynchronous::Tmp117<I2C, E, P, D>>
where
    I2C: embedded_hal_async::i2c::I2c<Error = E>,
    E: i2c::Error,
    P: embedded_hal_async::digital::Wait,
    D: embedded_hal_async::delay::DelayNs,
{
    type Error = DriverError;

    async fn measure(&mut self) -> Result<[f32; 1], DriverError> {
        let value = self.0.oneshot(Average::NoAverage).await.map_err(failure)?;
        Ok([value])
    }
}
