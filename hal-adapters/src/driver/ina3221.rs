//! The INA3221 current monitor of three rails. Its registers are read here: the driver crate `ina3221`
//! 0.4.5 gives a negative shunt voltage as a positive one, so that a battery that is charged looks like
//! one that is drained.
//!
//! ```
//! # fn board(bus: impl embedded_hal::i2c::I2c) {
//! use bellwether_hal::{Checked, driver::ina3221::{Ina3221, measurands}};
//! let rails = Checked::with(Ina3221::new(bus, 0x40), measurands([0.1, 0.1, 0.05])); // Ω
//! # }
//! ```

use super::error::DriverError;
#[cfg(feature = "async")]
use crate::AsyncSensors;
use crate::{Measurand, Sensors};
use embedded_hal::i2c::I2c;

/// Number of the first rail's shunt register; that of its bus follows, then those of the next rail.
const FIRST: u8 = 1;

/// V and A of each rail, through shunts of these resistances in Ω: at most 26 V, and 163.8 mV at a
/// shunt.
pub const fn measurands(shunts_ohm: [f32; 3]) -> [Measurand; 6] {
    let [a, b, c] = shunts_ohm;
    const fn current(shunt_ohm: f32) -> Measurand {
        let limit = 0.163_8 / shunt_ohm;
        Measurand::new("A", -limit..=limit).scaled(5e-6 / shunt_ohm, 0.0)
    }
    const VOLTAGE: Measurand = Measurand::new("V", 0.0..=26.0).scaled(0.001, 0.0);
    [
        VOLTAGE,
        current(a),
        VOLTAGE,
        current(b),
        VOLTAGE,
        current(c),
    ]
}

/// An INA3221 in its power-on configuration: all rails, continuously.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ina3221<I2C> {
    bus: I2C,
    address: u8,
}

impl<I2C> Ina3221<I2C> {
    /// The part at an address, 0x40 to 0x43.
    pub const fn new(bus: I2C, address: u8) -> Self {
        Self { bus, address }
    }
}

/// Six registers of two bytes in the order of the variables: the bus before the shunt. Twelve bits
/// with a sign, above three bits without a meaning.
fn values(registers: [[u8; 2]; 6]) -> [f32; 6] {
    let [a, b, c, d, e, f] = registers.map(|bytes| f32::from(i16::from_be_bytes(bytes) & !7));
    [b, a, d, c, f, e]
}

/// Steps of the registers. Costs six transactions.
impl<I2C: I2c> Sensors<6> for Ina3221<I2C> {
    type Error = DriverError;

    fn measure(&mut self) -> Result<[f32; 6], DriverError> {
        let mut registers = [[0; 2]; 6];
        for (register, bytes) in (FIRST..).zip(&mut registers) {
            let read = self.bus.write_read(self.address, &[register], bytes);
            read.map_err(DriverError::bus)?;
        }
        Ok(values(registers))
    }
}

/// As the blocking one.
#[cfg(feature = "async")]
impl<I2C: embedded_hal_async::i2c::I2c> AsyncSensors<6> for Ina3221<I2C> {
    type Error = DriverError;

    async fn measure(&mut self) -> Result<[f32; 6], DriverError> {
        let mut registers = [[0; 2]; 6];
        for (register, bytes) in (FIRST..).zip(&mut registers) {
            let read = self.bus.write_read(self.address, &[register], bytes).await;
            read.map_err(DriverError::bus)?;
        }
        Ok(values(registers))
    }
}
