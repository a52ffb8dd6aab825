//! Trees against an implementation after the paper, by hand, and what hostile streams do to them.

mod reference;

use super::*;
use crate::detector::snapshot::Snapshot as _;
use crate::error::SettingsError;
use crate::sample::Cause;
use crate::wire::snapshot;
use proptest::prelude::*;
use reference::Forest;
use split::{fraction, half, mix, offset, root, split};
use std::string::ToString as _;
use std::vec::Vec;

const TREES: usize = 3;
/// Depth 4.
const NODES: usize = 32;

type Small<const V: usize> = HalfSpace<V, TREES, NODES>;
type Choice<const V: usize> = Settings<V, TREES, NODES>;

fn small<const V: usize>(learn: u32, window: u8) -> Rules<V, TREES, NODES> {
    let settings = Choice::<V> {
        learn,
        window,
        ..Settings::DEFAULT
    };
    settings.try_into().expect("valid settings")
}

fn rows<const V: usize>(values: &[[f32; V]]) -> Vec<(Tick, [Reading; V])> {
    let ticks = (0..).map(Tick);
    let rows = values.iter().map(|row| row.map(Reading::from));
    ticks.zip(rows).collect()
}

fn fed<const V: usize>(
    rules: &Rules<V, TREES, NODES>,
    values: &[[f32; V]],
) -> (Small<V>, Vec<Assessment>) {
    let mut state = HalfSpace::new();
    let rows = rows(values).into_iter();
    let answers = rows.map(|(tick, row)| state.observe(rules, tick, &row));
    let answers = answers.collect();
    (state, answers)
}

/// Spread rows of two variables, 0 to 1 in steps of 1/64, both ends twice.
fn spread(t: u32) -> [f32; 2] {
    let step = |k: u32| (k % 65) as f32 / 64.0;
    [step(t * 37), step(t * 23 + 5)]
}

/// By hand: of 2, 9, 4, 3 and 1000 the second smallest is 3 and the second largest 9; 6 is the middle, and 12 half a range beyond.
#[test]
fn a_range_is_robust_to_one_odd_value_at_each_end() {
    let mut range = Range::NEW;
    for x in [2.0, 9.0, 4.0, 3.0, 1000.0] {
        range.learn(x);
    }
    assert_eq!(range.middle(), 6.0);
    let place = |x| range.place(x, 0.0).expect("a range");
    let width = f64::from(range::WIDTH);
    for (x, share) in [
        (3.0, 0.0),
        (6.0, 0.5),
        (9.0, 1.0),
        (12.0, 1.5),
        (1e9, 2.0),
        (-1e30, -1.0),
    ] {
        let found = f64::from(place(x)) / width;
        assert!((found - share).abs() < 1e-6, "{x}: {found}");
    }
    assert_eq!(Range::NEW.place(1.0, 0.1), None, "never a value");
    let mut constant = Range::NEW;
    for x in [5.0; 4] {
        constant.learn(x);
    }
    // A floor of a tenth: 5.25 is half a width from the middle.
    let found = constant.place(5.25, 0.1).expect("a range");
    assert!((f64::from(found) / width - 1.0).abs() < 1e-5);
}

/// By hand: the first split of a fraction is its highest bit, and both sides of 1/2 differ by a unit.
#[test]
fn the_sides_of_a_place_are_the_bits_of_its_fraction() {
    let width = range::WIDTH;
    assert_eq!(fraction(width / 2, width / 2), 1 << 31);
    assert_eq!(fraction(width / 2 - 1, width / 2) >> 31, 0);
    assert_eq!(fraction(width / 4, width / 2), 0b011 << 29);
    assert_eq!(
        (fraction(-width, 0), fraction(2 * width, width)),
        (0, 0xffff_ff00)
    );
}

/// By hand: what was counted in one window is the reference of the next and gone after it, where a third of the
/// places of a window of three rows is cleared in each.
#[test]
fn masses_last_for_the_window_after_their_own() {
    let mut masses = Masses::<1, 4>::NEW;
    let mut window = |rows: [u8; 4]| {
        *masses.roles().latest = [rows];
        for row in 0..3 {
            masses.clear(row, 3);
        }
        masses.turn();
        masses.both().map(|plane| plane[0])
    };
    assert_eq!(window([1, 2, 3, 4]), [[1, 2, 3, 4], [0; 4]]);
    assert_eq!(window([5, 6, 7, 8]), [[5, 6, 7, 8], [0; 4]]);
    assert_eq!(window([0; 4]), [[0; 4], [0; 4]]);
    assert_eq!(window([9; 4]), [[9; 4], [0; 4]]);
}

/// By hand: 20 equal rows are one path with 5 rows of the first window at every node. Then each tree has 5·2^4
/// at its leaf, and the density is 16; after another window of 10 rows 160/10.
#[test]
fn equal_rows_have_the_density_of_a_leaf() {
    let rules = small::<1>(20, 10);
    let (state, answers) = fed(&rules, &[[7.0]; 40]);
    let warming = |k: usize| answers[k].state;
    assert_eq!(warming(18), State::Warming { left: 1 });
    assert_eq!(warming(19), State::Warming { left: 0 });
    assert!(answers[20..].iter().all(|a| a.score == Some(1.0 / 17.0)));
    assert!(answers[20..].iter().all(|a| a.state == State::Normal));
    assert_eq!(state.reference, 10);
}

/// Broken by a structure, window or mass that differs from the paper's: eager copies of all nodes, work
/// ranges in f64. The rows lie elsewhere for hundreds of windows.
#[test]
fn masses_are_those_of_a_forest_that_copies_its_windows() {
    let rules = small::<2>(64, 5);
    let (mut state, mut forest) = (Small::<2>::new(), Forest::new(&rules));
    let mut judged = 0;
    for (t, tick) in (0..6_000_u32).zip((0..).map(Tick)) {
        let corner = (500..3_500).contains(&t);
        let row = if corner { [0.125, 0.125] } else { spread(t) };
        let missing = t % 11 == 7 && t > 100;
        let row = if missing { [f32::NAN, row[1]] } else { row };
        let wanted = forest.observe(&row);
        let before = state.rows;
        let answer = state.observe(&rules, tick, &row.map(Reading::from));
        assert_eq!(state.rows, before + 1);
        if let Some(score) = answer.score {
            let wanted = wanted.expect("a reference");
            assert_eq!(score, 1.0 / (1.0 + wanted as f32), "row {t}");
            judged += 1;
        }
    }
    assert_eq!(judged, 6_000 - 64);
}

/// Two clouds, at (0.2, 0.2) and (0.8, 0.8). A row at (0.8, 0.2) scores above all others, within the range of each
/// variable, and the third variable is not blamed.
#[test]
fn an_empty_region_scores_higher_and_names_its_variables() {
    let rules: Rules<3, 25, 512> = Settings {
        learn: 600,
        ..Settings::DEFAULT
    }
    .try_into()
    .expect("valid settings");
    let mut state = HalfSpace::<3, 25, 512>::new();
    let row = |t: u32| {
        let center = if t.is_multiple_of(2) { 0.2 } else { 0.8 };
        let around = |k: u32| (k % 97) as f32 * 0.001 - 0.048 + center;
        [
            around(t * 37),
            around(t * 53),
            0.5 + (t * 41 % 89) as f32 * 0.001,
        ]
    };
    let mut highest = 0.0_f32;
    for t in 0..2_000 {
        let answer = state.observe(&rules, Tick(t.into()), &row(t).map(Reading::Value));
        highest = highest.max(answer.score.unwrap_or(0.0));
    }
    let odd = [0.8, 0.2, 0.54].map(Reading::Value);
    let parts: Vec<f32> = state.contributions(&rules, &odd).map(|p| p.error).collect();
    let answer = state.observe(&rules, Tick(2_000), &odd);
    assert!(
        answer.is_anomalous() && answer.score > Some(highest),
        "{answer:?} {highest}"
    );
    assert!(parts[0].max(parts[1]) > parts[2], "{parts:?}");
}

#[test]
fn fewer_than_half_of_the_values_are_blind() {
    let rules = small::<4>(20, 10);
    let (mut state, _) = fed(&rules, &[[1.0; 4]; 30]);
    let gone = Reading::Absent(Cause::Sensor);
    let there = Reading::Value(1.0);
    let answer = state.observe(&rules, Tick(30), &[gone, gone, there, gone]);
    assert_eq!(answer, Assessment::blind(Cause::Sensor));
    let answer = state.observe(&rules, Tick(31), &[there, there]);
    assert!(answer.score.is_some(), "a short frame: {answer:?}");
    let answer = state.observe(&rules, Tick(31), &[there; 4]);
    assert_eq!(answer, Assessment::blind(Blindness::OutOfOrder));
}

#[test]
fn settings_out_of_range_are_named() {
    type Edit = fn(&mut Settings<3, 25, 512>);
    let cases: [(Edit, &str); 6] = [
        (|s| s.variables = 0, "variables must be 1 to 3, found 0"),
        (|s| s.variables = 4, "variables must be 1 to 3, found 4"),
        (|s| s.learn = 19, "learn must be at least 20, found 19"),
        (|s| s.window = 50, "window must be 51 to 255, found 50"),
        (|s| s.share = 1.0, "share must be 0.001 to 0.99999, found 1"),
        (|s| s.floor = -1.0, "floor must be at least 0, found -1"),
    ];
    for (edit, said) in cases {
        let mut settings = Settings::DEFAULT;
        edit(&mut settings);
        let refused: SettingsError = Rules::try_from(settings).expect_err(said);
        assert_eq!(refused.to_string(), said);
    }
}

#[test]
fn the_state_is_as_large_as_documented() {
    assert_eq!(
        HalfSpace::<2, 25, 512>::STATE_BYTES,
        25 * 512 * 3 + 2 * 20 + 64
    );
    assert_eq!(
        HalfSpace::<8, 10, 128>::STATE_BYTES,
        10 * 128 * 3 + 8 * 20 + 64
    );
}

/// A body with a valid checksum that no detector has saved.
#[test]
fn a_snapshot_with_impossible_content_is_refused_without_effect() {
    let rules = small::<1>(20, 10);
    let (mut state, _) = fed(&rules, &[[7.0]; 40]);
    let good = ([1.0_f32, 2.0], [4.0_f32, 3.0]);
    let bad = [
        ([f32::NAN, 2.0], good.1),
        ([1.0, 2.0], [f32::INFINITY, 3.0]),
        ([1.0, 3.0], [2.0, 1.0]),
    ];
    for (k, (lows, highs)) in bad.into_iter().chain([good]).enumerate() {
        let mut buffer = [0; 1024];
        let used = snapshot::write_slice(&mut buffer, Small::<1>::shape(&rules), &|body| {
            body.put(&(true, Tick(1)));
            body.put(&2_u32);
            body.put(&(0_u8, 0_u8));
            body.put(&QuantileThreshold::new());
            body.put(&(lows, highs, 9_u32));
            (0..2 * TREES * NODES).for_each(|_| body.put(&0_u8));
        });
        let before = state.clone();
        let refused = state.restore(&rules, &buffer[..used.expect("room")]);
        assert_eq!(refused.is_err(), k < 3, "{k}");
        assert_eq!(state == before, k < 3, "{k}");
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
    fn whatever_comes_the_score_is_between_0_and_1(
        values in prop::collection::vec([hostile(), hostile(), hostile()], 1..120),
        floor in prop_oneof![Just(0.0_f32), 0.0_f32..1.0, Just(f32::MAX)],
    ) {
        let settings = Choice::<3> { learn: 20, window: 7, floor, ..Settings::DEFAULT };
        let rules = Rules::try_from(settings).expect("valid settings");
        let mut state = Small::<3>::new();
        for (tick, row) in (0..).map(Tick).zip(&values) {
            let row = row.map(Reading::Value);
            let parts: Vec<f32> = state.contributions(&rules, &row).map(|p| p.error).collect();
            prop_assert!(parts.iter().all(|part| part.is_finite()), "{parts:?}");
            let answer = state.observe(&rules, tick, &row);
            let Some(score) = answer.score else { continue };
            prop_assert!((0.0..=1.0).contains(&score), "{score}");
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
    fn half_space_obeys_the_laws() {
        let rules = small::<2>(40, 9);
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
            testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, cut == 71);
        }
    }
}
