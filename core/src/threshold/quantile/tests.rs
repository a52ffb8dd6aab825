//! The example of the paper, exact quantiles, hostile values, snapshots.

use super::*;
use crate::assessment::State;
use proptest::prelude::*;
use std::vec::Vec;

fn rules(share: f32) -> Rules {
    Rules::new(share, 5).expect("in range")
}

fn fed(rules: Rules, values: impl IntoIterator<Item = f32>) -> QuantileThreshold {
    let mut quantile = QuantileThreshold::new();
    for value in values {
        quantile.learn(rules, value);
    }
    quantile
}

/// Table I of Jain and Chlamtac: 20 values, their median. The last row of the table.
#[test]
fn the_example_of_the_paper() {
    let values = [
        0.02, 0.15, 0.74, 3.39, 0.83, 22.37, 10.15, 15.43, 38.62, 15.92, 34.60, 10.28, 1.47, 0.40,
        0.05, 11.39, 0.27, 0.42, 0.09, 11.37,
    ];
    let quantile = fed(rules(0.5), values);
    assert_eq!(quantile.positions, [1, 6, 10, 16, 20]);
    for (height, expected) in quantile
        .heights
        .iter()
        .zip([0.02, 0.49, 4.44, 17.20, 38.62])
    {
        assert!((height - expected).abs() < 0.01, "{:?}", quantile.heights);
    }
}

/// By hand: the sixth value equals the middle marker, which stays in front of it (q_k <= x < q_k+1),
/// and the one behind moves up.
#[test]
fn a_value_at_a_marker_lies_behind_it() {
    let quantile = fed(rules(0.5), [1.0, 2.0, 3.0, 4.0, 5.0, 3.0]);
    assert_eq!(quantile.positions, [1, 2, 3, 5, 6]);
    assert_eq!(quantile.heights, [1.0, 2.0, 3.0, 4.0, 5.0]);
}

/// A uniform number in (0, 1), by a xorshift.
fn uniform(state: &mut u64) -> f64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    ((*state >> 11) as f64 + 0.5) / (1u64 << 53) as f64
}

/// A named way to make a value from a stream of uniform numbers.
type Kind = (&'static str, fn(&mut u64) -> f64);

fn kinds() -> [Kind; 4] {
    [
        ("uniform", uniform),
        ("exponential", |state| -uniform(state).ln()),
        ("normal", |state| {
            let turn = core::f64::consts::TAU * uniform(state);
            (-2.0 * uniform(state).ln()).sqrt() * turn.cos()
        }),
        ("two peaks", |state| {
            let peak = if uniform(state) < 0.3 { 10.0 } else { 0.0 };
            peak + uniform(state)
        }),
    ]
}

/// The largest difference of the share of values below an estimate from p, over kinds and seeds.
fn worst(share: f32, count: usize) -> f64 {
    let mut worst = 0.0_f64;
    for (_, make) in kinds() {
        for seed in 1..=10u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let values: Vec<f32> = (0..count).map(|_| make(&mut state) as f32).collect();
            let estimate = fed(rules(share), values.iter().copied()).value();
            let estimate = estimate.expect("enough values");
            let below = values.iter().filter(|value| **value < estimate).count();
            worst = worst.max((below as f64 / count as f64 - f64::from(share)).abs());
        }
    }
    worst
}

#[test]
fn estimates_are_as_accurate_as_documented() {
    for (share, most) in [(0.9, 0.003), (0.99, 0.001), (0.999, 0.0005)] {
        let found = worst(share, 10_000);
        assert!(found < most, "{share}: {found}");
        assert!(
            found > most / 10.0,
            "{share}: the documented error is too large, {found}"
        );
    }
}

/// Broken by sums of increments in f32, which stand still beyond 2^24.
#[test]
fn marker_positions_do_not_drift() {
    let rules = rules(0.999);
    let mut quantile = QuantileThreshold::new();
    let mut state = 1;
    for count in 1..=3_000_000_u32 {
        quantile.learn(rules, uniform(&mut state) as f32);
        if count % 1_000_000 == 0 {
            let [_, _, position, _, last] = quantile.positions;
            assert_eq!(last, count);
            let wanted = 1.0 + f64::from(count - 1) * 0.999;
            assert!(
                (f64::from(position) - wanted).abs() < 2.0,
                "{position} of {count}"
            );
        }
    }
    assert!((quantile.value().expect("a value") - 0.999).abs() < 1e-4);
}

#[test]
fn a_constant_is_its_own_quantile_and_never_anomalous() {
    let rules = rules(0.99);
    let mut threshold = QuantileThreshold::new();
    for k in 0..200_u32 {
        let own = Assessment::judged(State::Anomalous, 7.5, 0.0);
        let answer = threshold.observe(rules, own);
        if k < 5 {
            assert_eq!(
                (answer.state, answer.threshold),
                (State::Warming { left: 5 - k }, None)
            );
        } else {
            assert_eq!((answer.state, answer.threshold), (State::Normal, Some(7.5)));
        }
    }
    let blind = Assessment::blind(crate::Cause::Missing);
    assert_eq!(threshold.observe(rules, blind), blind);
    assert_eq!(threshold.count(), 200);
    let above = threshold.observe(rules, Assessment::judged(State::Normal, 7.6, 9.0));
    assert!(above.is_anomalous());
}

#[test]
fn settings_out_of_range_are_named() {
    let said = |result: Result<Rules, SettingsError>| {
        std::string::ToString::to_string(&result.expect_err("out of range"))
    };
    assert_eq!(
        said(Rules::new(1.0, 5)),
        "share must be 0.001 to 0.99999, found 1"
    );
    assert_eq!(
        said(Rules::new(f32::NAN, 5)),
        "share must be 0.001 to 0.99999, found NaN"
    );
    assert_eq!(
        said(Rules::new(0.5, 4)),
        "warm_up must be at least 5, found 4"
    );
    assert_eq!(size_of::<QuantileThreshold>(), 40);
}

proptest! {
    /// Markers stay in order for every bit pattern, and a restored state goes on with the same bits.
    #[test]
    fn hostile_values_keep_the_order_and_snapshots_the_bits(
        values in prop::collection::vec(
            prop_oneof![any::<u32>().prop_map(f32::from_bits), 0f32..1.0, Just(0.5f32)], 1..200),
        share in 0.001f32..0.9999,
    ) {
        let rules = rules(share);
        let mut quantile = QuantileThreshold::new();
        let mut buffer = [0; QuantileThreshold::SNAPSHOT_MAX];
        for value in values {
            let used = quantile.save(&rules, &mut buffer).expect("SNAPSHOT_MAX suffices");
            let mut restored = QuantileThreshold::new();
            prop_assert_eq!(restored.restore(&rules, &buffer[..used]), Ok(()));
            prop_assert_eq!(restored, quantile);
            quantile.learn(rules, value);
            if quantile.count() >= 5 {
                prop_assert!(quantile.heights.is_sorted(), "{:?}", quantile.heights);
                let mut gaps = quantile.positions.windows(2).map(|pair| pair[0] < pair[1]);
                prop_assert!(gaps.all(|ascending| ascending), "{:?}", quantile.positions);
            }
        }
    }
}

#[test]
fn damaged_and_impossible_states_are_refused() {
    let rules = rules(0.9);
    let possible = fed(rules, (0..50).map(|k| (k * 7 % 50) as f32));
    let mut buffer = [0; QuantileThreshold::SNAPSHOT_MAX];
    let used = possible.save(&rules, &mut buffer).expect("room");
    for at in 0..used {
        buffer[at] ^= 4;
        let mut other = possible;
        assert!(other.restore(&rules, &buffer[..used]).is_err(), "byte {at}");
        assert_eq!(other, possible);
        buffer[at] ^= 4;
    }
    let edits: [fn(&mut QuantileThreshold); 6] = [
        |state| state.heights[1] = f32::NAN,
        |state| state.heights[1] = 1e9,
        |state| state.heights[4] = 2e30,
        |state| state.positions[0] = 0,
        |state| state.positions[2] = state.positions[3],
        |state| state.positions[4] = 3,
    ];
    for (k, edit) in edits.iter().enumerate() {
        let mut state = possible;
        edit(&mut state);
        let used = state.save(&rules, &mut buffer).expect("room");
        let refused = QuantileThreshold::new().restore(&rules, &buffer[..used]);
        assert!(matches!(refused, Err(SnapshotError::Content { .. })), "{k}");
    }
    let other =
        QuantileThreshold::new().restore(&Rules::new(0.8, 5).expect("in range"), &buffer[..used]);
    assert!(matches!(other, Err(SnapshotError::Shape { .. })));
}
