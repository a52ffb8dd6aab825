//! Weights in the order of the processor at hand, in memory of the caller.
//!
//! A model's weights lie as small cores take them. A PC with AVX-512 and VNNI has an instruction for
//! 64 of them, if they lie as it wants: in panels of 16 outputs. Where there is memory to spare,
//! [`Network::in_panels`](super::Network::in_panels) copies them there once, and every inference takes
//! less than half of the time. The model stays what it was, and so do the bits.

use core::fmt;

/// 64 bytes at a multiple of 64: a register's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(C, align(64))]
pub struct Line(pub(super) [i32; 16]);

impl Line {
    /// All zeros.
    pub const ZERO: Self = Self([0; 16]);
}

impl Default for Line {
    fn default() -> Self {
        Self::ZERO
    }
}

/// Memory that is too short for a network's panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooFewLines {
    /// Lines that the panels take.
    pub needed: usize,
    /// Lines that there are.
    pub found: usize,
}

impl fmt::Display for TooFewLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, found } = self;
        write!(
            f,
            "the panels take {needed} lines of memory, there are {found}"
        )
    }
}

impl core::error::Error for TooFewLines {}
