//! Weights in the order of the processor at hand, in memory of the caller.
//!
//! A model's weights lie as small cores take them. A PC with AVX-512 and VNNI has an instruction for
//! 64 of them, if they lie as it wants: in panels of 16 outputs. Where there is memory to spare,
//! [`Network::with_packed_weights`](super::Network::with_packed_weights) copies them there once, and every inference takes
//! less than half of the time. The model stays what it was, and so do the bits.

use core::fmt;

/// 64 bytes at a multiple of 64: a register's worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[repr(C, align(64))]
pub struct CacheLine(pub(super) [i32; 16]);

impl CacheLine {
    /// All zeros.
    pub const ZERO: Self = Self([0; 16]);
}

impl Default for CacheLine {
    fn default() -> Self {
        Self::ZERO
    }
}

/// Memory that is too short for a network's panels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PackingTooSmall {
    /// Lines that the panels take.
    pub needed: usize,
    /// Lines that there are.
    pub found: usize,
}

impl fmt::Display for PackingTooSmall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { needed, found } = self;
        write!(
            f,
            "the panels take {needed} lines of memory, there are {found}"
        )
    }
}

impl core::error::Error for PackingTooSmall {}
