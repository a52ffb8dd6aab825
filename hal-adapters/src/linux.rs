//! Sensors of a Linux host.

#[cfg(feature = "hwmon")]
pub mod hwmon;
