//! Counts against answers that are counted by hand.

use super::*;
use crate::alarm::{Alarm, Rules, Settings};
use crate::report::assessment_records;
use crate::sample::Tick;

const CAUSES: [Blindness; 7] = [
    Blindness::Input(Cause::Missing),
    Blindness::Input(Cause::NotFinite),
    Blindness::Input(Cause::Sensor),
    Blindness::Input(Cause::Stuck),
    Blindness::OutOfOrder,
    Blindness::Training,
    Blindness::ThresholdInflated,
];

/// Broken by an answer that is counted elsewhere, twice, or not at all.
#[test]
fn every_answer_is_counted_where_it_belongs() {
    let mut summary = Summary::new();
    let judged = |score| Assessment::judged(State::Normal, score, 2.0);
    // The ratios 0, 1/16, just above it, 1, 1.5, 2, 4 and 5.
    for score in [0.0, 0.125, 0.1251, 2.0, 3.0, 4.0, 8.0, 10.0] {
        summary.observe(&judged(score));
    }
    summary.observe(&Assessment::judged(State::Anomalous, f32::INFINITY, 2.0).after_training());
    summary.observe(&judged(1.0).supported(Alert::Correlated));
    for (k, cause) in CAUSES.into_iter().enumerate() {
        (0..=k).for_each(|_| summary.observe(&Assessment::blind(cause)));
    }
    assert_eq!(summary.frames.get(), 10 + 28);
    assert_eq!(summary.scores.map(Count::get), [2, 1, 0, 1, 1, 2, 1, 2]);
    assert_eq!(summary.blind.map(Count::get), [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(summary.alerts.map(Count::get), [1, 1]);
    assert_eq!(summary.trainings.get(), 1);
    assert_eq!(
        (summary.lost, summary.alarms),
        (Count::new(0), Count::new(0))
    );
}

/// Broken by a count that begins anew at its largest value, or by a summary that keeps what was sent.
#[test]
fn counts_stay_at_their_largest_and_begin_anew_once_taken() {
    let mut summary = Summary::new();
    summary.lose(u32::MAX);
    summary.lose(7);
    (0..20_000).for_each(|_| summary.observe(&Assessment::bare(State::Warming { left: 5 })));
    assert_eq!(
        (summary.lost.get(), summary.frames.get()),
        (Count::MOST, Count::MOST)
    );
    summary.took(7);
    summary.took(3);
    let taken = summary;
    assert_eq!(summary.take(), Record::Summary(taken));
    assert_eq!((taken.worst, taken.warm_up), (7, 5));
    assert_eq!(
        summary,
        Summary {
            warm_up: 5,
            ..Summary::new()
        }
    );
    summary.observe(&Assessment::blind(Cause::Missing));
    assert_eq!(summary.warm_up, 5);
    summary.observe(&Assessment::bare(State::Normal));
    assert_eq!(summary.warm_up, 0);
}

/// A threshold that is not positive has no ratios: above it is above.
#[test]
fn a_negative_threshold_divides_scores_in_two() {
    let mut summary = Summary::new();
    for score in [-9.0, -2.0, -1.9, 5.0, f32::NAN] {
        summary.observe(&Assessment::judged(State::Normal, score, -2.0));
    }
    assert_eq!(summary.scores.map(Count::get), [0, 0, 0, 0, 3, 2, 0, 0]);
}

#[test]
fn the_start_of_an_alarm_is_counted_once() {
    let rules = Rules::<0>::new(Settings::DEFAULT).unwrap();
    let (mut alarm, mut summary) = (Alarm::new(), Summary::new());
    for row in 0..40 {
        let score = if row >= 20 { 1000.0 } else { 0.1 };
        summary.alarm(&alarm.observe(&rules, Some(score)));
    }
    assert_eq!(summary.alarms.get(), 1);
}

/// Broken by a cause whose place is not its code in records.
#[test]
fn causes_are_in_the_order_of_their_codes() {
    for (k, cause) in CAUSES.into_iter().enumerate() {
        let answer = Assessment::blind(cause);
        let mut records =
            assessment_records(Tick(1), &answer, 0, [], crate::report::Detail::Everything);
        let mut bytes = [0; 64];
        let body = postcard::to_slice(&records.next().unwrap(), &mut bytes).unwrap();
        // The record, its tick, the state Blind, and the cause.
        assert_eq!(body[..4], [4, 1, 5, k as u8]);
        assert_eq!(place(cause), k);
    }
}

#[test]
fn a_summary_takes_few_bytes() {
    assert!(size_of::<Summary>() == 52, "{}", size_of::<Summary>());
}
