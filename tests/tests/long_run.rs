//! Ten million samples: the window's verdicts equal the two-pass formula's throughout.

use bellwether::statistics::sliding::{ErrorWindow, Sigmas};

/// Two passes over the stored errors in exact integers (each error as a multiple of 2^-36,
/// made here from its f64 value, apart from the code under test).
fn two_pass_exceeds(errors: &[f32]) -> bool {
    let q = |e: &f32| (f64::from(*e) * 2f64.powi(36) + 0.5).floor() as i128;
    let n = errors.len() as i128;
    let sum: i128 = errors.iter().map(q).sum();
    // Σ(n·q - S)² = n·(n²·σ²)
    let spread: i128 = errors.iter().map(|e| (n * q(e) - sum).pow(2)).sum::<i128>() / n;
    let above = n * q(errors.last().expect("not empty")) - sum;
    above > 0 && above * above > 9 * spread
}

/// Bursty, constant and quiet stretches. Every sample's verdict for a short window, and for
/// the paper's window a two-pass check whenever it matters: at each alarm and each 4,096th.
/// Broken by any drift: a wrong bit in a running sum never goes away.
#[test]
fn ten_million_samples_do_not_drift() {
    const SAMPLES: usize = 10_000_000;
    let mut short = ErrorWindow::<16>::new();
    let mut long = ErrorWindow::<1440>::new();
    let sigmas = Sigmas::new(3.0);
    let mut recent: Vec<f32> = Vec::new();
    let mut state = 1u64;
    let (mut alarms, mut checked) = ([0usize; 2], 0usize);
    for sample in 0..SAMPLES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 40) as f32 / (1u64 << 24) as f32;
        let error = match sample % 50_000 {
            0..=19_999 => 1e-5 * unit,
            20_000..=29_999 => 3.0e-5,
            30_000..=30_040 => 100.0 * unit,
            _ => 1e-3 + 1e-4 * unit,
        };
        recent.push(error);
        if recent.len() > 4 * 1440 {
            recent.drain(..recent.len() - 1440);
        }
        let (in_short, in_long) = (short.push(error, 16), long.push(error, 1440));
        let (a, b) = (
            short.judge(in_short, sigmas).above,
            long.judge(in_long, sigmas).above,
        );
        let last = |n: usize| &recent[recent.len().saturating_sub(n)..];
        assert_eq!(a, two_pass_exceeds(last(16)), "window 16, sample {sample}");
        if b || sample % 4096 == 0 {
            checked += 1;
            assert_eq!(
                b,
                two_pass_exceeds(last(1440)),
                "window 1440, sample {sample}"
            );
        }
        if (20_001..30_000).contains(&(sample % 50_000)) && sample % 50_000 > 20_000 + 1440 {
            assert!(
                !a && !b,
                "a constant error is never an anomaly, sample {sample}"
            );
        }
        alarms[0] += usize::from(a);
        alarms[1] += usize::from(b);
    }
    println!("alarms {alarms:?}, long window checked {checked} times");
    // Both verdicts must have been seen often, or the comparison above proved little.
    assert!(alarms.iter().all(|a| *a > 500) && checked > 2000);
}
