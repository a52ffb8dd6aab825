//! Limits by hand, against two passes in f64, and what hostile streams do to them.

use super::*;
use proptest::prelude::*;
use std::vec::Vec;

fn rules<const V: usize>(learn: u32) -> Rules<V> {
    let settings = Settings {
        learn,
        ..Settings::DEFAULT
    };
    settings.try_into().expect("valid settings")
}

fn rows<const V: usize>(values: &[[f32; V]]) -> Vec<(Tick, [Reading; V])> {
    let ticks = (0..).map(Tick);
    let rows = values.iter().map(|row| row.map(Reading::from));
    ticks.zip(rows).collect()
}

fn fed<const V: usize>(rules: &Rules<V>, values: &[[f32; V]]) -> (Sigma<V>, Vec<Assessment>) {
    let mut sigma = Sigma::new();
    let rows = rows(values).into_iter();
    let answers = rows.map(|(tick, row)| sigma.observe(rules, tick, &row));
    let answers = answers.collect();
    (sigma, answers)
}

/// By hand: 1 and 3 are 2 ± 1; 10 and 10 are 10 with a floor of 0.1.
#[test]
fn limits_are_those_of_the_rows_in_front() {
    let rules = rules(2);
    let values = [
        [1.0, 10.0],
        [3.0, 10.0],
        [5.0, 10.0],
        [5.5, 10.0],
        [2.0, 10.5],
        [2.0, 10.0],
    ];
    let (sigma, answers) = fed(&rules, &values);
    assert_eq!(answers[0].state, State::Warming { left: 1 });
    assert_eq!(answers[1].state, State::Warming { left: 0 });
    let judged = |k: usize| (answers[k].state, answers[k].score, answers[k].expected);
    assert_eq!(judged(2), (State::Normal, Some(3.0), Some(2.0)));
    assert_eq!(judged(3), (State::Anomalous, Some(3.5), Some(2.0)));
    assert_eq!(answers[4].state, State::Anomalous);
    assert_eq!(answers[4].expected, Some(10.0));
    assert!((answers[4].score.expect("judged") - 5.0).abs() < 1e-5);
    assert_eq!(judged(5), (State::Normal, Some(0.0), Some(2.0)));
    assert_eq!(answers[5].threshold, Some(3.0));
    let parts = sigma.contributions(&rules, &[Reading::Value(0.0), Reading::Value(10.0)]);
    let parts: Vec<(usize, f32, f32)> = parts.map(|p| (p.feature, p.expected, p.error)).collect();
    assert_eq!(parts, [(0, 2.0, -2.0), (1, 10.0, 0.0)]);
}

/// By hand: 1 and 3 are 2 ± 1. Of 4, 0 and 1 deviations the mean is 5/3; 80 counts 50.
#[test]
fn the_mean_counts_every_variable_and_none_above_50() {
    let settings = Settings {
        learn: 2,
        score: Score::Mean,
        ..Settings::DEFAULT
    };
    let rules = Rules::<3>::try_from(settings).expect("valid settings");
    let missing = [f32::NAN, 1.0, 82.0];
    let values = [
        [1.0; 3],
        [3.0; 3],
        [6.0, 2.0, 1.0],
        missing,
        [9.0, 2.0, 2.0],
    ];
    let (_, answers) = fed(&rules, &values);
    let found: Vec<Option<f32>> = answers.iter().map(|answer| answer.score).collect();
    let wanted = [
        None,
        None,
        Some(5.0 / 3.0),
        Some(51.0 / 2.0),
        Some(7.0 / 3.0),
    ];
    assert_eq!(found, wanted);
    assert_eq!(answers[2].expected, Some(2.0));
    assert!(answers[3].is_anomalous() && !answers[4].is_anomalous());
}

/// Broken by a detector that goes on learning, so that a long fault becomes normal.
#[test]
fn nothing_is_learned_behind_the_first_rows() {
    let rules = rules(2);
    let mut values = std::vec![[1.0], [3.0]];
    values.extend([[9.0]; 500]);
    let (_, answers) = fed(&rules, &values);
    assert!(answers[2..].iter().all(|a| a.score == Some(7.0)));
}

#[test]
fn fewer_than_half_of_the_values_are_blind_and_half_are_not() {
    let rules = rules::<4>(2);
    let (mut sigma, _) = fed(&rules, &[[1.0; 4], [3.0; 4]]);
    let gone = Reading::Absent(Cause::Sensor);
    let two = [Reading::Value(2.0), gone, gone, Reading::Value(5.5)];
    let answer = sigma.observe(&rules, Tick(2), &two);
    assert_eq!(answer.score, Some(3.5));
    let answer = sigma.observe(&rules, Tick(3), &[gone, gone, Reading::Value(9.0), gone]);
    assert_eq!(answer, Assessment::blind(Cause::Sensor));
    let answer = sigma.observe(&rules, Tick(4), &[Reading::Value(2.0)]);
    assert_eq!(answer, Assessment::blind(Cause::Missing), "a short frame");
    let answer = sigma.observe(&rules, Tick(4), &two);
    assert_eq!(answer, Assessment::blind(Blindness::OutOfOrder));
}

/// Broken by a mean of 0 for a variable that never had a value, which then flags its first one.
#[test]
fn a_variable_that_was_never_there_is_not_judged() {
    let rules = rules::<2>(2);
    let (sigma, answers) = fed(
        &rules,
        &[
            [1.0, f32::NAN],
            [3.0, f32::NAN],
            [2.0, 700.0],
            [f32::NAN, 700.0],
        ],
    );
    assert_eq!(answers[2].score, Some(0.0));
    assert_eq!(answers[3], Assessment::blind(Cause::Missing));
    let row = [Reading::Value(2.0), Reading::Value(700.0)];
    assert_eq!(sigma.contributions(&rules, &row).count(), 1);
}

#[test]
fn settings_out_of_range_are_named() {
    type Edit = fn(&mut Settings<3>);
    let cases: [(Edit, &str); 6] = [
        (|s| s.variables = 0, "variables must be 1 to 3, found 0"),
        (|s| s.variables = 4, "variables must be 1 to 3, found 4"),
        (|s| s.learn = 0, "learn must be at least 1, found 0"),
        (
            |s| s.sigmas = 0.0,
            "sigmas must be finite and above 0, found 0",
        ),
        (
            |s| s.sigmas = f32::NAN,
            "sigmas must be finite and above 0, found NaN",
        ),
        (|s| s.floor = -1.0, "floor must be at least 0, found -1"),
    ];
    for (edit, said) in cases {
        let mut settings = Settings::<3>::DEFAULT;
        edit(&mut settings);
        let refused = Rules::try_from(settings).expect_err(said);
        assert_eq!(std::string::ToString::to_string(&refused), said);
    }
}

#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(Sigma::<1>::STATE_BYTES, 48);
    assert_eq!(Sigma::<9>::STATE_BYTES, 9 * 24 + 24);
}

/// A body with a valid checksum that no detector has saved.
#[test]
fn a_snapshot_with_impossible_content_is_refused_without_effect() {
    let rules = rules::<1>(2);
    let (mut sigma, _) = fed(&rules, &[[1.0], [3.0]]);
    for bad in [
        (f64::NAN, 1.0_f64, 1.0_f32),
        (1e300, 1.0, 1.0),
        (1.0, -1.0, 1.0),
        (1.0, 1.0, f32::NAN),
    ] {
        let mut buffer = [0; 128];
        let used = snapshot::write_slice(&mut buffer, Sigma::shape(&rules), &|body| {
            body.put(&(true, Tick(1)));
            body.put(&(2_u32, true));
            body.put(&(bad.0, bad.1, 2_u32, bad.2));
        });
        let before = sigma.clone();
        let bytes = &buffer[..used.expect("room")];
        let refused = sigma.restore(&rules, bytes);
        assert!(matches!(refused, Err(SnapshotError::Content { .. })));
        assert_eq!(sigma, before);
    }
}

/// Mean and root of the mean square in two passes.
fn two_passes(values: &[f32]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / n;
    let squares = values.iter().map(|x| (f64::from(*x) - mean).powi(2));
    (mean, (squares.sum::<f64>() / n).sqrt())
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
    /// Large offsets are what sums of f32 lose: a spread of 1e-4 of the mean.
    #[test]
    fn limits_are_those_of_two_passes(
        offset in -1e6_f32..1e6,
        spread in 1e-2_f32..1e4,
        unit in prop::collection::vec(-1.0_f32..1.0, 2..400),
        x in -3.0_f32..3.0,
    ) {
        let values: Vec<f32> = unit.iter().map(|u| offset + spread * u).collect();
        let settings = Settings { learn: values.len() as u32, floor: 0.0, ..Settings::DEFAULT };
        let rules = Rules::<1>::try_from(settings).expect("valid settings");
        let learned: Vec<[f32; 1]> = values.iter().map(|x| [*x]).collect();
        let (mut sigma, _) = fed(&rules, &learned);
        let (mean, deviation) = two_passes(&values);
        let found = sigma.variables[0];
        prop_assert!((found.mean - mean).abs() <= 1e-9 * mean.abs().max(1.0));
        let wanted = deviation as f32;
        prop_assert!((found.deviation - wanted).abs() <= 1e-6 * wanted + 1e-9);
        // The mean is rounded to f32 once.
        let x = offset + spread * x;
        let answer = sigma.observe(&rules, Tick(1 << 40), &[Reading::Value(x)]);
        let wanted = (f64::from(x) - mean).abs() / deviation.max(1e-9);
        let rounding = mean.abs() * 2.0_f64.powi(-23) / deviation.max(1e-9);
        let found = f64::from(answer.score.expect("judged"));
        prop_assert!((found - wanted).abs() <= 1e-5 * wanted + rounding, "{found} {wanted}");
    }

    #[test]
    fn whatever_comes_the_answer_is_finite_and_adds_up(
        values in prop::collection::vec([hostile(), hostile(), hostile()], 1..60),
        learn in 1_u32..20,
    ) {
        let rules = rules::<3>(learn);
        let (sigma, answers) = fed(&rules, &values);
        for (answer, row) in answers.iter().zip(&values) {
            let Some(score) = answer.score else { continue };
            prop_assert!(score.is_finite() && score >= 0.0);
            prop_assert_eq!(answer.is_anomalous(), score > 3.0);
            let row = row.map(Reading::from);
            let parts = sigma.contributions(&rules, &row).map(|part| abs(part.error));
            prop_assert_eq!(parts.fold(0.0, f32::max), score);
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
    fn sigma_obeys_the_laws() {
        let rules = rules::<2>(40);
        let inputs = inputs();
        testing::deterministic(Sigma::<2>::new, &rules, &inputs);
        testing::warms_up_as_declared(Sigma::<2>::new(), &rules, &inputs);
        let spaced: Vec<_> = inputs
            .iter()
            .map(|(t, row)| (Tick(2 * t.0 + 1), *row))
            .collect();
        testing::unusable_inputs_change_nothing(Sigma::<2>::new, &rules, &spaced, |k| {
            let gone = [Reading::Absent(Cause::Missing); 2];
            (k % 3 == 1).then_some((Tick(2 * k as u64), gone))
        });
        let mut buffer = [0; Sigma::<2>::SNAPSHOT_MAX];
        for cut in 0..inputs.len() {
            let damage = cut == 71;
            let fresh = Sigma::<2>::new;
            testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, damage);
        }
    }
}
