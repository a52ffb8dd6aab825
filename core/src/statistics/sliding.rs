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
//! without a division or a root: whatever a float threshold cannot tell for certain is decided
//! by these integers. q < 2^48 and n <= 2^14 keep every product below 2^128.

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

/// a·b in full.
const fn product(a: u64, b: u64) -> u128 {
    (a as u128) * (b as u128)
}

/// x·n, word by word: much less than a product of two 128-bit numbers on 32-bit cores. What
/// exceeds 128 bits is returned beside it.
const fn times(x: u128, n: u32) -> (u128, u32) {
    let n = n as u64;
    let p0 = (x as u32) as u64 * n;
    let p1 = ((x >> 32) as u32) as u64 * n + (p0 >> 32);
    let p2 = ((x >> 64) as u32) as u64 * n + (p1 >> 32);
    let p3 = ((x >> 96) as u32) as u64 * n + (p2 >> 32);
    let low = (p1 << 32) | (p0 & 0xffff_ffff);
    let high = (p3 << 32) | (p2 & 0xffff_ffff);
    (((high as u128) << 64) | low as u128, (p3 >> 32) as u32)
}

/// 2^exponent, for exponents of normal numbers.
const fn power(exponent: u32) -> f32 {
    f32::from_bits((exponent + 127) << 23)
}

/// Within 2^-23 relative.
const fn float(x: u64) -> f32 {
    if x == 0 {
        return 0.0;
    }
    let zeros = x.leading_zeros();
    ((x << zeros) >> 32) as u32 as f32 * power(32) / power(zeros)
}

/// Square root, within 2^-22 relative: that of the leading 31 or 32 bits.
fn root(x: u128) -> f32 {
    // The leading word that is not zero, and the one below it.
    let (pair, words) = match ((x >> 96) as u32, (x >> 64) as u32) {
        (0, 0) => (x as u64, 0),
        (0, _) => ((x >> 32) as u64, 1),
        _ => ((x >> 64) as u64, 2),
    };
    if pair == 0 {
        return 0.0;
    }
    let zeros = pair.leading_zeros() & !1;
    let leading = ((pair << zeros) >> 32) as u32;
    sqrt(leading as f32) * power(16 * (words + 1)) / power(zeros / 2)
}

/// What the newest error was found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Judgement {
    /// Whether it is above the threshold, strictly. Exact.
    pub above: bool,
    /// mean + k·σ, for people: within 1e-6 relative of the exact value.
    pub threshold: f32,
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

    fn enter(&mut self, q: u64) {
        self.sum = self.sum.wrapping_add(q);
        self.squares = self.squares.wrapping_add(product(q, q));
    }

    fn leave(&mut self, q: u64) {
        self.sum = self.sum.wrapping_sub(q);
        self.squares = self.squares.wrapping_sub(product(q, q));
    }

    /// One entry for another: new² - old² is one product.
    fn exchange(&mut self, old: u64, new: u64) {
        self.sum = self.sum.wrapping_add(new).wrapping_sub(old);
        let change = product(new.abs_diff(old), new + old);
        self.squares = if new >= old {
            self.squares.wrapping_add(change)
        } else {
            self.squares.wrapping_sub(change)
        };
    }

    /// Appends an error, clamped to [0, [`MAX_ERROR`]] (NaN counts as the largest), and drops
    /// the oldest beyond `span` entries.
    pub fn push(&mut self, error: f32, span: usize) {
        let span = span.clamp(1, W);
        let error = clamp(error);
        let new = quantise(error);
        while self.errors.len() > span {
            if let Some(oldest) = self.errors.pop_oldest() {
                self.leave(quantise(oldest));
            }
        }
        if self.errors.len() == span
            && let Some(oldest) = self.errors.pop_oldest()
        {
            self.exchange(quantise(oldest), new);
        } else {
            self.enter(new);
        }
        self.errors.push(error);
    }

    /// Overwrites the newest error.
    pub fn replace_newest(&mut self, error: f32) {
        let error = clamp(error);
        let Some(newest) = self.errors.newest_mut() else {
            return;
        };
        let old = core::mem::replace(newest, error);
        self.exchange(quantise(old), quantise(error));
    }

    /// Compares the newest error with mean + k·σ. Rounding decides nothing: where the float
    /// threshold is too close to tell, the integers do.
    pub fn judge(&self, k: Sigmas) -> Judgement {
        let Some(newest) = self.errors.newest() else {
            return Judgement::default();
        };
        let n = self.errors.len() as u32;
        let spread = self.spread(n);
        // 2^-36 first: keeps the sums far from overflow.
        const UNIT: f32 = 1.0 / (1u64 << FRACTION_BITS) as f32;
        let deviation = root(spread) * UNIT;
        let threshold = (float(self.sum) * UNIT + k.factor * deviation) / n as f32;
        // The float threshold is within 1e-6 of itself, the stored error within 2^-37 of its
        // integer.
        let margin = threshold * 1e-5 + 4.0 * UNIT;
        let above = if newest - threshold > margin {
            true
        } else if threshold - newest > margin {
            false
        } else {
            self.exceeds(quantise(newest), n, spread, k)
        };
        Judgement { above, threshold }
    }

    /// n·q > S and (n·q - S)² > k²·(n·Q - S²).
    fn exceeds(&self, q: u64, n: u32, spread: u128, k: Sigmas) -> bool {
        let Some(above @ 1..) = (u64::from(n) * q).checked_sub(self.sum) else {
            return false;
        };
        // Both sides times 2^16; each may take 160 bits.
        let (left, left_over) = times(product(above, above), 1 << 16);
        let (right, right_over) = times(spread, k.squared_q16);
        (left_over, left) > (right_over, right)
    }

    /// n·Q - S², which is n²·σ².
    fn spread(&self, n: u32) -> u128 {
        let (squares, _) = times(self.squares, n);
        squares.wrapping_sub(product(self.sum, self.sum))
    }
}

/// k of mean + k·σ: k² with 16 fractional bits, and k as a float for what is reported.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sigmas {
    squared_q16: u32,
    factor: f32,
}

impl Sigmas {
    /// Rounds k², 0 < k <= 100, to 16 fractional bits.
    pub const fn new(k: f32) -> Self {
        let squared_q16 = (k * k * 65536.0 + 0.5) as u32;
        // Newton's root in f64, at most once per set of rules.
        let square = squared_q16 as f64;
        let mut root = 65536.0;
        let mut step = 0;
        while step < 60 {
            root = 0.5 * (root + square / root);
            step += 1;
        }
        Self {
            squared_q16,
            factor: (root / 256.0) as f32,
        }
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
            assert!(!window.judge(Sigmas::new(3.0)).above);
        }
        assert!((window.judge(Sigmas::new(3.0)).threshold - MAX_ERROR).abs() < 0.01);
        window.push(0.0, 16384);
        for _ in 0..16_000 {
            window.push(0.0, 16384);
        }
        window.push(MAX_ERROR, 16384);
        assert!(window.judge(Sigmas::new(3.0)).above);
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
                prop_assert_eq!(window.squares, qs.iter().map(|q| product(*q, *q)).sum::<u128>());
                let Some(&q) = qs.last() else { continue };
                let n = qs.len() as u128;
                let (s, above) = (u128::from(window.sum), n * u128::from(q));
                let want = above > s
                    && (above - s).pow(2) > u128::from(k * k) * (n * window.squares - s * s);
                let judgement = window.judge(Sigmas::new(k as f32));
                prop_assert_eq!(judgement.above, want);
                let unit = 2f64.powi(-36);
                let spread = (n * window.squares - s * s) as f64;
                let exact = (s as f64 + f64::from(k) * spread.sqrt()) * unit / n as f64;
                let error = (f64::from(judgement.threshold) - exact).abs();
                prop_assert!(error <= 1e-6 * exact, "{} {exact}", judgement.threshold);
            }
        }
    }
}
