//! Mean and deviation of the last relative errors in O(1) per sample, exactly.
//!
//! Running float sums drift: after a burst has left the window its rounding error stays.
//! Here every error is held as the integer q = error · 2^36, and the sums S = Σq and
//! Q = Σq² are integers too, so that adding and removing an entry cancel exactly and the
//! result does not depend on the order or the target. With n entries, mean + k·σ is exceeded
//!
//! ```text
//! error > mean + k·σ   <=>   n·q > S   and   (n·q - S)² > k²·(n·Q - S²)
//! ```
//!
//! without a division or a root. q < 2^48 and n <= 2^14 keep every product below 2^128.

use crate::math::sqrt;
use crate::window::Window;

/// Relative errors saturate here.
pub const MAX_ERROR: f32 = 4095.9998;

const FRACTION_BITS: u32 = 36;

/// round(error · 2^36), half up, from the bits of an error within [0, `MAX_ERROR`].
const fn quantise(error: f32) -> u64 {
    let bits = error.to_bits();
    let exponent = bits >> 23;
    let mantissa = (bits & 0x007f_ffff | 0x0080_0000) as u64;
    // error = mantissa · 2^(exponent - 150)
    let point = 150 - FRACTION_BITS;
    if exponent >= point {
        mantissa << ((exponent - point) & 63)
    } else {
        let shift = point - exponent;
        if shift > 25 {
            0
        } else {
            (mantissa + (1 << (shift - 1))) >> shift
        }
    }
}

/// a² as 128 bits from 64: cheaper than a general 128-bit product on 32-bit cores.
const fn square(a: u64) -> u128 {
    (a as u128) * (a as u128)
}

/// The last errors of a lane, and whether the newest is out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ErrorWindow<const W: usize> {
    errors: Window<f32, W>,
    sum: u64,
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    squares: u128,
}

impl<const W: usize> ErrorWindow<W> {
    /// No errors yet.
    pub const fn new() -> Self {
        Self {
            errors: Window::new(),
            sum: 0,
            squares: 0,
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.errors.clear();
        self.sum = 0;
        self.squares = 0;
    }

    /// Errors held.
    pub const fn len(&self) -> usize {
        self.errors.len()
    }

    /// Whether no error is held.
    pub const fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// The errors, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &f32> {
        self.errors.iter()
    }

    fn enter(&mut self, error: f32) {
        let q = quantise(error);
        self.sum = self.sum.wrapping_add(q);
        self.squares = self.squares.wrapping_add(square(q));
    }

    fn leave(&mut self, error: f32) {
        let q = quantise(error);
        self.sum = self.sum.wrapping_sub(q);
        self.squares = self.squares.wrapping_sub(square(q));
    }

    /// Appends an error, clamped to [0, [`MAX_ERROR`]] (NaN counts as the largest), and drops
    /// the oldest beyond `span` entries.
    pub fn push(&mut self, error: f32, span: usize) {
        let span = span.clamp(1, W);
        while self.errors.len() >= span {
            match self.errors.pop_oldest() {
                Some(oldest) => self.leave(oldest),
                None => break,
            }
        }
        let error = clamp(error);
        self.errors.push(error);
        self.enter(error);
    }

    /// Overwrites the newest error.
    pub fn replace_newest(&mut self, error: f32) {
        let error = clamp(error);
        let Some(newest) = self.errors.newest_mut() else {
            return;
        };
        let old = core::mem::replace(newest, error);
        self.leave(old);
        self.enter(error);
    }

    /// Whether the newest error is above mean + k·σ, strictly; `k2_q16` is k² with 16
    /// fractional bits. Exact.
    pub fn newest_exceeds(&mut self, k2_q16: u32) -> bool {
        let Some(newest) = self.errors.newest_mut() else {
            return false;
        };
        let q = quantise(*newest);
        let n = self.errors.len() as u64;
        let Some(above @ 1..) = (n * q).checked_sub(self.sum) else {
            return false;
        };
        // Both sides times 2^16, split at 64 bits so that any k fits.
        let left = square(above);
        let right = self.spread();
        let (low, high) = (u128::from(right as u64), right >> 64);
        let k2 = u128::from(k2_q16);
        let low = low * k2;
        let high = high * k2 + (low >> 64);
        let left_low = u128::from(left as u64) << 16;
        let left_high = ((left >> 64) << 16) + (left_low >> 64);
        (left_high, left_low as u64) > (high, low as u64)
    }

    /// n·Q - S², which is n²·σ².
    fn spread(&self) -> u128 {
        let n = self.errors.len() as u128;
        (n * self.squares).wrapping_sub(square(self.sum))
    }

    /// mean + k·σ, for people: within 1e-6 relative of the exact value. Judgements use
    /// [`Self::newest_exceeds`].
    pub fn threshold(&self, k: f32) -> f32 {
        let n = self.errors.len() as f32;
        if n == 0.0 {
            return 0.0;
        }
        // 2^-36 first: keeps the u128 root far from overflow.
        const UNIT: f32 = 1.0 / (1u64 << FRACTION_BITS) as f32;
        let deviation = sqrt(self.spread() as f32) * UNIT;
        (self.sum as f32 * UNIT + k * deviation) / n
    }
}

impl<const W: usize> Default for ErrorWindow<W> {
    fn default() -> Self {
        Self::new()
    }
}

/// NaN fails the comparison and saturates.
const fn clamp(error: f32) -> f32 {
    if error <= MAX_ERROR {
        if error > 0.0 { error } else { 0.0 }
    } else {
        MAX_ERROR
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantising_is_exact_and_rounds_half_up() {
        let unit = 2f64.powi(36);
        for x in [
            0.0f32, 1.0, 0.5, 3.3e-5, 309.25, MAX_ERROR, 1e-12, 7e-12, 8e-12, 1e-30,
        ] {
            let want = (f64::from(x) * unit + 0.5).floor() as u64;
            assert_eq!(quantise(x), want, "{x:e}");
        }
        assert!(quantise(MAX_ERROR) < 1 << 48);
        assert_eq!(clamp(f32::NAN), MAX_ERROR);
        assert_eq!(clamp(-1.0), 0.0);
        assert_eq!(clamp(f32::INFINITY), MAX_ERROR);
    }

    #[test]
    fn constant_errors_never_exceed_and_large_windows_do_not_overflow() {
        let mut window = ErrorWindow::<16384>::new();
        for _ in 0..40_000 {
            window.push(MAX_ERROR, 16384);
            assert!(!window.newest_exceeds(9 << 16));
        }
        assert!((window.threshold(3.0) - MAX_ERROR).abs() < 0.01);
        window.push(0.0, 16384);
        for _ in 0..16_000 {
            window.push(0.0, 16384);
        }
        window.push(MAX_ERROR, 16384);
        assert!(window.newest_exceeds(9 << 16));
    }

    proptest! {
        /// Broken by drift, by a wrong eviction or by any inexact product.
        #[test]
        fn sums_and_verdict_equal_those_made_afresh(
            errors in prop::collection::vec(
                prop_oneof![0f32..1e-4, Just(0.25f32), 0f32..5000.0, any::<f32>()], 1..120),
            replaced in prop::collection::vec(any::<bool>(), 120),
            span in 1usize..40,
            k in 1u32..12,
        ) {
            let mut window = ErrorWindow::<40>::new();
            for (error, replace) in errors.into_iter().zip(replaced) {
                if replace { window.replace_newest(error) } else { window.push(error, span) }
                let qs: std::vec::Vec<u64> = window.iter().map(|e| quantise(*e)).collect();
                prop_assert_eq!(window.sum, qs.iter().sum::<u64>());
                prop_assert_eq!(window.squares, qs.iter().map(|q| square(*q)).sum::<u128>());
                let Some(&q) = qs.last() else { continue };
                let n = qs.len() as u128;
                let (s, above) = (u128::from(window.sum), n * u128::from(q));
                let want = above > s
                    && (above - s).pow(2) > u128::from(k * k) * (n * window.squares - s * s);
                prop_assert_eq!(window.newest_exceeds((k * k) << 16), want);
            }
        }
    }
}
