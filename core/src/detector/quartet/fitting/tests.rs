//! The fit of a stream: its numbers, its laws, and a snapshot at every row.

use super::*;
use crate::math::root;
use crate::quartet::Settings as OfQuartet;
use crate::{Monitor, fitting_of};
use std::string::ToString;
use std::vec::Vec;

const SHAPE: Shape = Shape {
    variables: 3,
    vectors: 12,
    candidates: 2,
};
type Three = fitting_of!(SHAPE);
type RulesOfThree = <Three as Detector>::Rules<'static>;

const FIXED: Shape = Shape {
    candidates: 0,
    ..SHAPE
};
type Still = fitting_of!(FIXED);

fn settings(rows: u32, distances_per_row: Option<u16>) -> Settings {
    let quartet = OfQuartet {
        every: 5,
        distances_per_row,
        ..OfQuartet::new(SHAPE)
    };
    Settings { quartet, rows }
}

/// Waves with gaps; the third variable follows the first.
fn rows(count: usize) -> Vec<(Tick, [Reading; 3])> {
    let mut state = 9_u32;
    let mut noise = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as f32 / 256.0
    };
    let row = |t: usize| {
        let wave = |period: usize| (t % period) as f32 / period as f32 * 6.0;
        let gone = if t % 11 == 3 { f32::NAN } else { 0.0 };
        let first = wave(19) + noise();
        let values = [
            first,
            wave(7) + noise() + gone,
            40.0 - first + 0.2 * noise(),
        ];
        (Tick(t as u64), values.map(Reading::from))
    };
    (0..count).map(row).collect()
}

fn fitted(rows_of_fit: u32) -> (Three, RulesOfThree) {
    let rules = settings(rows_of_fit, None).try_into().expect("room");
    let mut three = Three::new();
    for (tick, row) in rows(rows_of_fit as usize) {
        three.observe(&rules, tick, &row);
    }
    assert!(three.is_fitted(&rules));
    (three, rules)
}

/// Means and deviations of the first 30 %, in two passes; a projection that leaves what is across.
#[test]
fn numbers_are_those_of_the_parts_of_the_rows() {
    let (three, _) = fitted(400);
    let rows = rows(400);
    let means: Vec<f32> = three.quartet().means().collect();
    for (j, found) in means.iter().enumerate() {
        let mut last = None;
        let mut values = Vec::new();
        for (_, row) in &rows[..120] {
            last = row[j].usable().ok().or(last);
            values.extend(last.map(f64::from));
        }
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!(
            (f64::from(*found) - mean).abs() < 1e-5,
            "{j}: {found} {mean}"
        );
        let squares = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
        let deviation = root(squares / values.len() as f64);
        let found = 1.0 / f64::from(three.quartet.floats[3 + j]);
        assert!((found - deviation).abs() < 1e-5 * deviation, "{j}");
    }
    // One component of three is left: a projection of trace 1.
    let outside = &three.quartet.floats[4 * 3 + 2 * 3..];
    let trace = outside[0] + outside[2] + outside[5];
    assert!((trace - 1.0).abs() < 1e-4, "{outside:?}");
    assert!(three.quartet.calibration.is_whole());
    assert_eq!(three.quartet.stored, [12, 12]);
}

#[test]
fn it_warms_up_as_declared_and_finds_what_breaks_a_relation() {
    let (mut three, rules) = fitted(400);
    let rows = rows(800);
    let (mut most, mut found) = (0.0_f32, 0.0);
    for (tick, row) in rows.iter().skip(400) {
        let mut row = *row;
        if tick.0 == 700 {
            row[2] = Reading::Value(40.0); // within its range, but not beside the first
            row[0] = Reading::Value(6.0);
        }
        let quartet = three.fitted(&rules).expect("fitted");
        let verdict = quartet.decide(rules.quartet(), *tick, &row);
        let onset = verdict.score.expect("judged").onset;
        if tick.0 == 700 {
            found = onset;
        } else if tick.0 < 700 {
            most = most.max(onset);
        }
    }
    assert!(found > most && found > 0.5, "{found} {most}");
}

/// However few distances a row may take, and with memories that do not learn later.
#[test]
fn memories_are_whole_and_neighbours_exact_however_work_is_spread() {
    for budget in [None, Some(1), Some(40)] {
        let rules = settings(300, budget).try_into().expect("room");
        let mut three = Three::new();
        for (tick, row) in rows(300) {
            three.observe(&rules, tick, &row);
        }
        let layout = rules.layout();
        let found = three.quartet.distances;
        let mut parts = three.quartet.parts(layout);
        parts.memories.iter_mut().for_each(Memory::acquaint);
        assert_eq!(found, three.quartet.distances, "{budget:?}");
    }
    let still = Settings {
        quartet: OfQuartet::new(FIXED),
        rows: 300,
    };
    let (rules, learning) = (
        still.try_into().expect("room"),
        settings(300, None).try_into().expect("room"),
    );
    let (mut still, mut three) = (Still::new(), Three::new());
    for (tick, row) in rows(300) {
        assert_eq!(
            still.observe(&rules, tick, &row),
            three.observe(&learning, tick, &row)
        );
    }
    let short = |quartet: &[i8]| quartet[30..30 + 12 * 33].to_vec();
    assert!(short(&still.quartet.bytes) == short(&three.quartet.bytes));
}

#[test]
fn the_shortest_fits_and_odd_rows_give_numbers() {
    for rows_of_fit in [20, 21, 27, 40, 99] {
        for odd in [f32::NAN, 0.0, f32::MAX, f32::MIN, 7.0] {
            let rules = settings(rows_of_fit, Some(3)).try_into().expect("room");
            let mut three = Three::new();
            for t in 0..u64::from(rows_of_fit) + 60 {
                let x = (t % 5) as f32;
                let row = [x, odd, if t % 3 == 0 { odd } else { x }].map(Reading::from);
                let answer = three.observe(&rules, Tick(t), &row);
                let judged = t >= u64::from(rows_of_fit);
                assert_eq!(answer.score.is_some(), judged, "row {t}");
                assert!(
                    answer.score.is_none_or(f32::is_finite),
                    "row {t}: {answer:?}"
                );
            }
            assert_eq!(three.quartet().ignored().count(), usize::from(odd.is_nan()));
        }
    }
}

#[test]
fn settings_that_do_not_fit_are_named() {
    let refused = |settings: Settings| {
        let rules = RulesOfThree::try_from(settings);
        rules.expect_err("no room").to_string()
    };
    let said = refused(settings(19, None));
    assert_eq!(said, "rows must be 20 to 200000, found 19");
    let still = Settings {
        quartet: OfQuartet::new(FIXED),
        rows: 300,
    };
    assert_eq!(refused(still), "vectors must be 1 to 0, found 12");
    const EIGHT: Shape = Shape::new(8);
    type Eight = fitting_of!(EIGHT);
    assert_eq!(EIGHT.fitting_bytes(), Eight::STATE_BYTES);
    const SMALL: Shape = Shape::small(8);
    type Small = fitting_of!(SMALL);
    assert_eq!(SMALL.fitting_bytes(), Small::STATE_BYTES);
    assert_eq!(
        [Eight::STATE_BYTES, Small::STATE_BYTES],
        [9_088, 5_368],
        "as documented"
    );
}

#[test]
fn three_calls_are_enough() {
    let mut three = Three::new();
    let mut monitor = Monitor::new(&mut three, settings(100, None)).expect("room");
    for (k, (_, row)) in rows(130).into_iter().enumerate() {
        let answer = monitor.observe(row);
        let warming = matches!(answer.state, State::Warming { left } if left == 99 - k as u32);
        assert_eq!(warming, k < 100, "row {k}: {answer:?}");
    }
}

#[cfg(feature = "testing")]
mod laws {
    use super::*;
    use crate::testing;

    #[test]
    fn a_quartet_that_fits_itself_obeys_the_laws() {
        let inputs: Vec<_> = rows(170)
            .into_iter()
            .map(|(t, row)| (Tick(2 * t.0 + 1), row))
            .collect();
        let mut buffer = [0; Three::SNAPSHOT_MAX];
        for budget in [None, Some(3)] {
            let rules = settings(100, budget).try_into().expect("room");
            testing::deterministic(Three::new, &rules, &inputs);
            testing::warms_up_as_declared(Three::new(), &rules, &inputs);
            testing::unusable_inputs_change_nothing(Three::new, &rules, &inputs, |k| {
                let late = [Reading::Value(1e9); 3];
                (k % 5 == 1).then(|| (Tick(2 * k as u64 - 1), late))
            });
            for cut in 0..inputs.len() {
                let fresh = Three::new;
                testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, false);
            }
        }
    }
}
