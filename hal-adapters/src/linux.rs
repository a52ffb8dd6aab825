//! Sensors of a Linux host.

#[cfg(feature = "hwmon")]
pub mod hwmon;
#[cfg(feature = "linux")]
pub mod probe;
#[cfg(feature = "linux")]
pub mod rates;
