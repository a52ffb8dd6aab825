//! Names and units of a model's variables, in order.

use super::ModelError;
use super::bytes::block;

/// One variable of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Feature<'m> {
    /// Name of the variable, at most 255 bytes.
    pub name: &'m str,
    /// Unit of the variable, at most 255 bytes; empty if unknown.
    pub unit: &'m str,
}

/// The features of a model, in order.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Features<'m> {
    rest: &'m [u8],
}

impl<'m> Features<'m> {
    pub(super) const fn new(names: &'m [u8]) -> Self {
        Self { rest: names }
    }

    fn text(&mut self) -> Option<&'m str> {
        let (&length, rest) = self.rest.split_first()?;
        let (text, rest) = rest.split_at_checked(usize::from(length))?;
        self.rest = rest;
        core::str::from_utf8(text).ok()
    }
}

impl<'m> Iterator for Features<'m> {
    type Item = Feature<'m>;

    fn next(&mut self) -> Option<Feature<'m>> {
        let name = self.text()?;
        let unit = self.text()?;
        Some(Feature { name, unit })
    }
}

/// Checks that a block holds exactly `count` features.
pub(super) fn check(
    bytes: &[u8],
    at: usize,
    length: usize,
    count: usize,
) -> Result<(), ModelError> {
    let mut features = Features::new(block(bytes, at, length));
    let here = |left: usize| ModelError::Content {
        offset: at + (length - left.min(length)),
    };
    for _ in 0..count {
        let left = features.rest.len();
        features.next().ok_or(here(left))?;
    }
    match features.rest.len() {
        0 => Ok(()),
        left => Err(here(left)),
    }
}
