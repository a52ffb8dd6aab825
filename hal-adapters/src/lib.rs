#![no_std]
#![forbid(unsafe_code)]
//! Sensors and transports for Bellwether.

#[cfg(test)]
extern crate std;

#[cfg(feature = "io")]
pub mod stream;
