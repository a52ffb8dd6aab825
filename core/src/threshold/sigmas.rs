//! Mean and deviation of the last relative errors in O(1) per sample, exactly.
//!
//! Running float sums drift: after a burst has left the window its rounding error stays.
//! Here every error is held as the integer q = error · 2^36, and what is kept of n entries are
//! the integers
//!
//! ```text
//! S = Σq        D = n·Σq² - S² = n²·σ²·2^72
//! ```
//!
//! so that adding and removing an entry cancel exactly and the result does not depend on the
//! order or the target. mean + k·σ is exceeded
//!
//! ```text
//! error > mean + k·σ   <=>   n·q > S   and   (n·q - S)² > k²·D
//! ```
//!
//! without a division or a root: whatever a float threshold cannot tell for certain is decided
//! by these integers. q < 2^48 and n <= 2^14 keep every product below 2^128. In a full window
//! one entry goes for another, which changes D by a single product (see `exchange`).

use crate::statistics::window::Window;

/// Relative errors saturate here.
pub const MAX_ERROR: f32 = 4095.9998;

const FRACTION_BITS: u32 = 36;

/// round(error · 2^36), half up, from the bits of an error within [0, `MAX_ERROR`].
const fn quantise(error: f32) -> u64 {
    let bits = error.to_bits();
    let exponent = bits >> 23;
    let mantissa = bits & 0x007f_ffff | 0x0080_0000;
    // error = mantissa · 2^(exponent - 150), and exponent <= 138.
    let point = 150 - FRACTION_BITS;
    if exponent >= point {
        (mantissa as u64) << ((exponent - point) & 31)
    } else {
        let shift = point - exponent;
        if shift > 25 {
            0
        } else {
            ((mantissa + (1 << (shift - 1))) >> shift) as u64
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

/// 2^(exponent - 127), for exponents of normal numbers.
const fn power(exponent: u32) -> f32 {
    f32::from_bits(exponent << 23)
}

/// Exponent of 2^-36, the unit of the sums.
const UNIT: u32 = 127 - FRACTION_BITS;

/// x·2^-36, within 2^-22 relative.
const fn scaled(x: u64) -> f32 {
    (x >> 32) as u32 as f32 * power(UNIT + 32) + x as u32 as f32 * power(UNIT)
}

/// x / n, rounded down; x if n is 0.
const fn quotient(x: u128, n: u32) -> u128 {
    if n == 0 {
        return x;
    }
    // n <= 2^14: sixteen bits at a time fit a word.
    let (mut quotient, mut rest, mut bits) = (0u128, 0u32, 128);
    while bits > 0 {
        bits -= 16;
        let part = (rest << 16) | (x >> bits) as u16 as u32;
        quotient = (quotient << 16) | (part / n) as u128;
        rest = part % n;
    }
    quotient
}

/// √x·2^-36, within 1e-7 relative: from the leading 31 or 32 bits.
const fn scaled_root(x: u128) -> f32 {
    // The leading word that is not zero, and the one below it.
    let (pair, words) = match ((x >> 96) as u32, (x >> 64) as u32) {
        (0, 0) => (x as u64, 0),
        (0, _) => ((x >> 32) as u64, 1),
        _ => ((x >> 64) as u64, 2),
    };
    let zeros = pair.leading_zeros() & 62;
    let leading = ((pair << zeros) >> 32) as u32;
    root(leading) as f32 * power(UNIT + 2 + 16 * words - zeros / 2)
}

/// Upper word of a·b.
const fn upper(a: u32, b: u32) -> u32 {
    ((a as u64 * b as u64) >> 32) as u32
}

/// √(x·2^-32)·2^30 for x = 0 and x >= 2^30, within 1e-7 relative. Newton's iteration for the
/// reciprocal root, r' = r·(3 - x·r²)/2, three times from a line that is off by 9 % at most;
/// integers only, so cheap without a floating-point unit too.
const fn root(x: u32) -> u32 {
    const LINE: (u32, u32) = (2_289_970_000, 1_308_550_000); // 2.1327 and 1.2187, times 2^30
    let mut r = LINE.0 - upper(x, LINE.1);
    let mut step = 0;
    while step < 3 {
        let square = upper(x, upper(r, r));
        r = upper(r, ((3 << 28) - square) << 2) << 1;
        step += 1;
    }
    upper(x, r)
}

/// What the newest error was found to be.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Comparison {
    /// Whether it is above the threshold, strictly. Exact.
    pub above: bool,
    /// mean + k·σ, for people: within 1e-6 relative of the exact value.
    pub threshold: f32,
}

/// The last errors of a lane, and whether the newest is out of the ordinary.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ErrorWindow<const W: usize> {
    errors: Window<f32, W>,
    /// S.
    sum: u64,
    /// D.
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    spread: u128,
}

impl<const W: usize> ErrorWindow<W> {
    /// No errors yet.
    pub const fn new() -> Self {
        Self {
            errors: Window::new(),
            sum: 0,
            spread: 0,
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.errors.clear();
        self.sum = 0;
        self.spread = 0;
    }

    /// Errors held.
    pub const fn count(&self) -> usize {
        self.errors.len()
    }

    /// The errors, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &f32> {
        self.errors.iter()
    }

    /// One of n entries goes for another: D' = D + d·(n·(new + old) - 2·S - d), d = new - old.
    fn exchange(&mut self, old: u64, new: u64) {
        let n = self.errors.len() as u64;
        let change = new.wrapping_sub(old) as i64;
        let factor = (n.wrapping_mul(new + old))
            .wrapping_sub(2 * self.sum)
            .wrapping_sub(change as u64) as i64;
        self.spread = self
            .spread
            .wrapping_add((i128::from(change) * i128::from(factor)) as u128);
        self.sum = self.sum.wrapping_add(change as u64);
    }

    /// Σ(qᵢ - q)² over the n entries that are summed: what D gains with another entry.
    fn distances(&self, n: u32, q: u64) -> u128 {
        let (squares, _) = times(product(q, q), n);
        quotient(self.spread + product(self.sum, self.sum), n)
            .wrapping_sub(product(self.sum, q) << 1)
            .wrapping_add(squares)
    }

    fn add(&mut self, error: f32) {
        let (n, q) = (self.errors.len() as u32, quantise(error));
        self.spread = self.spread.wrapping_add(self.distances(n, q));
        self.sum = self.sum.wrapping_add(q);
        self.errors.push(error);
    }

    fn drop_oldest(&mut self) {
        let n = self.errors.len() as u32;
        if let Some(oldest) = self.errors.pop_oldest() {
            let q = quantise(oldest);
            self.spread = self.spread.wrapping_sub(self.distances(n, q));
            self.sum = self.sum.wrapping_sub(q);
        }
    }

    /// Appends an error, clamped to [0, [`MAX_ERROR`]] (NaN counts as the largest), and drops
    /// the oldest beyond `span` entries, 1 to `W`. Returns the error as it is stored.
    pub fn push(&mut self, error: f32, span: usize) -> f32 {
        let error = clamp(error);
        self.enter(error, span);
        error
    }

    /// [`Self::push`] of an error within [0, [`MAX_ERROR`]]. Inlined where speed counts.
    #[inline(always)]
    pub(crate) fn enter(&mut self, error: f32, span: usize) {
        let span = span.min(W);
        if self.errors.len() == span
            && let Some(oldest) = self.errors.exchange_oldest(error)
        {
            self.exchange(quantise(oldest), quantise(error));
        } else {
            self.resize(error, span);
        }
    }

    /// Appends a stored error to a window that has room, or too many entries.
    #[cold]
    fn resize(&mut self, error: f32, span: usize) {
        while self.errors.len() >= span.max(1) {
            self.drop_oldest();
        }
        self.add(error);
    }

    /// Overwrites the newest error; the first one if there is none. Returns the error as it is
    /// stored.
    pub fn replace_newest(&mut self, error: f32) -> f32 {
        let Some(newest) = self.errors.newest_mut() else {
            return self.push(error, 1);
        };
        let error = clamp(error);
        let old = core::mem::replace(newest, error);
        self.exchange(quantise(old), quantise(error));
        error
    }

    /// Compares an error that is stored with mean + k·σ. Rounding decides nothing: where the
    /// float threshold is too close to tell, the integers do.
    #[inline(always)]
    pub fn judge(&self, stored: f32, k: Sigmas) -> Comparison {
        let n = self.errors.len().max(1) as u32;
        let deviation = scaled_root(self.spread);
        let threshold = (scaled(self.sum) + k.factor * deviation) / n as f32;
        // The float threshold is within 1e-6 of itself, the stored error within 2^-37 of its
        // integer.
        let margin = threshold * 1e-5 + power(UNIT + 1);
        let above = if stored < threshold - margin {
            false
        } else if stored > threshold + margin {
            true
        } else {
            self.exceeds(quantise(stored), n, k)
        };
        Comparison { above, threshold }
    }

    /// n·q > S and (n·q - S)² > k²·D.
    #[cold]
    fn exceeds(&self, q: u64, n: u32, k: Sigmas) -> bool {
        let Some(above @ 1..) = (u64::from(n) * q).checked_sub(self.sum) else {
            return false;
        };
        // Both sides times 2^16; each may take 160 bits.
        let (left, left_over) = times(product(above, above), 1 << 16);
        let (right, right_over) = times(self.spread, k.squared_q16);
        (left_over, left) > (right_over, right)
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
    /// Rounds k², 0.1 <= k <= 100, to 16 fractional bits.
    pub const fn new(k: f32) -> Self {
        let squared_q16 = (k * k * 65536.0 + 0.5) as u32;
        // k is nearly the root: one step of Newton's method is exact to the last bit or two.
        let square = squared_q16 as f32 / 65536.0;
        Self {
            squared_q16,
            factor: 0.5 * (k + square / k),
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
    fn roots_and_scaled_numbers_are_within_their_errors() {
        let mut worst = 0.0f64;
        for k in (1u64 << 30..1 << 32).step_by(9_973) {
            let exact = (k as f64).sqrt() * 2f64.powi(14);
            worst = worst.max((f64::from(root(k as u32)) / exact - 1.0).abs());
        }
        assert!(worst < 1e-7, "{worst:e}");
        for exponent in 0..124 {
            let x = (1u128 << exponent) + (1 << exponent) / 3;
            let exact = (x as f64).sqrt() * 2f64.powi(-36);
            assert!(
                (f64::from(scaled_root(x)) / exact - 1.0).abs() < 2e-7,
                "{exponent}"
            );
            let x = x as u64 | 1;
            let exact = x as f64 * 2f64.powi(-36);
            assert!(
                (f64::from(scaled(x)) / exact - 1.0).abs() < 1.3e-7,
                "{exponent}"
            );
        }
        assert_eq!((scaled_root(0), scaled(0)), (0.0, 0.0));
    }

    #[test]
    fn constant_errors_never_exceed_and_large_windows_do_not_overflow() {
        let mut window = ErrorWindow::<16384>::new();
        for _ in 0..40_000 {
            let stored = window.push(MAX_ERROR, 16384);
            assert!(!window.judge(stored, Sigmas::new(3.0)).above);
        }
        assert!((window.judge(0.0, Sigmas::new(3.0)).threshold - MAX_ERROR).abs() < 0.01);
        window.push(0.0, 16384);
        for _ in 0..16_000 {
            window.push(0.0, 16384);
        }
        let stored = window.push(MAX_ERROR, 16384);
        assert!(window.judge(stored, Sigmas::new(3.0)).above);
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
                let stored = if replace { window.replace_newest(error) } else { window.push(error, span) };
                prop_assert_eq!(Some(&stored), window.iter().last());
                let qs: std::vec::Vec<u64> = window.iter().map(|e| quantise(*e)).collect();
                prop_assert_eq!(window.sum, qs.iter().sum::<u64>());

                let Some(&q) = qs.last() else { continue };
                let n = qs.len() as u128;
                let (s, above) = (u128::from(window.sum), n * u128::from(q));
                let squares = qs.iter().map(|q| product(*q, *q)).sum::<u128>();
                prop_assert_eq!(window.spread, n * squares - s * s);
                let want = above > s
                    && (above - s).pow(2) > u128::from(k * k) * window.spread;
                let judgement = window.judge(stored, Sigmas::new(k as f32));
                prop_assert_eq!(judgement.above, want);
                let unit = 2f64.powi(-36);
                let spread = window.spread as f64;
                let exact = (s as f64 + f64::from(k) * spread.sqrt()) * unit / n as f64;
                let error = (f64::from(judgement.threshold) - exact).abs();
                prop_assert!(error <= 1e-6 * exact, "{} {exact}", judgement.threshold);
            }
        }
    }
}
