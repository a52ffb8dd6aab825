//! Sensors of a Linux host.

#[cfg(any(feature = "gpu", feature = "scrape"))]
mod errors;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "hwmon")]
pub mod hwmon;
#[cfg(feature = "ipmi")]
pub mod ipmi;
#[cfg(feature = "linux")]
pub mod probe;
#[cfg(feature = "linux")]
pub mod rates;
#[cfg(feature = "replay")]
pub mod replay;
#[cfg(any(feature = "gpu", feature = "ipmi"))]
pub mod tool;
#[cfg(any(feature = "gpu", feature = "ipmi"))]
mod unit;
#[cfg(any(feature = "gpu", feature = "ipmi", feature = "replay"))]
mod value;
