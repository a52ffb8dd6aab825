//! The failure of a driver: one type for all parts and boards, which can be copied and compared.

use core::fmt;
use embedded_hal::i2c::{Error, ErrorKind};

/// The reason why a part on a bus gave no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DriverError {
    /// The bus failed, or the part did not acknowledge.
    Bus(ErrorKind),
    /// The part has no new value yet.
    NotReady,
    /// The part did not finish a conversion in the driver's time.
    TimedOut,
    /// The part answered with bits that its driver knows to be wrong.
    Invalid,
    /// The driver was not set up: it has no calibration of the part.
    NotSetUp,
}

impl DriverError {
    /// The failure of a bus, of which only the kind is kept.
    pub fn bus<E: Error>(error: E) -> Self {
        Self::Bus(error.kind())
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bus(kind) => kind.fmt(f),
            Self::NotReady => f.write_str("no new value yet"),
            Self::TimedOut => f.write_str("no conversion in time"),
            Self::Invalid => f.write_str("bits that cannot be"),
            Self::NotSetUp => f.write_str("the driver was not set up"),
        }
    }
}

impl core::error::Error for DriverError {}
