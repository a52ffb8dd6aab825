//! Drivers of sensors on a bus.

#[cfg(feature = "i2c")]
pub mod lm75;
#[cfg(feature = "pmbus")]
pub mod pmbus;
