//! Floating-point functions: the only file that names a library for them.
//!
//! Statistics use free functions for square root and absolute value. Both are exact (correctly
//! rounded), so no verdict depends on a choice made here. Training takes its transcendental
//! functions from a type parameter, [`Math`], with three implementers. A Cargo feature would not
//! do: features unify across a build and would change numbers at a distance.
//!
//! The stated errors are maxima over the stated domain, found by the tests of this file. No
//! implementer contracts a multiply and an add, so host and device agree bit for bit.

use micromath::F32Ext;

/// Absolute value.
pub(crate) const fn abs(x: f32) -> f32 {
    f32::from_bits(x.to_bits() & 0x7fff_ffff)
}

/// Whether `a` is larger than `b`, both 0 or more; a NaN is larger than any number. Compares bits: a
/// comparison of floats is a call where there is no floating-point unit.
pub(crate) const fn exceeds(a: f32, b: f32) -> bool {
    a.to_bits() > b.to_bits()
}

/// Square root, correctly rounded.
pub(crate) fn sqrt(x: f32) -> f32 {
    libm::sqrtf(x)
}

/// e to the power `x`, relative error below 2e-7.
pub(crate) fn exp(x: f32) -> f32 {
    libm::expf(x)
}

/// Natural logarithm of `x > 0`, relative error below 2e-7.
pub(crate) fn ln(x: f32) -> f32 {
    libm::logf(x)
}

/// `x` to the power `y`, `x > 0`, relative error below 2e-7.
pub(crate) fn pow(x: f32, y: f32) -> f32 {
    libm::powf(x, y)
}

/// Square root of twice the digits, correctly rounded.
pub(crate) fn root(x: f64) -> f64 {
    libm::sqrt(x)
}

/// The functions a trained predictor needs.
pub trait Math: Copy + core::fmt::Debug + 'static {
    /// Name in reports and tables.
    const NAME: &'static str;
    /// e to the power `x`.
    fn exp(x: f32) -> f32;
    /// Hyperbolic tangent.
    fn tanh(x: f32) -> f32;
    /// Square root of `x >= 0`.
    fn sqrt(x: f32) -> f32;
    /// Logistic function, 1 / (1 + exp(-x)).
    fn sigmoid(x: f32) -> f32 {
        1.0 / (1.0 + Self::exp(-x))
    }
}

/// libm, the default: relative error below 2e-7 (exp, tanh), square root exact.
///
/// Instructions on Cortex-M4F: exp 69, tanh 117, sigmoid 77, sqrt 65.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Libm;

impl Math for Libm {
    const NAME: &'static str = "libm";
    fn exp(x: f32) -> f32 {
        libm::expf(x)
    }
    fn tanh(x: f32) -> f32 {
        libm::tanhf(x)
    }
    fn sqrt(x: f32) -> f32 {
        libm::sqrtf(x)
    }
}

/// Own approximations from adds, multiplies and one division: tanh as a Padé(7,6) quotient,
/// absolute error below 1.0e-4 everywhere; sigmoid through it, below 5.0e-5; exp by its
/// binary exponent and a quintic, relative error below 4e-6; square root exact.
///
/// Instructions on Cortex-M4F: exp 54, tanh 39, sigmoid 43, sqrt 65.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Pade;

impl Math for Pade {
    const NAME: &'static str = "pade";

    fn exp(x: f32) -> f32 {
        // exp(x) = 2^n * exp(r), |r| <= ln(2)/2; Taylor to the fifth power.
        let x = x.clamp(-87.0, 88.0);
        let scaled = x * core::f32::consts::LOG2_E;
        let n = (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i32;
        // ln(2) in two parts (Cody and Waite, 1980): n times the first is exact.
        let r = x - n as f32 * 0.693_359_4 + n as f32 * 2.121_944_4e-4;
        let series =
            1.0 + r * (1.0 + r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0)))));
        series * f32::from_bits(((n + 127) as u32) << 23)
    }

    fn tanh(x: f32) -> f32 {
        // Continued fraction of tanh cut after seven terms; beyond the clamp the quotient
        // leaves [-1, 1].
        let x = x.clamp(-4.97, 4.97);
        let s = x * x;
        x * (135_135.0 + s * (17_325.0 + s * (378.0 + s)))
            / (135_135.0 + s * (62_370.0 + s * (3_150.0 + s * 28.0)))
    }

    fn sqrt(x: f32) -> f32 {
        libm::sqrtf(x)
    }

    fn sigmoid(x: f32) -> f32 {
        0.5 + 0.5 * Self::tanh(0.5 * x)
    }
}

/// micromath: small, but relative error up to 3e-3 (exp), 4e-3 (tanh), 6.2e-2 (square root).
///
/// Instructions on Cortex-M4F: exp 101, tanh 117, sigmoid 105, sqrt 23.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Micromath;

impl Math for Micromath {
    const NAME: &'static str = "micromath";
    fn exp(x: f32) -> f32 {
        F32Ext::exp(x)
    }
    fn tanh(x: f32) -> f32 {
        // 1 - 2 / (e^2x + 1); beyond the clamp it is 1 to the last bit.
        let e = F32Ext::exp(2.0 * x.clamp(-10.0, 10.0));
        1.0 - 2.0 / (e + 1.0)
    }
    fn sqrt(x: f32) -> f32 {
        F32Ext::sqrt(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest error of `ours` against `exact` over [low, high], relative or absolute.
    fn worst(
        ours: fn(f32) -> f32,
        exact: fn(f64) -> f64,
        (low, high): (f32, f32),
        relative: bool,
    ) -> f64 {
        (0..=40_000)
            .map(|k| {
                let x = low + (high - low) * k as f32 / 40_000.0;
                let want = exact(f64::from(x));
                let error = (f64::from(ours(x)) - want).abs();
                if relative && want != 0.0 {
                    error / want.abs()
                } else {
                    error
                }
            })
            .fold(0.0, f64::max)
    }

    fn sigmoid(x: f64) -> f64 {
        1.0 / (1.0 + (-x).exp())
    }

    /// Broken by a change of any approximation for the worse.
    #[test]
    fn errors_are_as_documented() {
        assert!(worst(Libm::exp, f64::exp, (-20.0, 20.0), true) < 2e-7);
        assert!(worst(exp, f64::exp, (-20.0, 20.0), true) < 2e-7);
        assert!(worst(ln, f64::ln, (1.5, 1e4), true) < 2e-7);
        assert!(worst(ln, f64::ln, (1e-6, 0.7), true) < 2e-7);
        let fell: fn(f32) -> f32 = |x| pow(x, -0.4);
        let exact = |x: f64| x.powf(f64::from(-0.4_f32));
        assert!(worst(fell, exact, (1e-3, 1e4), true) < 2e-7);
        assert!(worst(Libm::tanh, f64::tanh, (-10.0, 10.0), true) < 2e-7);
        assert!(worst(Pade::exp, f64::exp, (-80.0, 80.0), true) < 4e-6);
        assert!(worst(Pade::tanh, f64::tanh, (-20.0, 20.0), false) < 1e-4);
        assert!(worst(Pade::sigmoid, sigmoid, (-40.0, 40.0), false) < 5e-5);
        assert!(worst(Micromath::exp, f64::exp, (-10.0, 10.0), true) < 3e-3);
        assert!(worst(Micromath::tanh, f64::tanh, (-8.0, 8.0), false) < 4e-3);
        assert!(worst(Micromath::sqrt, f64::sqrt, (0.001, 100.0), true) < 6.3e-2);
    }

    #[test]
    fn every_implementer_is_total() {
        fn total<M: Math>() {
            for x in [
                0.0,
                -0.0,
                1e-40,
                1e38,
                -1e38,
                f32::INFINITY,
                f32::NEG_INFINITY,
                f32::NAN,
            ] {
                let _ = (M::exp(x), M::tanh(x), M::sigmoid(x), M::sqrt(x));
            }
        }
        total::<Libm>();
        total::<Pade>();
        total::<Micromath>();
        assert_eq!(abs(-1.5).to_bits(), 1.5f32.to_bits());
        assert_eq!(abs(f32::NEG_INFINITY), f32::INFINITY);
    }
}
