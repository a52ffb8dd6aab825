//! A value as one signed byte, ten deviations either way: a step is 0.079 of one.

use crate::math::{abs, exceeds};
use crate::network::kernel::squares::squares;

/// Steps of a byte per deviation.
const STEPS: f32 = 12.7;
/// The largest byte.
const MOST: f32 = 127.0;
/// Deviations beyond which a value counts as that many.
pub(super) const CAP: f32 = 50.0;

/// Smallest deviation of all.
const LEAST: f64 = 1e-9;
/// Smallest deviation as a share of the mean, and how much wider than its own it makes one at most.
const SHARE: (f64, f64) = (0.01, 3.0);
/// Share of the mean below which a deviation is one of rounding: eight steps of an `f32`.
const ROUNDING: f64 = 1.0 / (1 << 20) as f64;
/// Smallest deviation of differences, in deviations.
const LEAST_DIFFERENCE: f64 = 1e-3;

/// The deviations that scales are made from, of a variable and of its differences.
///
/// A variable that hardly moved for its size, such as a pH, moves more later: a hundredth of the mean is
/// its deviation, but no more than three times its own, so that an offset (Kelvin, a counter) hides nothing.
/// A variable that did not move at all has no own.
pub fn floored(mean: f64, deviation: f64, difference: f64) -> (f64, f64) {
    let (size, (share, wider)) = (mean.abs(), SHARE);
    let wide = deviation.max(share * size).max(LEAST);
    let deviation = if deviation > (ROUNDING * size).max(LEAST) {
        wide.min(wider * deviation)
    } else {
        wide
    };
    (deviation, difference.max(LEAST_DIFFERENCE * deviation))
}

/// `z` deviations as a byte: 12.7 `z`, to the nearest, halves up.
pub fn byte(z: f32) -> i8 {
    let steps = z * STEPS;
    if exceeds(abs(steps), MOST) {
        // 0 for a NaN.
        return steps.clamp(-MOST, MOST) as i8;
    }
    floor(steps + 0.5) as i8
}

/// The largest whole number that is not above `x`, which is neither -0 nor beyond ±2^22. By integers: without
/// a floating-point unit a conversion takes four calls.
fn floor(x: f32) -> i32 {
    const FRACTION: u32 = 0x007f_ffff;
    let bits = x.to_bits();
    let exponent = (bits >> 23) & 0xff;
    let mantissa = ((bits & FRACTION) | (FRACTION + 1)) as i32;
    let signed = if x.is_sign_negative() {
        -mantissa
    } else {
        mantissa
    };
    // A shift of more than 24 leaves 0 or -1.
    signed >> 150_u32.saturating_sub(exponent).min(31)
}

/// A value in deviations from the mean.
pub fn deviations(x: f32, mean: f32, inv_deviation: f32) -> f32 {
    (x - mean) * inv_deviation
}

/// `z`, at most 50 either way.
pub fn capped(z: f32) -> f32 {
    if exceeds(abs(z), CAP) {
        z.clamp(-CAP, CAP)
    } else {
        z
    }
}

/// The difference of two values, in usual differences, at most 50.
pub(in crate::detector) fn difference(x: f32, last: f32, inv_difference: f32) -> f32 {
    let t = abs(x - last) * inv_difference;
    if exceeds(t, CAP) { CAP } else { t }
}

/// The sum of squared differences of two vectors; some value of at least `limit` if it is not less.
/// At most 1,024 · 254² < 2^27.
#[inline]
pub fn squared(a: &[i8], b: &[i8], limit: u32) -> u32 {
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks(), b.as_chunks());
    let mut sum = squares(a, b, limit);
    if sum >= limit {
        return sum;
    }
    for (a, b) in a_rest.iter().zip(b_rest) {
        let apart = i32::from(*a) - i32::from(*b);
        sum += (apart * apart) as u32;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_rounded_halves_up_and_capped() {
        for k in -127..=127_i32 {
            let exact = k as f32 / STEPS;
            assert_eq!(i32::from(byte(exact)), k);
        }
        // 12.7 · 5 = 63.5 exactly.
        assert_eq!((byte(5.0), byte(-5.0)), (64, -63));
        assert_eq!((byte(f32::MAX), byte(f32::NEG_INFINITY)), (127, -127));
        assert_eq!((byte(0.0), byte(-0.0), byte(-1e-30)), (0, 0, 0));
    }

    /// Broken by a floor that grows with an offset, or by none where a variable did not move.
    #[test]
    fn a_deviation_is_a_share_of_the_mean_within_bounds() {
        assert_eq!(floored(5.0, 2.0, 1.0), (2.0, 1.0));
        assert_eq!(floored(-100.0, 0.5, 0.0), (1.0, 1e-3));
        assert_eq!(floored(1e4, 0.5, 1.0), (1.5, 1.0));
        assert_eq!(floored(1e4, 0.0, 0.0), (100.0, 0.1));
        assert_eq!(floored(0.0, 0.0, 0.0).0, 1e-9);
    }

    /// Broken by an early exit that is taken below the limit.
    #[test]
    fn squared_distances_are_exact_below_the_limit() {
        let value = |k: usize, m: usize| ((k * m) % 255) as i8;
        for length in [1, 4, 7, 8, 9, 31, 32, 76] {
            let a: std::vec::Vec<i8> = (0..length).map(|k| value(k, 37)).collect();
            let b: std::vec::Vec<i8> = (0..length).map(|k| value(k, 91).max(-127)).collect();
            let exact = a.iter().zip(&b);
            let exact = exact.map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2) as u32);
            let exact: u32 = exact.sum();
            assert_eq!(squared(&a, &b, u32::MAX), exact);
            assert_eq!(squared(&a, &b, exact + 1), exact);
            assert!(squared(&a, &b, exact / 2) >= exact / 2);
        }
    }
}
