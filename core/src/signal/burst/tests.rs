//! Features against values of formulas.

use super::*;
use proptest::prelude::*;
use std::f64::consts::{FRAC_1_SQRT_2, SQRT_2, TAU};
use std::vec::Vec;

const N: usize = 1024;

fn of<const N: usize>(samples: &[f32; N]) -> [f32; Statistic::COUNT] {
    of_burst(samples, &mut [0.0; N]).map(|reading| reading.usable().expect("finite samples"))
}

fn at(features: &[f32], statistic: Statistic) -> f64 {
    features[usize::from(statistic.code())].into()
}

fn near(found: f64, wanted: f64, what: &str) {
    let apart = (found - wanted).abs();
    assert!(
        apart <= 3e-6 * wanted.abs().max(1.0),
        "{what}: {found}, {wanted}"
    );
}

fn sine(periods: usize, amplitude: f64, offset: f64) -> [f32; N] {
    std::array::from_fn(|n| {
        let turn = ((n * periods) % N) as f64 / N as f64;
        (offset + amplitude * (TAU * turn + 0.3).sin()) as f32
    })
}

/// Broken by moments about 0, or a spectrum scaled by N/2.
#[test]
fn a_sine_has_the_features_of_a_sine() {
    for (periods, band) in [(1, 0), (64, 0), (65, 1), (100, 1), (448, 6), (449, 7)] {
        let features = of(&sine(periods, 2.5, 10.0));
        let of = |statistic| at(&features, statistic);
        near(of(Statistic::Mean), 10.0, "mean");
        near(of(Statistic::Deviation), 2.5 * FRAC_1_SQRT_2, "deviation");
        near(of(Statistic::Rms), (100.0_f64 + 3.125).sqrt(), "rms");
        near(of(Statistic::Kurtosis), 1.5, "kurtosis");
        // An odd number of periods has a sample near the top.
        if periods % 2 == 1 {
            assert!((of(Statistic::Peak) - 2.5).abs() < 1e-4, "peak");
            assert!((of(Statistic::Crest) - SQRT_2).abs() < 1e-4, "crest");
        }
        let crossings = (of(Statistic::Crossings) * (N - 1) as f64).round();
        assert!((crossings - 2.0 * periods as f64).abs() <= 1.0, "crossings");
        for k in 0..8 {
            let wanted = if k == band { 2.5 * FRAC_1_SQRT_2 } else { 0.0 };
            let found = of(Statistic::Band(k));
            assert!((found - wanted).abs() < 1e-4, "{periods}, {k}: {found}");
        }
    }
}

#[test]
fn a_square_wave_has_crest_and_kurtosis_1() {
    let features = of(&std::array::from_fn::<f32, N, _>(|n| {
        if n % 8 < 4 { 3.0 } else { -1.0 }
    }));
    let wanted = [1.0, 5.0_f64.sqrt(), 2.0, 2.0, 1.0, 1.0, 255.0 / 1023.0];
    for (statistic, wanted) in Statistic::ALL.into_iter().zip(wanted) {
        near(at(&features, statistic), wanted, statistic.name());
    }
}

/// Of a burst of N with one 1: mean 1/N, variance (N - 1)/N², and a flat spectrum. Broken by a band that
/// lacks a bin or counts the Nyquist frequency twice.
#[test]
fn an_impulse_is_white() {
    let mut samples = [0.0; N];
    samples[77] = 1.0;
    let (features, n) = (of(&samples), N as f64);
    let deviation = (n - 1.0).sqrt() / n;
    near(at(&features, Statistic::Mean), 1.0 / n, "mean");
    near(at(&features, Statistic::Deviation), deviation, "deviation");
    near(at(&features, Statistic::Peak), 1.0 - 1.0 / n, "peak");
    let crest = at(&features, Statistic::Crest);
    near(crest / (n - 1.0).sqrt(), 1.0, "crest");
    let p = 1.0 / n;
    let fourth = p * (1.0 - p).powi(4) + (1.0 - p) * p.powi(4);
    let kurtosis = at(&features, Statistic::Kurtosis);
    near(kurtosis / (fourth / deviation.powi(4)), 1.0, "kurtosis");
    for band in 0..8 {
        let bins: f64 = if band < 7 { 128.0 } else { 127.0 };
        let wanted = bins.sqrt() / n;
        near(at(&features, Statistic::Band(band)), wanted, "band");
    }
}

/// Broken by crest 1 of rounding noise where all samples are the same.
#[test]
fn a_constant_burst_has_defined_features() {
    for constant in [0.0_f32, -0.0, 0.1, -9.81, 1e-42, 3e34] {
        let features = of(&[constant; N]);
        assert_eq!(features[0], constant);
        assert_eq!(features[1], constant.abs());
        assert_eq!(features[2..], [0.0; 13]);
    }
}

#[test]
fn a_gap_is_absent_with_its_cause_and_leaves_with_its_sample() {
    let mut burst = Burst::<64, 2>::new();
    let rules = Rules::new(16).unwrap();
    let mut answers = Vec::new();
    for k in 0..144_u16 {
        let x = f32::from(k % 5);
        let first = match k {
            20 => Reading::from(f32::NAN),
            30 => Reading::from(f32::INFINITY),
            _ => Reading::from(x),
        };
        answers.extend(
            burst
                .push(&rules, [first, Reading::from(x)])
                .map(|f| (k, f)),
        );
    }
    let ends: Vec<u16> = answers.iter().map(|(k, _)| *k).collect();
    assert_eq!(ends, [63, 79, 95, 111, 127, 143]);
    for (end, [first, second]) in answers {
        // The infinity is sample 30: the last burst that holds it ends at 93.
        let wanted = if end <= 93 {
            Err(Cause::NotFinite)
        } else {
            Ok(())
        };
        assert!(
            first.iter().all(|x| x.usable().map(drop) == wanted),
            "{end}"
        );
        assert!(second.iter().all(|x| x.usable().is_ok()));
    }
    let mut holed = [1.0; 64];
    holed[3] = f32::NEG_INFINITY;
    holed[9] = f32::NAN;
    let all = of_burst(&holed, &mut [0.0; 64]);
    assert_eq!(all, [Reading::Absent(Cause::Missing); Statistic::COUNT]);
}

#[test]
fn a_restart_waits_for_a_whole_burst() {
    let mut burst = Burst::<64>::new();
    let rules = Rules::new(100).unwrap();
    let push = |burst: &mut Burst<64>| burst.push(&rules, [1.0]).is_some();
    let ends: Vec<usize> = (0..300).filter(|_| push(&mut burst)).collect();
    assert_eq!(ends, [63, 163, 263]);
    burst.restart();
    assert_eq!((0..300).find(|_| push(&mut burst)), Some(63));
    assert!(Rules::<64>::new(0).is_err());
}

/// Squares, sums and ratios that leave f32. Broken by a NaN that gets out.
#[test]
fn extreme_samples_give_numbers_or_a_cause() {
    let of = |samples: &[f32; 64]| of_burst(samples, &mut [0.0; 64]);
    let mut samples = [1e30; 64];
    samples[0] = -1e30;
    assert!(of(&samples).iter().all(|x| x.usable().is_ok()));
    let mut tiny = [1e-44; 64];
    tiny[5] = 0.0;
    assert!(of(&tiny).iter().all(|x| x.usable().is_ok()));
    let answer = of(&[f32::MAX; 64]);
    assert_eq!(
        answer,
        [Reading::Absent(Cause::NotFinite); Statistic::COUNT]
    );
    let apart = std::array::from_fn(|n| if n % 2 == 0 { f32::MAX } else { f32::MIN });
    assert!(of(&apart).iter().all(|x| x.usable().is_ok()));
}

proptest! {
    /// Parseval, for samples of any scale and offset; and a ring of any phase has the bits of a slice.
    #[test]
    fn bands_add_up_and_phases_do_not_matter(
        shape in prop::array::uniform32(-1.0_f32..1.0),
        scale in -20_i32..20,
        offset in -100.0_f32..100.0,
        phase in 0_usize..64,
    ) {
        let factor = 2.0_f32.powi(scale);
        let samples: [f32; 64] =
            std::array::from_fn(|n| factor * (shape[n % 32] * shape[n / 7] + offset));
        let features = of(&samples);
        let bands: f64 = (0..8).map(|k| at(&features, Statistic::Band(k)).powi(2)).sum();
        let deviation = at(&features, Statistic::Deviation);
        prop_assert!((bands.sqrt() - deviation).abs() <= 2e-6 * deviation);

        let mut burst = Burst::<64>::new();
        let rules = Rules::new(1).unwrap();
        for _ in 0..phase {
            let _ = burst.push(&rules, [0.5]);
        }
        let mut last = None;
        for x in samples {
            last = burst.push(&rules, [x]);
        }
        let found = last.unwrap()[0].map(|x| x.usable().unwrap().to_bits());
        prop_assert_eq!(found, features.map(f32::to_bits));
    }

    /// Any bits: a number or a cause, never NaN.
    #[test]
    fn any_bits_give_numbers_or_causes(bits in prop::collection::vec(any::<u32>(), 64)) {
        let samples: [f32; 64] = std::array::from_fn(|n| f32::from_bits(bits[n]));
        for feature in of_burst(&samples, &mut [0.0; 64]) {
            if let Reading::Value(x) = feature {
                prop_assert!(x.is_finite());
            }
        }
    }
}
