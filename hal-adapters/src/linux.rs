//! Sensors of a Linux host.

#[cfg(feature = "edac")]
pub mod edac;
#[cfg(feature = "linux")]
pub mod file;
#[cfg(feature = "hwmon")]
pub mod hwmon;
#[cfg(any(
    feature = "hwmon",
    feature = "thermal",
    feature = "powercap",
    feature = "edac"
))]
mod part;
#[cfg(feature = "powercap")]
pub mod powercap;
#[cfg(feature = "linux")]
pub mod probe;
#[cfg(feature = "proc")]
pub mod proc;
#[cfg(feature = "linux")]
pub mod rates;
#[cfg(feature = "linux")]
pub mod selection;
#[cfg(feature = "thermal")]
pub mod thermal;
