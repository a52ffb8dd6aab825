//! Requantisation of 32-bit sums: integer multiplication and shift, no float on the device.
//!
//! `M = input scale · weight scale / output scale = q31 · 2^(-31 - right)`; the exporter
//! computes it in f64. See [`Rounding`] for the three conventions.

use crate::model::Rounding;
use crate::model::layer::dense::multiplier_of;

/// A real factor below 1 as an integer multiplier and a right shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Multiplier {
    /// 0, or 2^30 to 2^31 - 1.
    q31: i32,
    /// 0 to 31.
    right: u32,
}

impl Multiplier {
    /// A multiplier from its 31 bits and a right shift, of which the low five bits count.
    pub const fn new(q31: i32, right: u32) -> Self {
        Self {
            q31,
            right: right & 31,
        }
    }

    /// A multiplier from an entry of a model, with a shift of -31 to 0.
    pub(super) const fn of(entry: [u8; 8]) -> Self {
        let (q31, shift) = multiplier_of(entry);
        Self::new(q31, shift.unsigned_abs())
    }

    /// The 31-bit multiplier and the right shift.
    #[cfg(bellwether_x86)]
    pub(super) const fn parts(self) -> (i32, u32) {
        (self.q31, self.right)
    }

    /// `R(accumulator · M)`: exact for every accumulator. The one 64-bit product costs once
    /// per output, not once per step.
    pub const fn apply(self, accumulator: i32, rounding: Rounding) -> i32 {
        let Self { q31, right } = self;
        let product = accumulator as i64 * q31 as i64;
        match rounding {
            Rounding::Single => ((product + (1 << (30 + right))) >> (31 + right)) as i32,
            Rounding::DoubleHalfUp => {
                let high = (product + (1 << 30)) >> 31;
                let half = (1_i64 << right) >> 1;
                ((high + half) >> right) as i32
            }
            Rounding::DoubleTiesAway => {
                let high = ((product + (1 << 30)) >> 31) as i32;
                let mask = ((1_i64 << right) - 1) as i32;
                let limit = (mask >> 1) + (high < 0) as i32;
                (high >> right) + (high & mask > limit) as i32
            }
        }
    }
}

impl Multiplier {
    /// The multiplier prepared for [`Rounding::Single`]; `None` without a shift, which is rare.
    pub(super) const fn single(self) -> Option<Single> {
        match self.right.checked_sub(1) {
            None => None,
            Some(right) => Some(Single {
                q31: self.q31,
                half: 1 << (30 + self.right),
                right: right & 31,
            }),
        }
    }
}

/// A multiplier for one rounding, with its constant parts precomputed.
#[derive(Clone, Copy)]
pub(super) struct Single {
    pub(super) q31: i32,
    pub(super) half: i64,
    /// One less than the multiplier's.
    pub(super) right: u32,
}

impl Single {
    #[inline(always)]
    pub(super) const fn apply(self, accumulator: i32) -> i32 {
        // |product| <= 2^62 and the half is at most 2^61: the sum fits, and its upper word has
        // every bit that is kept.
        let sum = accumulator as i64 * self.q31 as i64 + self.half;
        ((sum >> 32) as i32) >> self.right
    }
}
