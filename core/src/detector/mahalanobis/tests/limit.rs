//! The limit against the distribution of chi-square.

use super::*;

/// ln Γ(n/2), exactly by its recurrence.
fn ln_gamma_half(n: u32) -> f64 {
    let (mut z, mut sum) = (f64::from(n) / 2.0, 0.0);
    while z > 1.0 {
        z -= 1.0;
        sum += z.ln();
    }
    sum + if n.is_multiple_of(2) {
        0.0
    } else {
        core::f64::consts::PI.ln() / 2.0
    }
}

/// The share of chi-square with so many degrees above x: 1 - P(ν/2, x/2) by the series of P.
fn above(degrees: u32, x: f64) -> f64 {
    let (a, x) = (f64::from(degrees) / 2.0, x / 2.0);
    let (mut term, mut sum, mut k) = (1.0 / a, 1.0 / a, a);
    while term > 1e-18 * sum {
        k += 1.0;
        term *= x / k;
        sum += term;
    }
    1.0 - sum * (a * x.ln() - x - ln_gamma_half(degrees)).exp()
}

/// The value with this share above it, by bisection.
fn quantile(degrees: u32, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, 100.0 + 4.0 * f64::from(degrees));
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if above(degrees, middle) > share {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Tables have 10.828 for one degree and 27.877 for nine at a share of 0.001.
#[test]
fn the_reference_is_that_of_tables() {
    assert!((quantile(1, 0.001) - 10.828).abs() < 5e-4);
    assert!((quantile(9, 0.001) - 27.877).abs() < 5e-4);
    assert!((quantile(30, 0.05) - 43.773).abs() < 5e-4);
}

/// Broken by a slip in the approximation, whose errors the module states.
#[test]
fn the_limit_is_the_quantile_within_the_stated_errors() {
    // 1 - Φ(3).
    let share = 0.001_349_898_031_63;
    let rules = checked(Settings::<2>::DEFAULT);
    let mut worst = [0.0_f64; 3];
    for degrees in 1..=60 {
        let wanted = quantile(degrees, share);
        let error = f64::from(rules.limit(degrees as usize)) / wanted - 1.0;
        let place = &mut worst[(degrees as usize).min(3) - 1];
        *place = place.max(error.abs());
    }
    assert!(
        worst[0] < 0.026 && worst[1] < 0.020 && worst[2] < 0.016,
        "{worst:?}"
    );
}
