#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]

#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod channel;
pub mod channels;
#[cfg(feature = "hwmon")]
pub mod hwmon;
pub mod inject;
#[cfg(feature = "i2c")]
pub mod lm75;
pub mod ring;
pub mod sensor;
#[cfg(feature = "slots")]
pub mod slots;
#[cfg(feature = "io")]
pub mod stream;
mod ticks;
pub mod watched;
#[cfg(feature = "io")]
pub mod writer;

pub use channel::Channel;
pub use channels::Channels;
#[cfg(feature = "hwmon")]
pub use hwmon::Hwmon;
pub use inject::{Injection, Injector};
pub use ring::{Full, Ring, RingError};
pub use sensor::Sensor;
#[cfg(feature = "slots")]
pub use slots::Slots;
#[cfg(feature = "io")]
pub use stream::FrameReader;
pub use watched::{Fault, Watched};
#[cfg(feature = "io")]
pub use writer::{WriteError, Writer};
