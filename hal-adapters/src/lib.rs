#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod channel;
pub mod channels;
pub mod error;
#[cfg(feature = "hwmon")]
pub mod hwmon;
#[cfg(feature = "i2c")]
pub mod lm75;
pub mod ring;
pub mod sensor;
mod ticks;
pub mod watched;
#[cfg(feature = "io")]
pub mod writer;

pub use channel::Channel;
pub use channels::Channels;
pub use error::SmallFrame;
#[cfg(feature = "hwmon")]
pub use hwmon::Hwmon;
pub use ring::{Full, Ring, RingError};
pub use sensor::Sensor;
pub use watched::{Fault, Watched};
#[cfg(feature = "io")]
pub use writer::{WriteError, Writer};
