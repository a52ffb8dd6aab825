//! Functions of int8 values as LiteRT's reference kernels compute them, point by point.

mod fixed;

use crate::model::dense::Fused;
use anyhow::{Result, ensure};
use bellwether::model::QuantParams;
use fixed::{INTEGER_BITS, divided_by_power, sigmoid, tangent, times, times_power};

/// A multiplier of 31 bits and a shift of either sign; rounded twice, as gemmlowp does, ties of the
/// second rounding away from zero.
#[derive(Clone, Copy, Debug)]
pub(super) struct Factor {
    q31: i32,
    shift: i32,
}

impl Factor {
    /// The nearest factor of that form. Below 2^-32 it is 0.
    pub(super) fn new(real: f64) -> Self {
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

    pub(super) fn apply(self, x: i32) -> i32 {
        let left = self.shift.max(0).unsigned_abs();
        let right = (-self.shift).max(0).unsigned_abs();
        divided_by_power(times(times_power(x, left), self.q31), right)
    }
}

/// Limits of 8 bits.
pub(super) const BYTES: (i32, i32) = (-128, 127);

/// Entries for -128 to 127, within limits.
pub(super) fn each(
    input: &QuantParams,
    (least, most): (i32, i32),
    value: impl Fn(i32) -> i32,
) -> Vec<i16> {
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
