//! A detector's name in the greeting.

use core::fmt;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Most bytes of a name.
pub const NAME_MAX: usize = 16;

/// A short name of visible ASCII characters: any detector's, a third party's too.
///
/// ```
/// use bellwether::report::Name;
/// assert_eq!(Name::new("rola").as_str(), "rola");
/// assert_eq!(Name::new("pump 3's envelope watch").as_str(), "pump3'senvelopew");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name {
    /// Zeros after the name.
    bytes: [u8; NAME_MAX],
}

impl Name {
    /// The first [`NAME_MAX`] visible ASCII characters of a text; others are left out.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut bytes = [0; NAME_MAX];
        let visible = text.bytes().filter(u8::is_ascii_graphic);
        for (place, byte) in bytes.iter_mut().zip(visible) {
            *place = byte;
        }
        Self { bytes }
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let name = self.bytes.split(|byte| *byte == 0).next();
        core::str::from_utf8(name.unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Name {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let name = Self::new(text);
        if name.as_str() == text {
            Ok(name)
        } else {
            Err(D::Error::invalid_value(
                Unexpected::Str(text),
                &"a short name",
            ))
        }
    }
}
