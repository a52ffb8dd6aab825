//! Packed weights: a copy in the order of the processor at hand, in the caller's memory.
//!
//! A model stores weights in the order of small cores. A PC with AVX-512 and VNNI has an
//! instruction for 64 of them, if they are packed in groups of 16 outputs.
//! [`Network::with_packed_weights`](super::Network::with_packed_weights) copies them once, and
//! every inference takes less than half of the time. The model is unchanged, and so are the bits.

use core::fmt;

/// 64 bytes at a multiple of 64: one register's contents.
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

/// The memory is too short for a network's packed weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PackingTooSmall {
    /// Lines of the packed weights.
    pub needed: usize,
    /// Lines of the memory.
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
