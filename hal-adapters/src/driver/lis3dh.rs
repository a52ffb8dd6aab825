//! The LIS3DH accelerometer on an I2C bus, through the driver crate `lis3dh`: three axes of one
//! transaction. The driver's own values in g cost three transactions more.
//!
//! A bus that is stuck gives zeros or -1, which the part can measure in free fall; a plant's own range
//! ([`Measurand::within`]) or the age of a constant value tells them apart.
//!
//! ```
//! # fn board<I2C: embedded_hal::i2c::I2c>(bus: I2C) -> Option<()> {
//! use bellwether_hal::{Checked, driver::lis3dh::axis};
//! use lis3dh::{Lis3dh, Range, SlaveAddr};
//! let mut driver = Lis3dh::new_i2c(bus, SlaveAddr::Default).ok()?;
//! driver.set_range(Range::G8).ok()?;
//! let pump = Checked::with(driver, [axis(Range::G8); 3]);
//! # Some(())
//! # }
//! ```

use super::error::DriverError;
use crate::{Measurand, Sensors};
use embedded_hal::i2c::I2c;
use lis3dh::{Error, Lis3dh, Lis3dhCore, Lis3dhI2C, Range};

/// g of an axis at this setting of the range. Values are left-justified, so that the same scale holds in
/// all three resolutions.
pub const fn axis(range: Range) -> Measurand {
    let full = match range {
        Range::G2 => 2.048,
        Range::G4 => 4.096,
        Range::G8 => 8.192,
        // The data sheet's 12 mg a step, not 8.
        Range::G16 => 24.576,
    };
    Measurand::new("g", -full..=full).scaled(full / 32_768.0, 0.0)
}

/// Steps of the three registers. Costs one transaction: a byte written, six read.
impl<I2C: I2c> Sensors<3> for Lis3dh<Lis3dhI2C<I2C>> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 3], DriverError> {
        match self.read_accel_bytes() {
            Ok([a, b, c, d, e, f]) => {
                Ok([[a, b], [c, d], [e, f]].map(|axis| f32::from(i16::from_le_bytes(axis))))
            }
            Err(Error::Bus(error)) => Err(DriverError::bus(error)),
            Err(_) => Err(DriverError::Invalid),
        }
    }
}
