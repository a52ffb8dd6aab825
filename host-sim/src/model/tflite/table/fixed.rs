//! Fixed-point sigmoid and tanh of gemmlowp (Jacob et al., 2018, arXiv 1712.05877, appendix): the input as
//! `Q4.27`, `exp` on (-1/4, 0] by a Taylor polynomial around -1/8 and a barrel of factors `exp(-2^k)`, then
//! `1/(1 + x)` by three Newton steps.

/// Integer bits of the input of sigmoid and tanh.
pub(super) const INTEGER_BITS: i32 = 4;

/// `a · b / 2^31`, doubled and rounded, halves away from zero.
pub(super) fn times(a: i32, b: i32) -> i32 {
    if a == b && a == i32::MIN {
        return i32::MAX;
    }
    let product = i64::from(a) * i64::from(b);
    let nudge = if product >= 0 { 1 << 30 } else { 1 - (1 << 30) };
    ((product + nudge) / (1_i64 << 31)) as i32
}

/// `x / 2^exponent`, rounded, halves away from zero.
pub(super) const fn divided_by_power(x: i32, exponent: u32) -> i32 {
    let mask = ((1_i64 << exponent) - 1) as i32;
    let limit = (mask >> 1) + (x < 0) as i32;
    (x >> exponent) + ((x & mask) > limit) as i32
}

/// `x · 2^exponent`, saturated.
pub(super) const fn times_power(x: i32, exponent: u32) -> i32 {
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
pub(super) fn sigmoid(x: i32) -> i32 {
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
pub(super) fn tangent(x: i32) -> i32 {
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
