//! Vectors and scores by hand, against trainings over slices in f64, and what hostile streams do to them.

mod reference;

use super::history::{History, VALUES};
use super::model::{Centers, Model};
use super::*;
use crate::error::SettingsError;
use proptest::prelude::*;
use std::string::ToString as _;
use std::vec::Vec;

type Small<const V: usize> = Consensus<V, 4>;

fn small<const V: usize>(window: u16) -> Rules<V, 4> {
    let settings = Settings {
        window,
        quorum: 2,
        ..Settings::DEFAULT
    };
    settings.try_into().expect("valid settings")
}

fn rows<const V: usize>(values: &[[f32; V]]) -> Vec<(Tick, [Reading; V])> {
    let ticks = (0..).map(Tick);
    let rows = values.iter().map(|row| row.map(Reading::from));
    ticks.zip(rows).collect()
}

fn fed<const V: usize>(rules: &Rules<V, 4>, values: &[[f32; V]]) -> (Small<V>, Vec<Assessment>) {
    let mut state = Consensus::new();
    let rows = rows(values).into_iter();
    let answers = rows.map(|(tick, row)| state.observe(rules, tick, &row));
    let answers = answers.collect();
    (state, answers)
}

/// Reproducible noise, -1 to 1.
fn noise(t: u32, lane: u32) -> f32 {
    let bits = crate::rng::split_mix(lane.into(), t.into()) >> 40;
    bits as f32 / (1 << 23) as f32 - 1.0
}

/// By hand: of squares 0, 1, 4, ... 64 the differences are 1, 3, ... 15 and their means of three 13, 11, ... 3.
#[test]
fn a_vector_is_the_last_six_means_of_three_differences() {
    let mut history = History::NEW;
    let mut taken = (0..9_u8).map(|k| history.take(f32::from(k) * f32::from(k)));
    assert!(taken.by_ref().take(8).all(|vector| vector.is_none()));
    assert_eq!(taken.next(), Some(Some([13.0, 11.0, 9.0, 7.0, 5.0, 3.0])));
    assert_eq!(history.before(), 49.0);
}

/// By hand: centers 0 and 8 on an axis; 2 moves the first to 1, 7 the second to 7.5. Of 1, 4 and 10 the distances from
/// both are 3.25, 3.25 and 5.75; 4 scores 0, 10 1, 20 (15.75 - 3.25)/2.5.
#[test]
fn a_score_is_the_place_in_the_range_of_the_training() {
    let on_axis = |x: f32| [x, 0.0, 0.0, 0.0, 0.0, 0.0];
    let mut centers = Centers::NEW;
    for x in [0.0, 8.0, 2.0, 7.0] {
        centers.learn(&on_axis(x));
    }
    let mut model = centers.model();
    for x in [1.0, 4.0, 10.0] {
        model.learn(&on_axis(x));
    }
    for (x, score) in [(4.0, 0.0), (10.0, 1.0), (20.0, 5.0), (7.5, 0.0)] {
        assert_eq!(model.score(&on_axis(x)), score, "{x}");
    }
    let constant = Centers::NEW.model();
    assert_eq!(
        (
            constant.score(&on_axis(9.0)),
            Model::NEW.score(&on_axis(9.0))
        ),
        (0.0, 0.0)
    );
}

/// By hand: one of four variables jumps. Its rate is 1/4, above a tenth of four, which is none: the threshold is 1/8.
/// With a rate of 1/4 one of four is allowed.
#[test]
fn the_score_counts_anomalous_variables() {
    let calm: Vec<[f32; 4]> = (0..200)
        .map(|t| [0, 1, 2, 3].map(|lane| noise(t, lane)))
        .collect();
    let mut values = calm.clone();
    values.push([50.0, 0.0, 0.0, 0.0]);
    let rules = small(40);
    let (state, answers) = fed(&rules, &values);
    let last = answers.last().expect("rows");
    assert_eq!(last.threshold, Some(0.125));
    assert!(last.is_anomalous());
    let score = last.score.expect("judged");
    assert!((0.25..=0.375).contains(&score), "{score}");
    let frame = values[200].map(Reading::from);
    let parts: Vec<Contribution> = state.contributions(&frame).collect();
    assert_eq!(parts.len(), 4);
    assert_eq!((parts[0].value, parts[0].expected), (50.0, values[199][0]));
    assert!(parts[0].error > 2.0 && parts[1..].iter().all(|part| part.error < 0.99));
    let tolerant = Rules::try_from(Settings {
        rate: 0.25,
        ..rules.0
    })
    .expect("valid settings");
    let (_, answers) = fed(&tolerant, &values);
    let last = answers.last().expect("rows");
    assert_eq!((last.state, last.threshold), (State::Normal, Some(0.375)));
}

/// Broken by a vector, training, order of models or place of a new one that differs from the definition. Jumps
/// make rows that all models call anomalous, and single ones that only the newest know.
#[test]
fn scores_are_those_of_trainings_over_slices() {
    const ROWS: u32 = 1_500;
    let value = |t: u32, lane: u32| {
        let jump = if t % 173 > 165 { 8.0 } else { 0.0 };
        noise(t, lane) + jump * noise(t / 173, lane + 9)
    };
    let values: Vec<[f32; 3]> = (0..ROWS)
        .map(|t| [0, 1, 2].map(|lane| value(t, lane)))
        .collect();
    let rules = small::<3>(60);
    let lanes: Vec<_> = (0..3)
        .map(|lane| {
            let exact: Vec<f64> = values.iter().map(|row| f64::from(row[lane])).collect();
            let vectors = reference::vectors(&exact);
            let models = reference::models(&vectors, 30, rules.early(lane).into());
            (vectors, models)
        })
        .collect();
    let mut state = Small::<3>::new();
    let (mut flagged, mut compared) = (0, 0);
    for (t, row) in values.iter().enumerate() {
        let row = row.map(Reading::Value);
        state.observe(&rules, Tick(t as u64), &row);
        for part in state.contributions(&row) {
            let (vectors, models) = &lanes[part.feature];
            let at = t - (usize::from(VALUES) - 1);
            // The four newest of those that have ended.
            let ended = models
                .iter()
                .rev()
                .filter(|model| model.since <= at)
                .take(4);
            let scores: Vec<f64> = ended.map(|model| model.score(&vectors[at])).collect();
            assert!(scores.len() >= 2, "a quorum");
            let normal = scores.iter().find(|score| **score < 0.99);
            let wanted = normal
                .copied()
                .unwrap_or_else(|| scores.iter().copied().fold(f64::MAX, f64::min));
            let found = f64::from(part.error);
            if scores.iter().any(|score| (score - 0.99).abs() < 1e-3) {
                continue;
            }
            assert!(
                (found - wanted).abs() < 1e-3 * wanted.max(1.0),
                "row {t}: {found} {scores:?}"
            );
            compared += 1;
            flagged += u32::from(found >= 0.99);
        }
    }
    assert!(
        compared > 4_000 && (20..600).contains(&flagged),
        "{compared} {flagged}"
    );
}

/// Trainings of different variables end in different rows, and none early by more than a quarter.
#[test]
fn trainings_are_spread_over_rows() {
    let rules: Rules<9, 18> = Settings::DEFAULT.try_into().expect("valid settings");
    let early: Vec<u16> = (0..9).map(|k| rules.early(k)).collect();
    assert_eq!(early, [0, 10, 20, 30, 40, 50, 60, 70, 80]);
    assert_eq!(rules.warm_up(), 8 + 180 * 4);
}

/// Broken by a flag for a variable that leaves its only value.
#[test]
fn a_constant_is_not_anomalous() {
    let mut values = std::vec![[3.0]; 300];
    values.push([4.0]);
    let (_, answers) = fed(&small::<1>(40), &values);
    assert!(answers[68..].iter().all(|answer| answer.score == Some(0.0)));
}

#[test]
fn missing_values_are_passed_over_and_fewer_than_half_are_blind() {
    let rules = small::<2>(40);
    let mut values: Vec<[f32; 2]> = (0..200).map(|t| [noise(t, 1), noise(t, 2)]).collect();
    let gone = Reading::Absent(Cause::Sensor);
    let (mut state, _) = fed(&rules, &values);
    let half = [Reading::Value(40.0), gone];
    let answer = state.observe(&rules, Tick(200), &half);
    assert_eq!((answer.is_anomalous(), answer.threshold), (true, Some(0.5)));
    assert_eq!(state.contributions(&half).count(), 1);
    let answer = state.observe(&rules, Tick(201), &[gone; 2]);
    assert_eq!(answer, Assessment::blind(Cause::Sensor));
    let answer = state.observe(&rules, Tick(201), &half);
    assert_eq!(answer, Assessment::blind(Blindness::OutOfOrder));
    values.iter_mut().for_each(|row| row[1] = f32::NAN);
    let (mut state, answers) = fed(&rules, &values);
    assert!(answers[199].score.is_some());
    let answer = state.observe(&rules, Tick(200), &[gone, Reading::Value(1.0)]);
    assert_eq!(
        answer,
        Assessment::blind(Cause::Missing),
        "never seen before"
    );
}

#[test]
fn settings_out_of_range_are_named() {
    type Edit = fn(&mut Settings<3, 18>);
    let cases: [(Edit, &str); 8] = [
        (|s| s.variables = 0, "variables must be 1 to 3, found 0"),
        (|s| s.variables = 4, "variables must be 1 to 3, found 4"),
        (|s| s.window = 23, "window must be at least 24, found 23"),
        (|s| s.quorum = 0, "quorum must be 1 to 18, found 0"),
        (|s| s.quorum = 19, "quorum must be 1 to 18, found 19"),
        (
            |s| s.limit = f32::NAN,
            "limit must be finite and above 0, found NaN",
        ),
        (
            |s| s.rate = 1.0,
            "rate must be at least 0 and below 1, found 1",
        ),
        (
            |s| s.rate = -0.1,
            "rate must be at least 0 and below 1, found -0.1",
        ),
    ];
    for (edit, said) in cases {
        let mut settings = Settings::DEFAULT;
        edit(&mut settings);
        let refused: SettingsError = Rules::try_from(settings).expect_err(said);
        assert_eq!(refused.to_string(), said);
    }
}

/// At most 2 KiB per variable.
#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(Consensus::<1, 18>::STATE_BYTES, 1_168 + 24);
    assert_eq!(Consensus::<9, 18>::STATE_BYTES, 9 * 1_168 + 24);
    assert_eq!(Consensus::<2, 4>::STATE_BYTES, 2 * (4 * 56 + 160) + 24);
}

/// A body with a valid checksum that no detector has saved.
#[test]
fn a_snapshot_with_impossible_content_is_refused_without_effect() {
    let rules = small::<1>(40);
    let values: Vec<[f32; 1]> = (0..100).map(|t| [noise(t, 1)]).collect();
    let (mut state, _) = fed(&rules, &values);
    let zeros = [0.0_f32; 6];
    let good = (0.0_f32, zeros, zeros, 1.0_f32, 0.0_f32, 0_u8, 0_u8);
    let bad = [
        (f32::NAN, zeros, zeros, 1.0, 0.0, 0, 0),
        (0.0, [1e30; 6], zeros, 1.0, 0.0, 0, 0),
        (0.0, zeros, [f32::NAN; 6], 1.0, 0.0, 0, 0),
        (0.0, zeros, zeros, f32::INFINITY, 0.0, 0, 0),
        (0.0, zeros, zeros, 1.0, -2.0, 0, 0),
        (0.0, zeros, zeros, 1.0, 0.0, 5, 0),
        (0.0, zeros, zeros, 1.0, 0.0, 0, 4),
        (0.0, zeros, zeros, 1.0, 0.0, 0, 1),
    ];
    for (k, case) in bad.into_iter().chain([good]).enumerate() {
        let (last, means, center, most, score, held, next) = case;
        let mut buffer = [0; 512];
        let used = snapshot::write_slice(&mut buffer, Small::<1>::shape(&rules), &|body| {
            body.put(&(true, Tick(1)));
            body.put(&2_u32);
            body.put(&([last; 3], means, 9_u8));
            body.put(&([center; 2], [1_u16; 2]));
            body.put(&([center; 2], 0.0_f32, most));
            body.put(&(score, 3_u16, held, next, false));
        });
        let before = state.clone();
        let refused = state.restore(&rules, &buffer[..used.expect("room")]);
        assert_eq!(refused.is_err(), k < 8, "{k}");
        assert_eq!(state == before, k < 8, "{k}");
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
    #[test]
    fn whatever_comes_the_score_is_a_share(
        values in prop::collection::vec([hostile(), hostile(), hostile()], 60..200),
        rate in 0.0_f32..1.0,
    ) {
        let settings = Settings { window: 24, quorum: 1, rate, ..Settings::DEFAULT };
        let rules = Rules::<3, 4>::try_from(settings).expect("valid settings");
        let mut state = Small::<3>::new();
        for (tick, row) in (0..).map(Tick).zip(&values) {
            let row = row.map(Reading::Value);
            let answer = state.observe(&rules, tick, &row);
            let parts: Vec<f32> = state.contributions(&row).map(|part| part.error).collect();
            prop_assert!(parts.iter().all(|part| part.is_finite() && *part >= 0.0), "{parts:?}");
            let Some(score) = answer.score else { continue };
            let all = parts.len() as f32;
            let flagged = parts.iter().filter(|part| **part >= 0.99).count() as f32;
            prop_assert!(flagged / all <= score && score <= (flagged + 0.5) / all, "{score} {parts:?}");
            prop_assert_eq!(answer.is_anomalous(), Some(score) > answer.threshold);
            prop_assert_eq!(answer.is_anomalous(), flagged > (rate * all).floor());
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
        rows(&(0..160).map(row).collect::<Vec<_>>())
    }

    #[test]
    fn consensus_obeys_the_laws() {
        let rules = small::<2>(24);
        let inputs = inputs();
        testing::deterministic(Small::<2>::new, &rules, &inputs);
        testing::warms_up_as_declared(Small::<2>::new(), &rules, &inputs);
        let spaced: Vec<_> = inputs
            .iter()
            .map(|(t, row)| (Tick(2 * t.0 + 1), *row))
            .collect();
        testing::unusable_inputs_change_nothing(Small::<2>::new, &rules, &spaced, |k| {
            let gone = [Reading::Absent(Cause::Missing); 2];
            (k % 3 == 1).then_some((Tick(2 * k as u64), gone))
        });
        let mut buffer = [0; Small::<2>::SNAPSHOT_MAX];
        for cut in 0..inputs.len() {
            let fresh = Small::<2>::new;
            testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, cut == 111);
        }
    }
}
