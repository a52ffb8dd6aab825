//! Distances by hand, against two passes in f64, and what hostile streams do to them.

mod limit;
mod reference;

use super::*;
use crate::error::SettingsError;
use proptest::prelude::*;
use reference::Reference;
use std::string::ToString as _;
use std::vec::Vec;

/// No floor and no ridge: the textbook's distance.
fn bare<const V: usize>(learn: u32) -> Settings<V> {
    Settings {
        learn,
        floor: 0.0,
        ridge: 0.0,
        ..Settings::DEFAULT
    }
}

fn checked<const V: usize>(settings: Settings<V>) -> Rules<V> {
    settings.try_into().expect("valid settings")
}

fn rows<const V: usize>(values: &[[f32; V]]) -> Vec<(Tick, [Reading; V])> {
    let ticks = (0..).map(Tick);
    let rows = values.iter().map(|row| row.map(Reading::from));
    ticks.zip(rows).collect()
}

fn fed<const V: usize>(rules: &Rules<V>, values: &[[f32; V]]) -> (Mahalanobis<V>, Vec<Assessment>) {
    let mut state = Mahalanobis::new();
    let rows = rows(values).into_iter();
    let answers = rows.map(|(tick, row)| state.observe(rules, tick, &row));
    let answers = answers.collect();
    (state, answers)
}

fn close(found: f32, wanted: f32) -> bool {
    (found - wanted).abs() <= 2e-6 * wanted.abs().max(1.0)
}

/// By hand: means 0, C = [[2, 1], [1, 2]] from (2, 1), (-2, -1), (0, √3), (0, -√3); C⁻¹ = [[2, -1], [-1, 2]]/3.
/// (1, 1): d² = 2/3. (1, -1): d² = 2. (3, 0): d² = 6, parts 6 and 0. Without the second value 9/2.
#[test]
fn distances_are_those_of_the_covariance_in_front() {
    let rules = checked(bare::<2>(4));
    let root = 3.0_f32.sqrt();
    let learned = [[2.0, 1.0], [-2.0, -1.0], [0.0, root], [0.0, -root]];
    let judged = [
        [1.0, 1.0],
        [1.0, -1.0],
        [3.0, 0.0],
        [3.0, f32::NAN],
        [0.0, -9.0],
    ];
    let values: Vec<[f32; 2]> = learned.into_iter().chain(judged).collect();
    let (state, answers) = fed(&rules, &values);
    assert_eq!(answers[3].state, State::Warming { left: 0 });
    let scores = answers[4..].iter().map(|a| a.score.expect("judged"));
    for (found, wanted) in scores.zip([2.0 / 3.0, 2.0, 6.0, 4.5, 54.0]) {
        assert!(close(found, wanted), "{found} {wanted}");
    }
    let anomalous: Vec<bool> = answers[4..].iter().map(Assessment::is_anomalous).collect();
    assert_eq!(anomalous, [false, false, false, false, true]);
    assert_eq!(answers[4].threshold, Some(rules.limit(2)));
    assert_eq!(answers[7].threshold, Some(rules.limit(1)));
    let parts = |row: [f32; 2]| -> Vec<(usize, f32, f32)> {
        let row = row.map(Reading::from);
        let parts = state.contributions(&rules, &row);
        parts.map(|p| (p.feature, p.value, p.error)).collect()
    };
    let [(0, 3.0, first), (1, 0.0, second)] = parts([3.0, 0.0])[..] else {
        panic!("two parts");
    };
    assert!(close(first, 6.0) && close(second, 0.0), "{first} {second}");
    let [(0, 3.0, only)] = parts([3.0, f32::NAN])[..] else {
        panic!("one part");
    };
    assert!(close(only, 4.5), "{only}");
}

/// By hand: 1 and 3 are 2 ± 1, the copy as well. (2, 2.5): the second one's own deviation counts at least a
/// twentieth, so 0.5 is ten deviations: d² = 100. The third is constant, and 0.1 of 10 is one.
#[test]
fn copies_and_constants_have_a_smallest_deviation() {
    let settings = Settings {
        floor: 0.01,
        ..bare::<3>(4)
    };
    let rules = checked(Settings {
        ridge: 0.05,
        ..settings
    });
    let (_, answers) = fed(
        &rules,
        &[
            [1.0, 1.0, 10.0],
            [3.0, 3.0, 10.0],
            [1.0, 1.0, 10.0],
            [3.0, 3.0, 10.0],
            [2.0, 2.5, 10.0],
            [2.0, 2.0, 10.1],
        ],
    );
    let [copy, constant] = [4, 5].map(|k: usize| answers[k].score.expect("judged"));
    assert!((copy - 100.0).abs() < 1e-3, "{copy}");
    assert!((constant - 1.0).abs() < 1e-4, "{constant}");
}

/// By hand: mean 2, variance 1 of two rows. With memory 2 every row has the weight 1/2 from then on:
/// 3 moves the mean to 2.5 and the variance to (1 + 1/2)/2.
#[test]
fn a_memory_follows_and_none_does_not() {
    let rules = checked(Settings {
        memory: 2,
        ..bare::<1>(2)
    });
    let (state, _) = fed(&rules, &[[1.0], [3.0], [3.0]]);
    assert_eq!(state.means, [2.5]);
    assert!(close(state.factor.0[0][0], 0.75_f32.sqrt()));
    let fixed = checked(bare::<1>(2));
    let mut values = std::vec![[1.0], [3.0]];
    values.extend([[9.0]; 500]);
    let (_, answers) = fed(&fixed, &values);
    assert!(answers[2..].iter().all(|a| a.score == Some(49.0)));
}

/// By hand: 1e9 deviations are learned as √limit deviations.
#[test]
fn a_row_above_the_limit_is_learned_as_one_at_the_limit() {
    let rules = checked(Settings {
        memory: 2,
        ..bare::<1>(2)
    });
    let (state, answers) = fed(&rules, &[[1.0], [3.0], [1e9]]);
    assert!(answers[2].is_anomalous());
    let step = f64::from(rules.limit(1)).sqrt();
    assert!((state.means[0] - (2.0 + step / 2.0)).abs() < 1e-5);
}

/// By hand: of 1, 3 and two gaps the mean is 2 and the variance 1; the other column is complete.
#[test]
fn missing_values_leave_mean_and_variance_of_the_others() {
    let rules = checked(bare::<2>(4));
    let gap = f32::NAN;
    let (state, answers) = fed(
        &rules,
        &[
            [1.0, 5.0],
            [gap, 7.0],
            [gap, 5.0],
            [3.0, 7.0],
            [5.0, gap],
            [gap, 8.0],
        ],
    );
    assert_eq!(state.means, [2.0, 6.0]);
    let scores = [4, 5].map(|k: usize| answers[k].score.expect("judged"));
    assert!(close(scores[0], 9.0) && close(scores[1], 4.0), "{scores:?}");
}

#[test]
fn fewer_than_half_of_the_values_are_blind_and_so_is_a_variable_never_seen() {
    let rules = checked(bare::<4>(5));
    let values: Vec<[f32; 4]> = (0..5_u8)
        .map(|k| [1.0 + f32::from(k % 2), f32::from(k), f32::NAN, f32::NAN])
        .collect();
    let (mut state, answers) = fed(&rules, &values);
    assert_eq!(answers[4].state, State::Warming { left: 0 });
    let gone = Reading::Absent(Cause::Sensor);
    let there = Reading::Value(2.0);
    let answer = state.observe(&rules, Tick(5), &[gone, gone, there, gone]);
    assert_eq!(answer, Assessment::blind(Cause::Sensor));
    let answer = state.observe(&rules, Tick(6), &[gone, gone, there, there]);
    assert_eq!(answer, Assessment::blind(Cause::Missing), "never seen");
    let answer = state.observe(&rules, Tick(7), &[there, there]);
    assert_eq!(answer.threshold, Some(rules.limit(2)), "a short frame");
    let answer = state.observe(&rules, Tick(7), &[there; 4]);
    assert_eq!(answer, Assessment::blind(Blindness::OutOfOrder));
}

#[test]
fn settings_out_of_range_are_named() {
    type Edit = fn(&mut Settings<3>);
    let cases: [(Edit, &str); 8] = [
        (|s| s.variables = 0, "variables must be 1 to 3, found 0"),
        (|s| s.variables = 4, "variables must be 1 to 3, found 4"),
        (|s| s.learn = 3, "learn must be at least 4, found 3"),
        (|s| s.memory = 9, "memory must be at least 1440, found 9"),
        (|s| s.sigmas = 0.0, "sigmas must be 0.1 to 100, found 0"),
        (
            |s| s.sigmas = f32::NAN,
            "sigmas must be 0.1 to 100, found NaN",
        ),
        (|s| s.floor = -1.0, "floor must be at least 0, found -1"),
        (
            |s| s.ridge = 1.0,
            "ridge must be at least 0 and below 1, found 1",
        ),
    ];
    for (edit, said) in cases {
        let mut settings = Settings::<3>::DEFAULT;
        edit(&mut settings);
        let refused: SettingsError = Rules::try_from(settings).expect_err(said);
        assert_eq!(refused.to_string(), said);
    }
}

#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(Mahalanobis::<2>::STATE_BYTES, 4 * 4 + 12 * 2 + 24);
    assert_eq!(Mahalanobis::<32>::STATE_BYTES, 4 * 1024 + 12 * 32 + 24);
}

/// A body with a valid checksum that no detector has saved.
#[test]
fn a_snapshot_with_impossible_content_is_refused_without_effect() {
    let rules = checked(bare::<1>(2));
    let (mut state, _) = fed(&rules, &[[1.0], [3.0]]);
    for bad in [
        (f64::NAN, 1.0_f32, 1.0_f32),
        (1e19, 1.0, 1.0),
        (1.0, -0.5, 1.0),
        (1.0, f32::NAN, 1.0),
        (1.0, 1.0, -1.0),
        (1.0, 1.0, f32::INFINITY),
    ] {
        let mut buffer = [0; 128];
        let used = snapshot::write_slice(&mut buffer, Mahalanobis::shape(&rules), &|body| {
            body.put(&(true, Tick(1)));
            body.put(&(2_u32, true));
            body.put(&bad);
        });
        let before = state.clone();
        let refused = state.restore(&rules, &buffer[..used.expect("room")]);
        assert!(matches!(refused, Err(SnapshotError::Content { .. })));
        assert_eq!(state, before);
    }
}

/// Any bits, but often of a size.
fn hostile() -> impl Strategy<Value = f32> {
    prop_oneof![
        any::<u32>().prop_map(f32::from_bits),
        -1e3_f32..1e3,
        Just(f32::MAX),
        Just(f32::MIN),
        Just(0.0),
    ]
}

proptest! {
    /// The reference forms C in two passes in f64 and solves by elimination. Rounding of R grows with the
    /// ratio of the largest deviation to the smallest one of its own, here at most some hundreds.
    #[test]
    fn distances_are_those_of_two_passes(
        unit in prop::collection::vec([-1.0_f32..1.0, -1.0_f32..1.0, -1.0_f32..1.0], 30..300),
        mix in [-2.0_f32..2.0, -2.0_f32..2.0, -2.0_f32..2.0],
        offset in -1e3_f32..1e3,
        row in [-3.0_f32..3.0, -3.0_f32..3.0, -3.0_f32..3.0],
        missing in 0_usize..4,
    ) {
        let mixed = |u: &[f32; 3]| [
            offset + u[0],
            100.0 * (mix[0] * u[0] + 0.3 * u[1]),
            mix[1] * u[0] + mix[2] * u[1] + 0.1 * u[2],
        ];
        let values: Vec<[f32; 3]> = unit.iter().map(mixed).collect();
        let rules = checked(bare::<3>(values.len() as u32));
        let (mut state, _) = fed(&rules, &values);
        let reference = Reference::of(&values);
        let mut row = mixed(&row);
        if let Some(gone) = row.get_mut(missing) {
            *gone = f32::NAN;
        }
        let readings = row.map(Reading::from);
        let parts: Vec<f32> = state.contributions(&rules, &readings).map(|p| p.error).collect();
        let answer = state.observe(&rules, Tick(1 << 40), &readings);
        let (wanted, wanted_parts) = reference.distance(&row);
        let found = f64::from(answer.score.expect("judged"));
        prop_assert!((found - wanted).abs() <= 2e-3 * wanted + 1e-3, "{found} {wanted}");
        // Roundings of n updates, as a random walk, weighed by the square of the ratio.
        let roundings = 4.0 * (values.len() as f64).sqrt() * 2.0_f64.powi(-24);
        let rounding = 1e-4 + roundings * reference.ratio().powi(2);
        let largest = wanted_parts.iter().fold(1.0_f64, |most, part| most.max(part.abs()));
        for (found, wanted) in parts.iter().zip(&wanted_parts) {
            let off = (f64::from(*found) - wanted).abs() / largest;
            prop_assert!(off <= rounding, "{parts:?} {wanted_parts:?} {off} {rounding}");
        }
    }

    /// Whatever comes, pivots are not negative, entries are bounded, and answers finite: the covariance
    /// stays one.
    #[test]
    fn no_stream_makes_the_covariance_indefinite(
        values in prop::collection::vec([hostile(), hostile(), hostile()], 1..80),
        repeats in 1_usize..20,
        memory in 0_u32..40,
    ) {
        let memory = if memory < 5 { 0 } else { memory };
        let rules = checked(Settings { learn: 5, memory, ..Settings::<3>::DEFAULT });
        let mut state = Mahalanobis::new();
        let rows = values.iter().flat_map(|row| core::iter::repeat_n(row, repeats));
        for (tick, row) in (0..).map(Tick).zip(rows) {
            let row = row.map(Reading::Value);
            let parts: Vec<f32> = state.contributions(&rules, &row).map(|p| p.error).collect();
            let answer = state.observe(&rules, tick, &row);
            for (k, row) in state.factor.0.iter().enumerate() {
                for (j, x) in row.iter().enumerate().skip(k) {
                    prop_assert!(factor::possible(*x, j == k), "{x}");
                }
            }
            prop_assert!(state.means.iter().all(|mean| mean.abs() <= 1.000_001e18));
            let Some(score) = answer.score else { continue };
            prop_assert!(score.is_finite() && score >= 0.0, "{score}");
            prop_assert!(parts.iter().all(|part| part.is_finite()), "{parts:?}");
            prop_assert_eq!(answer.is_anomalous(), Some(score) > answer.threshold);
        }
    }
}

#[cfg(feature = "testing")]
mod laws {
    use super::*;
    use crate::testing;

    /// Waves with jumps and gaps.
    fn inputs() -> Vec<(Tick, [Reading; 2])> {
        let row = |t: u32| {
            let wave = (t % 13) as f32;
            let jump = if t % 29 == 28 { 40.0 } else { 0.0 };
            let gone = if t % 7 == 6 { f32::NAN } else { 300.0 - wave };
            [wave + jump, gone]
        };
        rows(&(0..120).map(row).collect::<Vec<_>>())
    }

    #[test]
    fn mahalanobis_obeys_the_laws() {
        for memory in [0, 60] {
            let rules = checked(Settings {
                learn: 40,
                memory,
                ..Settings::<2>::DEFAULT
            });
            let inputs = inputs();
            testing::deterministic(Mahalanobis::<2>::new, &rules, &inputs);
            testing::warms_up_as_declared(Mahalanobis::<2>::new(), &rules, &inputs);
            let spaced: Vec<_> = inputs
                .iter()
                .map(|(t, row)| (Tick(2 * t.0 + 1), *row))
                .collect();
            testing::unusable_inputs_change_nothing(Mahalanobis::<2>::new, &rules, &spaced, |k| {
                let gone = [Reading::Absent(Cause::Missing); 2];
                (k % 3 == 1).then_some((Tick(2 * k as u64), gone))
            });
            let mut buffer = [0; Mahalanobis::<2>::SNAPSHOT_MAX];
            for cut in 0..inputs.len() {
                let fresh = Mahalanobis::<2>::new;
                testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, cut == 71);
            }
        }
    }
}
