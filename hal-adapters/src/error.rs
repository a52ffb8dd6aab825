//! Small, copyable errors that say what was expected and what was found.

use core::fmt;

/// A frame has less room than its source has variables. Nothing was read and no tick was
/// used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SmallFrame {
    /// Variables of the source.
    pub variables: usize,
    /// Room of the frame.
    pub room: usize,
}

impl fmt::Display for SmallFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { variables, room } = self;
        write!(
            f,
            "the source has {variables} variables, the frame room for {room}"
        )
    }
}

impl core::error::Error for SmallFrame {}
