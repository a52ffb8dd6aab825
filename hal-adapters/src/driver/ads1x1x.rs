//! The converters ADS1013 to ADS1115, through the driver crate `ads1x1x`.
//!
//! A converter that runs continuously on one input is a sensor. Several inputs are converted one after
//! the other, each within a number of polls:
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c, mut delay: impl embedded_hal::delay::DelayNs) {
//! use ads1x1x::{Ads1x1x, FullScaleRange, TargetAddr, channel::{SingleA0, SingleA1}};
//! use bellwether_hal::{Checked, driver::ads1x1x::{volts_16_bit, within}};
//! let mut adc = Ads1x1x::new_ads1115(bus, TargetAddr::default());
//! const VOLTS: bellwether_hal::Measurand = volts_16_bit(FullScaleRange::Within2_048V);
//! let both = move || {
//!     let first = within(20, 1_000, &mut delay, || adc.read(SingleA0))?;
//!     let second = within(20, 1_000, &mut delay, || adc.read(SingleA1))?;
//!     Ok::<_, bellwether_hal::driver::error::DriverError>([first, second])
//! };
//! let inputs = Checked::with(both, [VOLTS, VOLTS.scaled(0.0625e-3 * 5.7, 0.0).within(0.0..=11.0)]);
//! # }
//! ```

use super::error::DriverError;
use crate::{Measurand, Sensors};
use ads1x1x::mode::Continuous;
use ads1x1x::{Ads1x1x, ConvertMeasurement, Error, FullScaleRange};
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{self, I2c};

const fn volts(range: FullScaleRange, codes: f32) -> Measurand {
    let full = match range {
        FullScaleRange::Within6_144V => 6.144,
        FullScaleRange::Within4_096V => 4.096,
        FullScaleRange::Within2_048V => 2.048,
        FullScaleRange::Within1_024V => 1.024,
        FullScaleRange::Within0_512V => 0.512,
        FullScaleRange::Within0_256V => 0.256,
    };
    let step = full / codes;
    let (low, high) = (-full + 0.5 * step, full - 1.5 * step);
    Measurand::new("V", low..=high).scaled(step, 0.0)
}

/// V from the numbers of ADS1113 to ADS1115. Both ends of the codes mean that the input is beyond the
/// range, so that they are not plausible.
pub const fn volts_16_bit(range: FullScaleRange) -> Measurand {
    volts(range, 32_768.0)
}

/// V from the numbers of ADS1013 to ADS1015, as [`volts_16_bit`].
pub const fn volts_12_bit(range: FullScaleRange) -> Measurand {
    volts(range, 2_048.0)
}

fn failure<E: i2c::Error>(error: Error<E>) -> DriverError {
    match error {
        Error::I2C(error) => DriverError::bus(error),
        // Only setters return this.
        Error::InvalidInputData => DriverError::Invalid,
    }
}

/// The number of a conversion that is polled, `pause_us` apart: a converter of this family, or one on
/// the chip.
///
/// # Errors
/// The converter failed, or is not done after the last poll.
pub fn within<E: i2c::Error>(
    polls: u32,
    pause_us: u32,
    delay: &mut impl DelayNs,
    mut read: impl FnMut() -> nb::Result<i16, Error<E>>,
) -> Result<f32, DriverError> {
    for _ in 0..polls {
        match read() {
            Ok(number) => return Ok(f32::from(number)),
            Err(nb::Error::Other(error)) => return Err(failure(error)),
            Err(nb::Error::WouldBlock) => delay.delay_us(pause_us),
        }
    }
    Err(DriverError::TimedOut)
}

/// The number of the last conversion. Costs one transaction: a byte written, two read.
impl<I2C: I2c, IC, CONV: ConvertMeasurement> Sensors<1> for Ads1x1x<I2C, IC, CONV, Continuous> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 1], DriverError> {
        self.read()
            .map(|number| [f32::from(number)])
            .map_err(failure)
    }
}
