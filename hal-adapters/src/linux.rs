//! Sensors of a Linux host.

#[cfg(feature = "edac")]
pub mod edac;
#[cfg(any(feature = "gpu", feature = "scrape"))]
mod errors;
#[cfg(any(
    feature = "edac",
    feature = "hwmon",
    feature = "powercap",
    feature = "proc",
    feature = "thermal"
))]
pub mod file;
#[cfg(feature = "gpu")]
pub mod gpu;
#[cfg(any(all(feature = "http", feature = "scrape"), feature = "redfish"))]
mod http;
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
#[cfg(feature = "redfish")]
pub mod redfish;
#[cfg(feature = "replay")]
pub mod replay;
#[cfg(feature = "scrape")]
pub mod scrape;
#[cfg(feature = "linux")]
pub mod selection;
#[cfg(all(
    test,
    any(all(feature = "http", feature = "scrape"), feature = "redfish")
))]
mod served;
#[cfg(feature = "thermal")]
pub mod thermal;
#[cfg(any(feature = "gpu", feature = "ipmi"))]
// Streams are for GPUs only.
#[cfg_attr(not(feature = "gpu"), allow(dead_code))]
pub mod tool;
#[cfg(any(feature = "gpu", feature = "ipmi", feature = "redfish"))]
mod unit;
#[cfg(any(
    feature = "gpu",
    feature = "ipmi",
    feature = "redfish",
    feature = "replay",
    feature = "scrape"
))]
// Metrics are numbers already.
#[cfg_attr(not(any(feature = "gpu", feature = "replay")), allow(dead_code))]
mod value;
