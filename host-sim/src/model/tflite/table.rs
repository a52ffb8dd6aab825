//! Functions of int8 values as LiteRT's reference kernels compute them, point by point.
//!
//! Sigmoid and tanh are those of gemmlowp's fixed-point arithmetic (Jacob et al., 2018, arXiv
//! 1712.05877, appendix): the input as `Q4.27`, `exp` on (-1/4, 0] by a Taylor polynomial around
//! -1/8 and a barrel of factors `exp(-2^k)`, then `1/(1 + x)` by three Newton steps.

use crate::model::dense::Fused;
use anyhow::{Result, ensure};
use bellwether::model::QuantParams;

/// Integer bits of the input of sigmoid and tanh.
const INTEGER_BITS: i32 = 4;

/// A multiplier of 31 bits and a shift of either sign; rounded twice, as gemmlowp does, ties of the
/// second rounding away from zero.
#[derive(Clone, Copy, Debug)]
struct Factor {
    q31: i32,
    shift: i32,
}

impl Factor {
    /// The nearest factor of that form. Below 2^-32 it is 0.
    fn new(real: f64) -> Self {
        if !(real.is_normal() && real > 0.0) {
            return Self { q31: 0, shift: 0 };
        }
        let bits = real.to_bits();
        let mut shift = ((bits >> 52) & 0x7ff) as i32 - 1022;
        let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
        let mut q31 = (fraction * f64::from(1_u32 << 31)).round() as i64;
        if q31 == 1 << 31 {
            (q31, shift) = (q31 >> 1, shift + 1);
        }
        if shift < -31 {
            (q31, shift) = (0, 0);
        }
        // Beyond 30 every number but 0 leaves 8 bits anyway.
        Self {
            q31: q31 as i32,
            shift: shift.min(30),
        }
    }

    fn apply(self, x: i32) -> i32 {
        let left = self.shift.max(0).unsigned_abs();
        let right = (-self.shift).max(0).unsigned_abs();
        divided_by_power(times(times_power(x, left), self.q31), right)
    }
}

/// Limits of 8 bits.
const BYTES: (i32, i32) = (-128, 127);

/// Entries for -128 to 127, within limits.
fn each(input: &QuantParams, (least, most): (i32, i32), value: impl Fn(i32) -> i32) -> Vec<i16> {
    let zero = i32::from(input.zero_point);
    let entry = |q: i32| value(q - zero).clamp(least, most) as i16;
    (-128..128).map(entry).collect()
}

/// QUANTIZE between two grids.
pub(super) fn requantised(input: &QuantParams, output: &QuantParams) -> Result<Vec<i16>> {
    let factor = Factor::new(f64::from(input.scale) / f64::from(output.scale));
    let zero = i32::from(output.zero_point);
    let limits = if output.wide {
        (i16::MIN.into(), i16::MAX.into())
    } else {
        BYTES
    };
    Ok(each(input, limits, |x| {
        factor.apply(x).saturating_add(zero)
    }))
}

/// RELU and its kin, which may change the grid.
pub(super) fn clamped(input: &QuantParams, output: &QuantParams, fused: Fused) -> Result<Vec<i16>> {
    let (low, high) = match fused {
        Fused::Linear => (output.low(), output.high()),
        Fused::Relu => (output.zero_point, output.high()),
        Fused::Between(low, high) => (low, high),
    };
    // The reference divides in f32 here, and in f64 for QUANTIZE.
    let factor = Factor::new(f64::from(input.scale / output.scale));
    let zero = i32::from(output.zero_point);
    let all = each(input, BYTES, |x| factor.apply(x).saturating_add(zero)).into_iter();
    Ok(all.map(|q| q.clamp(low, high)).collect())
}

/// LEAKY_RELU: one factor above the zero point, another below.
pub(super) fn leaky(slope: f32, input: &QuantParams, output: &QuantParams) -> Result<Vec<i16>> {
    ensure!(slope.is_finite(), "the slope is {slope}");
    ensure!(slope >= 0.0, "the slope is {slope}, must be at least 0");
    let above = Factor::new(f64::from(input.scale / output.scale));
    let below = Factor::new(f64::from(input.scale * slope / output.scale));
    let zero = i32::from(output.zero_point);
    Ok(each(input, BYTES, |x| {
        let factor = if x >= 0 { above } else { below };
        factor.apply(x).saturating_add(zero)
    }))
}

/// LOGISTIC, its output on the grid from 0 to 255/256.
pub(super) fn logistic(input: &QuantParams, output: &QuantParams) -> Result<Vec<i16>> {
    fixed(output, 1.0 / 256.0, -128)?;
    Ok(bent(input, |x| divided_by_power(sigmoid(x), 31 - 8) - 128))
}

/// TANH, its output on the grid from -1 to 127/128.
pub(super) fn tanh(input: &QuantParams, output: &QuantParams) -> Result<Vec<i16>> {
    fixed(output, 1.0 / 128.0, 0)?;
    Ok(bent(input, |x| divided_by_power(tangent(x), 31 - 7)))
}

fn fixed(output: &QuantParams, scale: f32, zero: i16) -> Result<()> {
    ensure!(
        output.scale == scale && output.zero_point == zero,
        "its outputs have scale {} and zero point {}, must be {scale} and {zero}",
        output.scale,
        output.zero_point
    );
    Ok(())
}

/// A function of the input as `Q4.27`, saturated beyond the radius that this holds.
fn bent(input: &QuantParams, function: impl Fn(i32) -> i32) -> Vec<i16> {
    let factor = Factor::new(f64::from(input.scale) * f64::from(1 << (31 - INTEGER_BITS)));
    let most = f64::from((1 << INTEGER_BITS) - 1) * 2.0_f64.powi(31 - INTEGER_BITS);
    let radius = (most / 2.0_f64.powi(factor.shift)).floor();
    each(input, BYTES, |x| {
        if f64::from(x) <= -radius {
            -128
        } else if f64::from(x) >= radius {
            127
        } else {
            function(factor.apply(x))
        }
    })
}

/// `a · b / 2^31`, doubled and rounded, halves away from zero.
fn times(a: i32, b: i32) -> i32 {
    if a == b && a == i32::MIN {
        return i32::MAX;
    }
    let product = i64::from(a) * i64::from(b);
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    ((product + nudge) / (1_i64 << 31)) as i32
}

/// `x / 2^exponent`, rounded, halves away from zero.
const fn divided_by_power(x: i32, exponent: u32) -> i32 {
    let mask = ((1_i64 << exponent) - 1) as i32;
    let limit = (mask >> 1) + (x < 0) as i32;
    (x >> exponent) + ((x & mask) > limit) as i32
}

/// `x · 2^exponent`, saturated.
const fn times_power(x: i32, exponent: u32) -> i32 {
    let wide = (x as i64) << exponent;
    if wide > i32::MAX as i64 {
        i32::MAX
    } else if wide < i32::MIN as i64 {
        i32::MIN
    } else {
        wide as i32
    }
}

/// `exp(x)` for x in [-1/4, 0) as `Q0.31`.
fn exp_near_zero(a: i32) -> i32 {
    const EXP_OF_AN_EIGHTH: i32 = 1_895_147_668;
    const THIRD: i32 = 715_827_883;
    let x = a.wrapping_add(1 << 28);
    let x2 = times(x, x);
    let x3 = times(x2, x);
    let x4 = times(x2, x2);
    let fourth = divided_by_power(x4, 2);
    let rest = divided_by_power(times(fourth.wrapping_add(x3), THIRD).wrapping_add(x2), 1);
    let term = x.wrapping_add(rest);
    EXP_OF_AN_EIGHTH.saturating_add(times(EXP_OF_AN_EIGHTH, term))
}

/// `exp(x)` for x at most 0 as `Q<bits>.<31 - bits>`; the result as `Q0.31`.
fn exp_of_negative(a: i32, bits: i32) -> i32 {
    if a == 0 {
        return i32::MAX;
    }
    let fraction = 31 - bits;
    let quarter = 1_i32 << (fraction - 2);
    let mask = quarter - 1;
    let within = (a & mask) - quarter;
    let mut result = exp_near_zero(times_power(within, bits.unsigned_abs()));
    let remainder = within.wrapping_sub(a);
    let barrel = [
        (-2, 1_672_461_947),
        (-1, 1_302_514_674),
        (0, 790_015_084),
        (1, 290_630_308),
        (2, 39_332_535),
        (3, 720_401),
        (4, 242),
    ];
    for (exponent, factor) in barrel {
        let at = fraction + exponent;
        if bits > exponent && (0..31).contains(&at) && remainder & (1 << at) != 0 {
            result = times(result, factor);
        }
    }
    if bits > 5 && a < -(1 << (36 - bits)) {
        result = 0;
    }
    result
}

/// `1 / (1 + x)` or `(1 - x) / (1 + x)` for x in [0, 1] as `Q0.31`, by Newton steps from 48/17 - 32/17·d.
fn newton(a: i32) -> i32 {
    const A: i32 = 1_515_870_810;
    const B: i32 = -1_010_580_540;
    // Half of 1 + x.
    let sum = i64::from(a) + i64::from(i32::MAX);
    let half = ((sum + 1) / 2) as i32;
    let mut x = A.wrapping_add(times(half, B));
    for _ in 0..3 {
        let left = (1_i32 << 29).wrapping_sub(times(half, x));
        // A product of two Q2.29 as Q4.27, brought back to Q2.29.
        x = x.wrapping_add(times_power(times(x, left), 2));
    }
    x
}

/// The sigmoid of `Q4.27` as `Q0.31`.
fn sigmoid(x: i32) -> i32 {
    if x == 0 {
        return 1 << 30;
    }
    let size = if x > 0 { x } else { x.wrapping_neg() };
    // 1 / (1 + exp(-|x|)): Q2.29 to Q0.31, halved by the half of 1 + x.
    let exponential = exp_of_negative(size.wrapping_neg(), INTEGER_BITS);
    let positive = times_power(newton(exponential), 1);
    if x > 0 {
        positive
    } else {
        i32::MAX.wrapping_sub(positive)
    }
}

/// The hyperbolic tangent of `Q4.27` as `Q0.31`.
fn tangent(x: i32) -> i32 {
    if x == 0 {
        return 0;
    }
    let size = if x > 0 { x } else { x.wrapping_neg() };
    // The exponential of twice the number: one integer bit more, the same bits.
    let exponential = exp_of_negative(size.wrapping_neg(), INTEGER_BITS + 1);
    let inverse = newton(exponential);
    let value = times_power(inverse.wrapping_sub(1 << 29), 2);
    if x > 0 { value } else { value.wrapping_neg() }
}
