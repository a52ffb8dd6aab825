//! The surprise of a lane's value, by the lane's own values in the rows of the fit.
//!
//! ```text
//! f_k = 1 + max(s_k - u_k, 0) / scale_k    onset = 1/4 ln(f_0 f_1 f_2 f_3)
//! ```
//!
//! `u` is the 0.9 quantile of the lane, `scale` four times its mean excess above it. One logarithm
//! serves all lanes; it is of `f32` by additions, products and one division, so that every target
//! gives the same bits.

use core::f32::consts::LN_2;

/// The four lanes, in this order: short memory, long memory, difference, residual.
pub(in crate::detector) const LANES: usize = 4;

/// The usual values of each lane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Calibration {
    /// Values up to which a lane says nothing.
    pub usual: [f32; LANES],
    /// The inverse of each lane's scale.
    pub inv_scale: [f32; LANES],
}

impl Calibration {
    pub(in crate::detector) fn factors(&self, lanes: [f32; LANES]) -> [f32; LANES] {
        let mut factors = lanes;
        let about = self.usual.iter().zip(&self.inv_scale);
        for (factor, (usual, inv_scale)) in factors.iter_mut().zip(about) {
            let excess = *factor - usual;
            *factor = if excess > 0.0 {
                1.0 + excess * inv_scale
            } else {
                1.0
            };
        }
        factors
    }

    /// The mean surprise of the lanes.
    pub(super) fn onset(&self, lanes: [f32; LANES]) -> f32 {
        let [a, b, c, d] = self.factors(lanes);
        0.25 * ln(((a * b) * c) * d)
    }

    /// The surprise of each lane.
    pub(super) fn surprises(&self, lanes: [f32; LANES]) -> [f32; LANES] {
        self.factors(lanes).map(ln)
    }

    /// Whether no number can make a surprise that is none.
    pub(in crate::detector) fn is_whole(&self) -> bool {
        let usual = self.usual.iter().all(|u| u.is_finite() && *u >= 0.0);
        let scales = self.inv_scale.iter();
        usual && scales.into_iter().all(|s| s.is_finite() && *s > 0.0)
    }
}

/// The natural logarithm of a normal positive number, relative error below 3e-7 near 1; exactly 0 at
/// 1. 2 artanh t = 2 (t + t³/3 + t⁵/5 + t⁷/7), t = (f - 1) / (f + 1), of the fraction f.
pub(crate) fn ln(x: f32) -> f32 {
    const FRACTION: u32 = 0x007f_ffff;
    const ONE: u32 = 0x3f80_0000;
    // All lanes have usual values.
    if x == 1.0 {
        return 0.0;
    }
    let bits = x.to_bits();
    let mut exponent = (bits >> 23) as i32 - 127;
    let mut f = f32::from_bits((bits & FRACTION) | ONE);
    if f > core::f32::consts::SQRT_2 {
        f *= 0.5;
        exponent += 1;
    }
    let t = (f - 1.0) / (f + 1.0);
    let w = t * t;
    let series = ((2.0 / 7.0 * w + 2.0 / 5.0) * w + 2.0 / 3.0) * w + 2.0;
    exponent as f32 * LN_2 + t * series
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by another order of operations, by a contracted one, or by a library's logarithm.
    #[test]
    fn the_logarithm_has_its_bits() {
        let pairs = [
            (0x3f80_0000, 0x0000_0000),
            (0x3f80_0001, 0x3400_0000),
            (0x3f80_20c5, 0x3a83_033c),
            (0x3fc0_0000, 0x3ecf_9920),
            (0x4000_0000, 0x3f31_7218),
            (0x4040_0000, 0x3f8c_9f54),
            (0x4120_0000, 0x4013_5d8e),
            (0x449a_5000, 0x40e3_ca1c),
            (0x5833_a00d, 0x4209_3653),
        ];
        for (x, wanted) in pairs {
            let found = ln(f32::from_bits(x)).to_bits();
            assert_eq!(found, wanted, "{x:#x}: {found:#x}");
        }
    }

    #[test]
    fn the_logarithm_is_that_of_twice_the_digits() {
        for k in 0..200_000_u32 {
            let x = f32::from_bits(0x3f80_0000 + k * 1_021);
            let exact = f64::from(x).ln();
            let apart = (f64::from(ln(x)) - exact).abs();
            assert!(apart <= 3e-7 * exact.max(0.35), "{x}: {apart}");
        }
    }

    #[test]
    fn nothing_makes_a_surprise_that_is_no_number() {
        let calibration = Calibration {
            usual: [0.0; LANES],
            inv_scale: [f32::MAX; LANES],
        };
        for lanes in [[0.0; LANES], [f32::MAX; LANES], [f32::NAN; LANES]] {
            let onset = calibration.onset(lanes);
            assert!(onset.is_finite() && onset >= 0.0, "{onset}");
        }
    }
}
