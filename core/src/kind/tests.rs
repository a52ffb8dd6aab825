//! Kinds of pure changes, by hand: the alarm and the shares are given, the values are of one variable that is
//! uniform within ±1.7 (deviation 1, usual difference √2) beside one that is never behind the alarm.

#[cfg(feature = "testing")]
mod laws;
mod saved;
mod units;

use super::*;
use crate::alarm::{self, Phase};
use crate::assessment::{Assessment, State};
use crate::detector::Detector;
use crate::quartet::Shape;
use crate::sample::{Cause, Tick};
use crate::sentinel::{BUCKETS, Lookout, Scored, Settings};
use crate::{quartet_of, sentinel_of};
use core::f32::consts::FRAC_1_SQRT_2;
use std::vec::Vec;

const SCALES: Scales<'static> = Scales {
    mean: &[0.0, 0.0],
    inv_deviation: &[1.0, 1.0],
    inv_difference: &[FRAC_1_SQRT_2; 2],
};
/// Rows to learn from, and the first row of the alarm.
const LEARN: u32 = 300;
const START: u32 = 500;

/// A value within ±1.7, by a counter.
fn noise(t: u32, of: u32) -> f32 {
    let bits = (t * 2 + of).wrapping_mul(0x9e37_79b9);
    let bits = (bits ^ (bits >> 15)).wrapping_mul(0x85eb_ca6b);
    ((bits >> 8) as f32 / (1 << 24) as f32 - 0.5) * 3.4
}

/// The findings of an alarm of 25 rows in which variable 1 is changed; `t` counts from the start of the alarm.
fn findings(change: impl Fn(u32, f32) -> Reading) -> Vec<Finding> {
    let rules = alarm::Rules::<BUCKETS>::new(alarm::Settings::DEFAULT).expect("rules");
    let (mut lookout, mut all) = (Lookout::<2, 2>::new(), Vec::new());
    for t in 0..START + 25 {
        let mut frame = [noise(t, 0), noise(t, 1)].map(Reading::Value);
        let alarmed = t >= START;
        if alarmed {
            frame[1] = change(t - START, noise(t, 1));
        }
        let row = Scored {
            frame: &frame,
            passed: 0,
            answer: Assessment::bare(if t < LEARN {
                State::Warming { left: LEARN - t }
            } else {
                State::Normal
            }),
            score: Some(if alarmed { 5.0 } else { 0.1 }),
            parts: &[0.1, if alarmed { 4.0 } else { 0.05 }],
            scales: SCALES,
            rows: LEARN,
        };
        let answer = lookout.take(&rules, &row);
        assert_eq!(answer.is_anomalous(), alarmed, "row {t}");
        assert_eq!(lookout.finding().is_some(), alarmed, "row {t}");
        all.extend(lookout.finding());
    }
    assert!(all.iter().take(10).all(|of| !of.is_final));
    assert!(all.iter().skip(10).all(|of| of == &all[10] && of.is_final));
    assert!(all.iter().all(|of| of.variable == 1));
    all
}

fn first_and_final(change: impl Fn(u32, f32) -> Reading) -> (Kind, Finding) {
    let all = findings(change);
    (all[0].kind, all[10])
}

/// Broken by a shift that is not compared with the jump.
#[test]
fn a_spike_is_a_jump_then_a_spike() {
    let value = |t, x| Reading::Value(if t == 0 { x + 14.0 } else { x });
    let (first, last) = first_and_final(value);
    assert_eq!((first, last.kind), (Kind::Jump, Kind::Spike));
    // 14 deviations and two values within 1.7, by 0.7071.
    assert!((7.5..12.4).contains(&last.jump), "{last:?}");
    assert!(last.shift.abs() < 2.0 && !last.is_outside, "{last:?}");
}

#[test]
fn a_step_is_a_jump_then_a_step() {
    let (first, last) = first_and_final(|_, x| Reading::Value(x + 14.0));
    assert_eq!((first, last.kind), (Kind::Jump, Kind::Step));
    // Of 14 the fast mean has gone 1 - 0.85^11 = 0.83 after 11 rows, the slow one 1 - 0.99^11 = 0.1 of 10.
    assert!((9.0..12.5).contains(&last.shift), "{last:?}");
    assert!(last.is_outside, "{last:?}");
}

#[test]
fn a_drift_has_another_level_without_a_jump() {
    let (first, last) = first_and_final(|t, x| Reading::Value(x + 0.4 * t as f32));
    assert!(first != Kind::Jump, "{first}");
    assert_eq!(last.kind, Kind::Drift);
    assert!(last.jump < 5.0 && last.shift > 1.0, "{last:?}");
}

#[test]
fn noise_has_large_differences_row_after_row() {
    let value = |t: u32, x: f32| Reading::Value(x + 6.0 - 12.0 * (t & 1) as f32);
    let (_, last) = first_and_final(value);
    assert_eq!(last.kind, Kind::Noise);
    assert!(last.shift.abs() < 3.0, "{last:?}");
}

/// Broken by a run that counts from another row: the eleventh is the first final one.
#[test]
fn a_held_value_is_stuck() {
    let all = findings(|_, _| Reading::Value(0.5));
    assert_eq!((all[7].kind, all[7].run), (Kind::Relation, 8));
    assert_eq!((all[8].kind, all[8].run), (Kind::Stuck, 9));
    assert_eq!((all[10].kind, all[10].run), (Kind::Stuck, 11));
}

/// 1 - 0.9^n exceeds 0.3 from the fourth missing value on.
#[test]
fn a_gap_is_missing_although_the_other_variable_is_behind_the_alarm() {
    let all = findings(|_, _| Reading::Absent(Cause::Missing));
    assert_eq!(all[2].kind, Kind::Relation);
    assert_eq!(all[3].kind, Kind::Missing);
    assert!((all[3].gaps - 0.3439).abs() < 1e-4, "{:?}", all[3]);
}

#[test]
fn usual_values_that_do_not_fit_are_a_broken_relation() {
    let (first, last) = first_and_final(|_, x| Reading::Value(-x));
    assert_eq!((first, last.kind), (Kind::Relation, Kind::Relation));
    assert!(last.jump < 5.0 && last.shift.abs() < 1.0, "{last:?}");
}

/// A detector without scales has alarms without kinds.
#[test]
fn without_scales_there_is_no_finding() {
    let mut kinds = Kinds::<1>::new();
    let health = Health::<1>::new();
    kinds.take(&[Reading::Value(1.0)], Scales::NONE, &health, true);
    assert_eq!(kinds, Kinds::new());
    assert_eq!(kinds.finding(), None);
}

#[test]
fn a_variable_takes_as_many_bytes_as_documented() {
    assert_eq!(size_of::<Kinds<9>>() - size_of::<Kinds<7>>(), 2 * 10);
    type With = Lookout<8, 8>;
    type Without = Lookout<8>;
    assert_eq!(size_of::<With>() - size_of::<Without>(), 8 * 10);
    // The finding and a fact.
    assert_eq!(size_of::<Kinds<0>>(), 20);
}

#[test]
fn fixed_points_saturate_and_a_nan_is_zero() {
    assert_eq!(fixed(-1.5), -768);
    assert_eq!(
        (fixed(1e30), fixed(f32::NEG_INFINITY)),
        (i16::MAX, i16::MIN)
    );
    assert_eq!(fixed(f32::NAN), 0);
    let row = Row::of(f32::MAX, f32::MIN, 0.0, (1.0, 0.5), false);
    assert_eq!((row.z, row.jump, row.leap), (i16::MAX, 32_767, 32_767));
    let row = Row::of(-2.5, 0.5, 0.5, (2.0, 0.25), true);
    assert_eq!((row.z, row.jump, row.leap), (-3072, 3072, 384));
    for kind in Kind::ALL {
        let found = Found::of(kind, 0, false, &Track::NEW, 0, 0.0);
        assert_eq!(found.finding().map(|of| of.kind), Some(kind));
    }
    assert_eq!(Found::NONE.finding(), None);
}

const SHAPE: Shape = Shape::tiny(3);
type Guard = sentinel_of!(SHAPE);

fn rules() -> <Guard as Detector>::Rules<'static> {
    Settings::of_shape(SHAPE, 400)
        .try_into()
        .expect("valid settings")
}

/// Two variables that move together, one of its own; a step of the second from 600 on.
fn row(t: u64) -> [Reading; 3] {
    let wave = (t * 7 % 23) as f32;
    let fault = if t >= 600 { 100.0 } else { 0.0 };
    [wave, 50.0 - wave + fault, (t * 5 % 11) as f32].map(Reading::Value)
}

#[test]
fn a_sentinel_says_what_changed_and_where() {
    let (rules, mut guard) = (rules(), Guard::new());
    for t in 0..611 {
        let answer = guard.observe(&rules, Tick(t), &row(t));
        assert_eq!(answer.is_anomalous(), t >= 600, "row {t}");
        assert_eq!(guard.finding().is_some(), t >= 600, "row {t}");
    }
    let found = guard.finding().expect("an alarm");
    assert_eq!((found.kind, found.variable), (Kind::Step, 1));
    assert!(found.is_final && found.is_outside, "{found:?}");
    assert_eq!(guard.event().phase, Phase::Update);
    guard.reset();
    assert_eq!(guard, Guard::new());
}

#[test]
fn hostile_rows_leave_findings_whole() {
    let hostile = [
        f32::NAN,
        f32::INFINITY,
        f32::MAX,
        f32::MIN,
        -0.0,
        1e-40,
        1e38,
    ];
    let (rules, mut guard) = (rules(), Guard::new());
    for t in 0..2000_u64 {
        let pick = |k: u64| Reading::from(hostile[(t * 7 + k * k + t / 50) as usize % 7]);
        let mut frame = row(t % 600);
        if t % 450 > 380 {
            frame = [pick(0), pick(1), Reading::Absent(Cause::Sensor)];
        }
        guard.observe(&rules, Tick(t), &frame[..3 - (t % 4 == 3) as usize]);
        if let Some(of) = guard.finding() {
            assert!(of.jump >= 0.0 && of.jump <= 64.0 && of.shift.abs() <= 64.0);
            assert!((0.0..=1.0).contains(&of.gaps) && of.variable < 3, "{of:?}");
        }
    }
}

/// A quartet that is loaded has scales before any row, and no usual differences.
#[test]
fn an_unfitted_quartet_has_no_scales() {
    let quartet = <quartet_of!(SHAPE)>::new();
    assert_eq!(quartet.scales(), Scales::NONE);
}
