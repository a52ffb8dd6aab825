#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(any(test, feature = "std"))]
extern crate std;

/// The guide's programs, which need every family of drivers.
#[cfg(all(
    doctest,
    feature = "acceleration",
    feature = "async",
    feature = "power",
    feature = "temperature"
))]
#[doc = include_str!("../../docs/guide/sensors.md")]
mod guide {}

pub mod channel;
pub mod checked;
pub mod driver;
pub mod gauge;
pub mod linux;
pub mod measurand;
pub mod sensor;
pub mod sink;
pub mod source;
pub mod storage;
mod tick;

pub use channel::Channel;
pub use checked::Checked;
#[cfg(feature = "async")]
pub use checked::awaited::AsyncChecked;
pub use gauge::{Advice, Gauge, ReadFault};
#[cfg(feature = "hwmon")]
pub use linux::hwmon::Hwmon;
pub use measurand::Measurand;
#[cfg(feature = "async")]
pub use sensor::awaited::AsyncSensors;
pub use sensor::{Sensor, Sensors};
pub use sink::ring::{Full, Ring, RingError};
#[cfg(feature = "io")]
pub use sink::writer::{WriteError, Writer};
pub use source::assembler::Assembler;
pub use source::assembler::slot::Aggregate;
pub use source::channels::Channels;
#[cfg(feature = "async")]
pub use source::channels::awaited::{AsyncChannel, AsyncChannels};
pub use source::decimator::Decimator;
pub use source::inject::{Injection, Injector};
#[cfg(feature = "io")]
pub use source::stream::FrameReader;
#[cfg(feature = "slots")]
pub use storage::slots::Slots;
#[cfg(feature = "slots")]
pub use storage::snapshots::Snapshots;
