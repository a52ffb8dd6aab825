//! The values of a frame in a record.

use core::fmt;
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most values in one record.
pub const VALUES_MAX: usize = 9;

/// Up to [`VALUES_MAX`] values; NaN is a missing one, an infinity one that is not finite.
///
/// ```
/// use bellwether::report::Values;
/// let values = Values::new([21.5, 48.0]);
/// assert_eq!(values.as_slice(), [21.5, 48.0]);
/// ```
#[derive(Clone, Copy, PartialEq)]
pub struct Values {
    /// Zeros after the values.
    places: [f32; VALUES_MAX],
    count: u8,
}

impl Values {
    /// The first [`VALUES_MAX`] values; others are left out.
    #[must_use]
    pub fn new(values: impl IntoIterator<Item = f32>) -> Self {
        let mut all = Self {
            places: [0.0; VALUES_MAX],
            count: 0,
        };
        for (place, value) in all.places.iter_mut().zip(values) {
            *place = value;
            all.count += 1;
        }
        all
    }

    /// The values.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        let values = self.places.get(..usize::from(self.count));
        values.unwrap_or_default()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_slice().fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Values {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[?]}", self.as_slice());
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_slice().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Few)
    }
}

/// Reads no more values than there is room for.
struct Few;

impl<'de> Visitor<'de> for Few {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {VALUES_MAX} values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Values, A::Error> {
        let mut all = Values::new([]);
        for place in &mut all.places {
            let Some(value) = values.next_element()? else {
                return Ok(all);
            };
            *place = value;
            all.count += 1;
        }
        match values.next_element::<f32>()? {
            None => Ok(all),
            Some(_) => Err(A::Error::invalid_length(VALUES_MAX + 1, &self)),
        }
    }
}
