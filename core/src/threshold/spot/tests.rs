//! The fit by hand, synthetic tails, hostile scores, snapshots.

use super::*;
use crate::assessment::State;
use crate::error::SnapshotError;
use proptest::prelude::*;
use std::vec::Vec;

fn rules<const C: usize>(settings: Settings) -> Rules<C> {
    settings.try_into().expect("valid settings")
}

fn observe<const C: usize>(
    spot: &mut SpotThreshold<C>,
    rules: &Rules<C>,
    score: f32,
) -> Assessment {
    spot.observe(
        rules,
        Assessment::judged(State::Normal, score, f32::INFINITY),
    )
}

/// A uniform number in (0, 1), by a xorshift.
fn uniform(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    ((*state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// Of 1 to 100 the five largest are kept, 96 is t, and the excesses are 1 to 4: m = 2.5, v = 5/3,
/// m²/v = 3.75, γ = -1.375, σ = 5.9375. With risk 0.01: r = 0.01·100/4 = 0.25,
/// z = 96 + 5.9375/1.375·(1 - 0.25^1.375).
#[test]
fn a_fit_by_hand() {
    let settings = Settings {
        risk: 0.01,
        level: 0.96,
        calibration: 100,
    };
    let rules = rules::<8>(settings);
    let mut spot = SpotThreshold::new();
    for k in 0..100 {
        let answer = observe(&mut spot, &rules, (k * 37 % 100 + 1) as f32);
        assert_eq!(answer.state, State::Warming { left: 100 - k });
        assert_eq!(spot.threshold(&rules).is_some(), k == 99);
    }
    assert_eq!(spot.initial(&rules), Some(96.0));
    let z = spot.threshold(&rules).expect("calibrated");
    assert!((z - 99.676_28).abs() < 1e-4, "{z}");
    // Above: anomalous and not learned. Between: an excess. Below: counted.
    let before = spot.clone();
    let answer = observe(&mut spot, &rules, 100.0);
    assert!(answer.is_anomalous() && answer.threshold == Some(z));
    assert_eq!(spot, before);
    assert_eq!(observe(&mut spot, &rules, 50.0).state, State::Normal);
    assert_eq!((spot.count, spot.peaks, spot.threshold), (101, 4, z));
    assert_eq!(observe(&mut spot, &rules, 98.0).state, State::Normal);
    assert_eq!((spot.count, spot.peaks), (102, 5));
    assert_ne!(spot.threshold, z);
}

/// The quantile of an exponential tail is -ln(risk); that of a Pareto tail of shape γ (risk^-γ - 1)/γ.
#[test]
fn synthetic_tails_give_their_quantiles() {
    let settings = Settings {
        risk: 1e-4,
        level: 0.98,
        calibration: 50_000,
    };
    let rules = rules::<1024>(settings);
    let cases: [(f64, f64); 3] = [(0.0, 9.21), (0.2, 26.5), (-0.3, 3.12)];
    for (shape, exact) in cases {
        let mut thresholds = Vec::new();
        for seed in 1..=10u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let mut spot = SpotThreshold::new();
            let mut alarms = 0;
            for _ in 0..100_000 {
                let above = uniform(&mut state);
                let score = if shape == 0.0 {
                    -above.ln()
                } else {
                    (above.powf(-shape) - 1.0) / shape
                };
                alarms += u32::from(observe(&mut spot, &rules, score as f32).is_anomalous());
            }
            assert!(
                alarms <= 20,
                "shape {shape}, seed {seed}: {alarms} of 5 expected"
            );
            thresholds.push(f64::from(spot.threshold));
        }
        let mean = thresholds.iter().sum::<f64>() / 10.0;
        assert!(
            (mean / exact - 1.0).abs() < 0.05,
            "shape {shape}: {thresholds:?}"
        );
        let far = thresholds.iter().find(|z| (**z / exact - 1.0).abs() > 0.25);
        assert_eq!(far, None, "shape {shape}");
    }
}

#[test]
fn growth_is_accurate_on_both_sides_of_its_seam() {
    for k in -4000..4000 {
        let y = f64::from(k) * 5e-3 + 1e-4;
        let exact = y.exp_m1() / y;
        assert!(
            (f64::from(growth(y as f32)) / exact - 1.0).abs() < 1e-5,
            "{y}"
        );
    }
    assert_eq!(growth(0.0), 1.0);
}

/// Ties are no excesses, so a constant has none, and what is larger is anomalous.
#[test]
fn a_constant_is_its_own_threshold() {
    let rules = rules::<32>(Settings::DEFAULT);
    let mut spot = SpotThreshold::new();
    for _ in 0..3000 {
        assert!(!observe(&mut spot, &rules, 7.5).is_anomalous());
    }
    assert_eq!(spot.threshold(&rules), Some(7.5));
    assert!(observe(&mut spot, &rules, 7.6).is_anomalous());
    let blind = Assessment::blind(crate::Cause::Missing);
    assert_eq!(spot.observe(&rules, blind), blind);
}

/// Broken by a calibration that keeps other scores, or in another order.
#[test]
fn the_calibration_keeps_the_largest_in_the_order_of_time() {
    let settings = Settings {
        risk: 1e-3,
        level: 0.9,
        calibration: 50,
    };
    let rules = rules::<8>(settings);
    let mut spot = SpotThreshold::new();
    let scores: Vec<f32> = (0..50_u32).map(|k| (k * k % 47) as f32).collect();
    for score in &scores {
        observe(&mut spot, &rules, *score);
    }
    let mut sorted = scores.clone();
    sorted.sort_by(f32::total_cmp);
    let t = sorted[50 - 6];
    assert_eq!(spot.initial, t);
    let kept: Vec<f32> = spot.excesses[..usize::from(spot.held)].to_vec();
    let expected: Vec<f32> = scores.iter().filter(|x| **x > t).map(|x| x - t).collect();
    assert_eq!(kept, expected);
}

#[test]
fn settings_out_of_range_are_named() {
    let said = |edit: fn(&mut Settings)| {
        let mut settings = Settings::DEFAULT;
        edit(&mut settings);
        let refused = Rules::<32>::new(settings).expect_err("out of range");
        (refused.field, refused.found)
    };
    assert_eq!(said(|of| of.level = 0.4), ("level", 0.4));
    assert_eq!(said(|of| of.level = f32::NAN).0, "level");
    assert_eq!(said(|of| of.risk = 0.0), ("risk", 0.0));
    assert_eq!(said(|of| of.risk = 0.03), ("risk", 0.03));
    assert_eq!(said(|of| of.calibration = 100), ("calibration", 100.0));
    assert_eq!(said(|of| of.calibration = 1600), ("calibration", 1600.0));
    assert!(Rules::<32>::new(Settings::DEFAULT).is_ok());
    assert_eq!(size_of::<SpotThreshold<32>>(), 4 * 32 + 20);
}

fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => 0f32..1.0,
        1 => 0f32..50.0,
        1 => any::<u32>().prop_map(f32::from_bits),
        1 => Just(0.5f32),
    ]
}

proptest! {
    /// Thresholds stay finite and at t or above for every bit pattern, and a restored state goes on
    /// with the same bits.
    #[test]
    fn hostile_scores_and_snapshots(scores in prop::collection::vec(hostile(), 1..250)) {
        let settings = Settings { risk: 1e-3, level: 0.9, calibration: 60 };
        let rules = rules::<9>(settings);
        let mut spot = SpotThreshold::new();
        let mut buffer = [0; SpotThreshold::<9>::SNAPSHOT_MAX];
        for score in scores {
            let used = spot.save(&rules, &mut buffer).expect("SNAPSHOT_MAX suffices");
            let mut restored = SpotThreshold::new();
            prop_assert_eq!(restored.restore(&rules, &buffer[..used]), Ok(()));
            prop_assert_eq!(&restored, &spot);
            observe(&mut spot, &rules, score);
            prop_assert!(spot.threshold.is_finite() && spot.threshold >= spot.initial);
        }
    }
}

#[test]
fn damaged_and_impossible_states_are_refused() {
    let settings = Settings {
        risk: 1e-3,
        level: 0.9,
        calibration: 60,
    };
    let rules = rules::<9>(settings);
    let mut possible = SpotThreshold::new();
    for k in 0..80_u32 {
        observe(&mut possible, &rules, (k * k % 61) as f32);
    }
    let mut buffer = [0; SpotThreshold::<9>::SNAPSHOT_MAX];
    let used = possible.save(&rules, &mut buffer).expect("room");
    for at in 0..used {
        buffer[at] ^= 4;
        let mut other = possible.clone();
        assert!(other.restore(&rules, &buffer[..used]).is_err(), "byte {at}");
        assert_eq!(other, possible);
        buffer[at] ^= 4;
    }
    let edits: [fn(&mut SpotThreshold<9>); 8] = [
        |state| state.threshold = f32::INFINITY,
        |state| state.threshold = state.initial - 1.0,
        |state| state.initial = f32::NAN,
        |state| state.peaks = 0,
        |state| state.peaks = 1000,
        |state| state.count = 3,
        |state| state.held -= 1,
        |state| state.excesses[1] = -1.0,
    ];
    for (k, edit) in edits.iter().enumerate() {
        let mut state = possible.clone();
        edit(&mut state);
        let used = state.save(&rules, &mut buffer).expect("room");
        let refused = SpotThreshold::new().restore(&rules, &buffer[..used]);
        assert!(
            matches!(refused, Err(SnapshotError::Content { .. })),
            "{k}: {refused:?}"
        );
    }
}
