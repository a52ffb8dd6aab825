//! Sensors of a Linux host.

#[cfg(feature = "edac")]
pub mod edac;
#[cfg(any(feature = "gpu", feature = "scrape"))]
mod errors;
#[cfg(feature = "linux")]
pub mod file;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(feature = "hwmon")]
pub mod hwmon;
#[cfg(feature = "ipmi")]
pub mod ipmi;
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
#[cfg(feature = "replay")]
pub mod replay;
#[cfg(feature = "linux")]
pub mod selection;
#[cfg(feature = "thermal")]
pub mod thermal;
#[cfg(any(feature = "gpu", feature = "ipmi"))]
pub mod tool;
#[cfg(any(feature = "gpu", feature = "ipmi"))]
mod unit;
#[cfg(any(feature = "gpu", feature = "ipmi", feature = "replay"))]
mod value;
