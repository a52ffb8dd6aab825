//! The time of day.

use super::*;

/// Alarms per day of a job at the same time, with this score.
fn alarms_of_a_job(score: f32, days: usize, rules: &Rules<96>) -> Vec<usize> {
    let mut alarm = Alarm::after_fit(1000);
    let day = |_| {
        let scores = (0..288).map(|row| match row {
            100..106 => score,
            row => 0.1 * (row % 3) as f32,
        });
        let events = fed(&mut alarm, rules, scores);
        events
            .iter()
            .filter(|event| event.phase == Phase::Start)
            .count()
    };
    (0..days).map(day).collect()
}

#[test]
fn a_daily_job_is_silent_from_the_fourth_day() {
    let known = alarms_of_a_job(1.5, 30, &rules(1.0, Some(288)));
    assert!(
        known[0] > 0 && known[3..].iter().all(|alarms| *alarms == 0),
        "{known:?}"
    );
    let unknown = alarms_of_a_job(1.5, 30, &rules(1.0, None));
    assert!(
        unknown.iter().skip(3).any(|alarms| *alarms > 0),
        "{unknown:?}"
    );
}

/// Buckets end at 25.5: 1.3 times that is 33.15.
#[test]
fn what_is_larger_than_the_days_before_is_an_alarm() {
    let rules = rules::<96>(1.0, Some(288));
    let mut alarm = Alarm::after_fit(1000);
    (0..10 * 288).for_each(|row| {
        let job = if row % 288 == 100 { 1.8 } else { 0.0 };
        alarm.observe(&rules, Some(job));
    });
    (0..100).for_each(|_| {
        alarm.observe(&rules, Some(0.0));
    });
    let learned = alarm.threshold(&rules);
    assert!(learned > rules.warning(), "{learned}");
    let mut larger = alarm.clone();
    assert_eq!(alarm.observe(&rules, Some(1.8)).phase, Phase::Quiet);
    assert_eq!(larger.observe(&rules, Some(2.6)).phase, Phase::Start);
    let mut season = Season::<96>::new();
    for _ in 0..20 {
        season.see(1000.0);
        season.close(7, true);
    }
    let around: Vec<_> = (5..10).map(|bucket| season.least(bucket)).collect();
    assert_eq!(around[0], 0.0);
    assert!(
        around[1..4]
            .iter()
            .all(|least| (least - 33.15).abs() < 1e-4),
        "{around:?}"
    );
    assert_eq!(around[4], 0.0);
}

/// By hand, in tenths: 8.0 is learned as 4.0, 6.0, 7.0; a day without it halves that.
#[test]
fn half_of_a_day_is_learned() {
    let mut season = Season::<4>::new();
    for expected in [4.0, 6.0, 7.0] {
        season.see(8.0);
        season.close(3, true);
        assert!((season.least(3) - 1.3 * expected).abs() < 1e-5);
        assert!(
            (season.least(0) - 1.3 * expected).abs() < 1e-5,
            "the day is a ring"
        );
        assert_eq!(season.least(1), 0.0);
    }
    let mut first = Season::<4>::new();
    first.see(8.0);
    first.close(0, true);
    let around = [0, 1, 2, 3].map(|bucket| first.least(bucket) > 0.0);
    assert_eq!(around, [true, true, false, true], "in both directions");
    season.close(3, false);
    assert!(
        (season.least(3) - 1.3 * 7.0).abs() < 1e-5,
        "nothing was seen"
    );
    season.see(-5.0);
    season.close(3, true);
    assert!((season.least(3) - 1.3 * 3.5).abs() < 1e-5);
}

#[test]
fn buckets_divide_the_day() {
    let of = |row| Season::<96>::bucket(row, 288);
    assert_eq!([0, 2, 3, 5, 285, 287].map(of), [0, 0, 1, 1, 95, 95]);
    assert_eq!(Season::<96>::bucket(65_534, 65_535), 95);
    assert_eq!(Season::<96>::bucket(23, 24), 92);
}

/// Rows that never came are rows without a score. Broken by a day that stands still.
#[test]
fn skipped_rows_are_rows_without_a_score() {
    let rules = rules::<96>(3.0, Some(50));
    for skipped in [0, 1, 7, 49, 50, 51, 1000, 70_000] {
        let mut alarm = Alarm::after_fit(100);
        alarm.silence(60);
        for row in 0..173 {
            alarm.observe(&rules, Some(if row % 60 > 50 { 2.0 } else { 0.2 }));
        }
        let mut skipping = alarm.clone();
        skipping.skip(&rules, skipped);
        (0..skipped).for_each(|_| {
            alarm.observe(&rules, None);
        });
        assert_eq!(skipping, alarm, "{skipped}");
    }
}
