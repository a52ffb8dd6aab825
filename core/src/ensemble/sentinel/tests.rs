//! The parts work together: what the sentinel answers is what its parts answer.

use super::*;
use crate::alarm::{Alarm, Grade, Phase, Promise};
use crate::assessment::State;
use crate::detector::snapshot::Snapshot;
use crate::health::Symptom;
use crate::quartet::Shape;
use crate::sample::Cause;
use crate::{alarm, sentinel_of};
use std::vec::Vec;

const SHAPE: Shape = Shape::small(3);
type Three = sentinel_of!(SHAPE);
type ThreeRules = <Three as Detector>::Rules<'static>;

/// Rows to fit to.
const LEARN: u32 = 400;

fn rules() -> ThreeRules {
    let settings = Settings::of_shape(SHAPE, LEARN);
    settings.try_into().expect("valid settings")
}

/// Two variables that move together, one of its own; a fault of the second from 700 to 719.
fn row(t: u64) -> [Reading; 3] {
    let wave = (t * 7 % 23) as f32;
    let fault = if (700..720).contains(&t) { 12.0 } else { 0.0 };
    [wave, 50.0 - wave + fault, (t * 5 % 11) as f32].map(Reading::Value)
}

fn fed(rows: u64) -> (Three, Vec<Assessment>) {
    let (rules, mut sentinel) = (rules(), Three::new());
    let answers = (0..rows).map(|t| sentinel.observe(&rules, Tick(t), &row(t)));
    let answers = answers.collect();
    (sentinel, answers)
}

#[test]
fn it_fits_itself_and_then_finds_the_fault_and_its_variable() {
    let (_, answers) = fed(900);
    let warming = answers
        .iter()
        .take_while(|a| matches!(a.state, State::Warming { .. }));
    assert_eq!(warming.count(), LEARN as usize);
    assert_eq!(answers[0].state, State::Warming { left: LEARN - 1 });
    let first = answers.iter().position(Assessment::is_anomalous);
    assert_eq!(first, Some(700));
    assert!(answers[800..].iter().all(|answer| !answer.is_anomalous()));
    let (sentinel, _) = fed(705);
    assert_eq!(sentinel.event().phase, Phase::Update);
    assert!(sentinel.event().grade >= Grade::Warning);
    let most = sentinel.shares().max_by(|a, b| a.1.total_cmp(&b.1));
    assert_eq!(most.expect("three variables").0, 1);
    let all: Vec<_> = sentinel
        .complaints()
        .map(|c| (c.variable, c.symptom))
        .collect();
    assert_eq!(all, [(1, Symptom::Range)]);
}

/// Broken by an alarm that does not know the rows of the fit, by a row that it does not get, or by
/// another threshold than its own.
#[test]
fn alarms_are_those_of_the_detectors_onset() {
    let rules = rules();
    let (_, answers) = fed(900);
    let mut detector = <crate::fitting_of!(SHAPE)>::new();
    let mut alarm = Alarm::<BUCKETS>::after_fit(LEARN);
    for t in 0..900 {
        let (of_row, onset) = detector.score(rules.detector(), Tick(t), &row(t), &mut []);
        let answer = answers[t as usize];
        if t < u64::from(LEARN) {
            assert_eq!(answer, of_row);
            continue;
        }
        let event = alarm.observe(rules.alarm(), onset);
        assert_eq!(answer.score, event.severity);
        assert_eq!(answer.threshold, Some(event.threshold));
        assert_eq!(answer.is_anomalous(), event.phase.is_on());
    }
}

#[test]
fn a_stuck_sensor_is_a_complaint() {
    let (mut sentinel, _) = fed(600);
    let rules = rules();
    for t in 600..640 {
        let [a, b, _] = row(t);
        sentinel.observe(&rules, Tick(t), &[a, b, Reading::Value(5.5)]);
    }
    let all: Vec<_> = sentinel
        .complaints()
        .map(|c| (c.variable, c.symptom))
        .collect();
    assert_eq!(all, [(2, Symptom::Stuck)]);
}

#[test]
fn rows_that_never_came_pass_over_the_alarm() {
    let (mut sentinel, _) = fed(705);
    let age = |sentinel: &Three| sentinel.event().episode.map(|episode| episode.age);
    assert_eq!(age(&sentinel), Some(4));
    let (rules, late) = (rules(), Tick(705 + 90));
    sentinel.observe(&rules, late, &row(706));
    assert_eq!(age(&sentinel), Some(95));
    let answer = sentinel.observe(&rules, late, &row(707));
    assert_eq!(answer, Assessment::blind(crate::Blindness::OutOfOrder));
}

#[test]
fn settings_out_of_range_are_named() {
    let mut settings = Settings::of_shape(SHAPE, 19);
    let refused = ThreeRules::try_from(settings).expect_err("too few rows");
    assert_eq!(refused.field, "rows");
    settings.detector.rows = 20;
    settings.alarm.rows_per_day = Some(3);
    let refused = ThreeRules::try_from(settings).expect_err("too few rows");
    assert_eq!(refused.field, "rows_per_day");
    settings.alarm = alarm::Settings {
        promise: Promise::per_10_000_rows(3.0).expect("a promise"),
        rows_per_day: Some(1440),
    };
    assert!(ThreeRules::try_from(settings).is_ok());
}

/// The bytes that the documents state.
#[test]
fn the_state_is_as_large_as_documented() {
    type Eight = sentinel_of!(Shape::new(8));
    type Small = sentinel_of!(Shape::small(8));
    let bytes = (Eight::STATE_BYTES, Small::STATE_BYTES);
    assert_eq!(bytes, (9712, 5992));
    type Bare = Sentinel<crate::fitting_of!(Shape::new(8)), 8>;
    assert_eq!(Bare::STATE_BYTES, 9632);
}

/// Cut before any row of fit, stream and alarm, what follows is the same.
#[test]
fn a_snapshot_at_any_row_goes_on_with_the_same_bits() {
    let rules = rules();
    let (mut whole, mut bytes) = (Three::new(), [0; Three::SNAPSHOT_MAX]);
    for t in 0..760_u64 {
        if t % 37 == 0 || (695..725).contains(&t) {
            let used = whole.save(&rules, &mut bytes).expect("room");
            let mut restored = Three::new();
            let next = restored.restore(&rules, &bytes[..used]);
            assert_eq!(next, Ok(Tick(t)));
            let mut other = whole.clone();
            for t in t..t + 12 {
                let wanted = other.observe(&rules, Tick(t), &row(t));
                assert_eq!(
                    restored.observe(&rules, Tick(t), &row(t)),
                    wanted,
                    "row {t}"
                );
            }
            bytes[used / 2] ^= 1;
            assert!(restored.restore(&rules, &bytes[..used]).is_err());
        }
        whole.observe(&rules, Tick(t), &row(t));
    }
}

#[test]
fn hostile_rows_leave_it_standing() {
    let (mut sentinel, _) = fed(500);
    let rules = rules();
    let hostile = [f32::NAN, f32::INFINITY, f32::MAX, f32::MIN, -0.0, 1e-40];
    for t in 500..800_u64 {
        let pick = |k: u64| Reading::from(hostile[(t * 7 + k * k) as usize % hostile.len()]);
        let frame = [pick(0), pick(1), Reading::Absent(Cause::Sensor)];
        let answer = sentinel.observe(&rules, Tick(t), &frame[..(t % 4) as usize]);
        assert!(
            answer.score.is_none_or(f32::is_finite),
            "row {t}: {answer:?}"
        );
        assert!(sentinel.shares().all(|(_, share)| share.is_finite()));
    }
}
