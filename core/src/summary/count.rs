//! A count that stays at its largest value.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};

/// A count up to [`Count::MOST`], at which it stays: two bytes in a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Count(u16);

impl Count {
    /// The largest count: 14 bits.
    pub const MOST: u16 = 0x3fff;

    /// A count, at most [`Self::MOST`].
    #[must_use]
    pub const fn new(count: u16) -> Self {
        if count > Self::MOST {
            Self(Self::MOST)
        } else {
            Self(count)
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// Adds to it.
    pub fn add(&mut self, count: u32) {
        let sum = u32::from(self.0).saturating_add(count);
        *self = Self::new(u16::try_from(sum).unwrap_or(Self::MOST));
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let count = u16::deserialize(deserializer)?;
        if count > Self::MOST {
            let found = Unexpected::Unsigned(count.into());
            return Err(D::Error::invalid_value(found, &"a count of 14 bits"));
        }
        Ok(Self(count))
    }
}
