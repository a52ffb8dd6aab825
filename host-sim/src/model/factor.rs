//! Real factors as 31-bit multiplier and shift, once, in f64, so that no device needs f64.

/// `factor = q31 · 2^(shift - 31)` with `q31` in [2^30, 2^31): (q31, shift). `None` if the
/// factor is not a normal number above 0 or the shift is outside [-31, 0].
///
/// ```
/// use bellwether_sim::model::factor::multiplier;
/// assert_eq!(multiplier(0.5), Some((1 << 30, 0)));
/// assert_eq!(multiplier(0.25), Some((1 << 30, -1)));
/// assert_eq!(multiplier(1.0), None);
/// ```
pub fn multiplier(factor: f64) -> Option<(i32, i32)> {
    if !factor.is_normal() || factor < 0.0 {
        return None;
    }
    // factor = fraction · 2^exponent, fraction in [0.5, 1).
    const EXPONENT: u64 = 0x7ff << 52;
    let bits = factor.to_bits();
    let exponent = ((bits & EXPONENT) >> 52) as i32 - 1022;
    let fraction = f64::from_bits(bits & !EXPONENT | 1022 << 52);
    let scaled = (fraction * f64::from(1_u32 << 31) + 0.5).floor() as i64;
    let (q31, shift) = if scaled == 1 << 31 {
        (scaled >> 1, exponent + 1)
    } else {
        (scaled, exponent)
    };
    let q31 = i32::try_from(q31).ok()?;
    (-31..=0).contains(&shift).then_some((q31, shift))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_that_rounds_up_to_one_is_halved() {
        let nearly = 1.0 - f64::EPSILON;
        assert_eq!(multiplier(nearly / 2.0), Some((1 << 30, 0)));
        assert_eq!(multiplier(nearly), None, "shift 1");
    }

    #[test]
    fn factors_beyond_32_shifts_are_none() {
        let least = 0.5 / f64::from(1_u32 << 31);
        assert_eq!(multiplier(least), Some((1 << 30, -31)));
        assert_eq!(multiplier(least / 2.0), None);
        for wrong in [0.0, -0.5, f64::NAN, f64::INFINITY, 1e-310] {
            assert_eq!(multiplier(wrong), None, "{wrong}");
        }
    }

    /// Layer 0 of MLPerf Tiny ad01, from its three scales.
    #[test]
    fn factor_of_a_published_layer() {
        let [input, weight, output] = [0.391_015_23_f32, 0.000_376_875, 0.049_459_13];
        let factor = f64::from(input) * f64::from(weight) / f64::from(output);
        assert_eq!(multiplier(factor), Some((1_638_001_719, -8)));
    }
}
