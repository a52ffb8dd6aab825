#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod channel;
pub mod checked;
pub mod driver;
pub mod linux;
pub mod sensor;
pub mod sink;
pub mod source;
pub mod storage;
mod tick;

pub use channel::Channel;
pub use checked::{Checked, ReadFault};
#[cfg(feature = "hwmon")]
pub use linux::hwmon::Hwmon;
pub use sensor::Sensor;
pub use sink::ring::{Full, Ring, RingError};
#[cfg(feature = "io")]
pub use sink::writer::{WriteError, Writer};
pub use source::channels::Channels;
pub use source::inject::{Injection, Injector};
#[cfg(feature = "io")]
pub use source::stream::FrameReader;
#[cfg(feature = "slots")]
pub use storage::slots::Slots;
#[cfg(feature = "slots")]
pub use storage::snapshots::Snapshots;
