//! Trimming, limits that stay, and doubts about a fit.

use super::series::{FITTED, Row, Twelve, V, rules, series};
use crate::node::fit::Work;
use crate::node::{Confidence, Rules, Settings, wide};
use crate::{Detector, Reading};
use std::borrow::ToOwned as _;
use std::string::ToString as _;
use std::vec::Vec;

/// Rows of which 300 and more set limits.
const MANY: usize = 2_000;

fn with(trim: f32, follow: bool) -> Result<Rules<wide::Rules<V>, V>, crate::SettingsError> {
    let lanes = wide::Settings {
        variables: V as u16,
    };
    let settings = Settings {
        trim,
        follow,
        ..Settings::new(lanes)
    };
    settings.try_into()
}

fn fit(rows: &[Row], trim: f32) -> (Twelve, Confidence) {
    let mut node = Twelve::new();
    let rules = with(trim, true).expect("room");
    let confidence = node.fit(&rules, &mut &rows[..], &mut Work::new());
    (node, confidence.expect("enough rows"))
}

/// One stretch of bad rows behind those that are fitted.
fn spoilt() -> Vec<Row> {
    let mut rows = series(MANY);
    for row in &mut rows[1_700..1_740] {
        row.iter_mut().step_by(3).for_each(|x| *x += 15.0);
    }
    rows
}

/// Broken by bad rows that stay in limits or threshold.
#[test]
fn bad_rows_are_left_out_on_request() {
    let (mut all, confidence) = fit(&spoilt(), 0.0);
    let (mut trimmed, left) = fit(&spoilt(), 0.15);
    assert_eq!((confidence.held_out, all.held_out()), (400, 400));
    // Four blocks of 16 of 25.
    assert_eq!((left.held_out, trimmed.held_out()), (336, 336));
    assert!(trimmed.threshold(&rules()) <= all.threshold(&rules()));
    let bad = spoilt()[1_710].map(Reading::from);
    let onset = |node: &mut Twelve| {
        let tick = node.next_tick();
        let verdict = node.decide(&rules(), tick, &bad);
        verdict.score.expect("it is fitted").onset
    };
    let (before, after) = (onset(&mut all), onset(&mut trimmed));
    assert!(after > 1.2 * before, "{before} {after}");
}

#[test]
fn a_share_beyond_half_is_refused() {
    for trim in [-0.1, 0.51, f32::NAN] {
        assert_eq!(with(trim, true).unwrap_err().field, "trim");
    }
}

/// Broken by a limit that follows nevertheless.
#[test]
fn limits_stay_on_request() {
    let (mut still, _) = fit(&series(FITTED), 0.0);
    let mut moved = still.clone();
    for follow in [false, true] {
        let node = if follow { &mut moved } else { &mut still };
        let rules = with(0.0, follow).expect("room");
        for _ in 0..100 {
            let tick = node.next_tick();
            node.observe(&rules, tick, &[Reading::Value(99.0); V]);
        }
    }
    assert_eq!(still.growth(), [1.0; 4]);
    assert!(moved.growth()[0] > 1.05);
}

/// By hand: a constant column, one of two values, one that moved, and gaps in a quarter of another.
#[test]
fn a_fit_says_what_makes_it_doubtful() {
    let (_, healthy) = fit(&series(MANY), 0.0);
    assert!(healthy.is_sure(), "{healthy:?}");
    assert_eq!((healthy.rows, healthy.held_out), (2_000, 400));
    let mut rows = series(MANY);
    for (t, row) in rows.iter_mut().enumerate() {
        row[2] = 7.0;
        row[3] = (t % 2) as f32;
        row[4] += if t < 1_600 { 0.0 } else { 20.0 };
        for gap in &mut row[5..8] {
            if t % 2 == 0 {
                *gap = f32::NAN;
            }
        }
    }
    let (_, found) = fit(&rows, 0.0);
    assert_eq!((found.constant, found.few, found.drifted), (1, 1, 4));
    assert_eq!(found.missing, 0.125);
    let doubts: Vec<_> = found.doubts().map(|doubt| doubt.to_string()).collect();
    assert!(
        doubts
            .iter()
            .any(|text| text.starts_with("variable 4 has moved by "))
    );
    assert!(
        doubts.contains(&"12 % of the values are missing".to_owned()),
        "{doubts:?}"
    );
    assert!(doubts.contains(&"variables that never change: 1".to_owned()));
}
