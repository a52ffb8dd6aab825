//! The bound on the number of alarms.

use super::*;
use proptest::prelude::*;

/// Heights of alarms that the bound does not count: exp(1.9) = 6.686.
const UNBOUNDED: f32 = 6.68;

fn bound(promise: f32, rows: usize) -> f64 {
    30.0 + (3.0 * f64::from(promise) + 1.0) * rows as f64 / 10_000.0
}

/// The score that gives a row this severity.
fn score_of<const BUCKETS: usize>(alarm: &Alarm<BUCKETS>, severity: f32) -> f32 {
    let evidence = alarm.moments.mean + severity * alarm.moments.deviation(FLOOR);
    let (of_row, of_last) = (PRESENT + 0.75 * SMOOTHING, 0.75 * (1.0 - SMOOTHING));
    (evidence - of_last * alarm.smoothed) / of_row
}

/// An adversary that knows the state starts an alarm whenever it is bounded, by a hair. Broken by a
/// guard that rises less or falls faster; without one there are ten times as many.
#[test]
fn an_adversary_stays_within_the_bound_and_reaches_it() {
    for promise in [0.5, 1.0, 3.0, 20.0] {
        let rules = rules::<0>(promise, None);
        let mut alarm = Alarm::after_fit(2000);
        let (mut alarms, mut tokens) = (0, 10.0_f64);
        let rows = 200_000;
        for row in 1..=rows {
            let threshold = alarm.threshold(&rules);
            let possible = alarm.episode(&rules).is_none();
            // An alarm without a whole token loses what there is of it; with a margin for rounding.
            tokens = (tokens + 3.0 * f64::from(promise) / 10_000.0).min(10.0);
            let cheap = !(0.05..1.01).contains(&tokens);
            let fires = possible && cheap && threshold < UNBOUNDED * rules.warning();
            tokens = if fires {
                (tokens - 1.0).max(0.0)
            } else {
                tokens
            };
            let severity = if fires { 1.0001 * threshold } else { 0.0 };
            let event = alarm.observe(&rules, Some(score_of(&alarm, severity)));
            assert_eq!(event.phase == Phase::Start, fires, "row {row}");
            alarms += u32::from(fires);
            assert!(
                f64::from(alarms) <= bound(promise, row),
                "{alarms} in {row} rows"
            );
        }
        assert!(f64::from(alarms) > 0.9 * bound(promise, rows), "{alarms}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Bursts of any height and distance, also far beyond what is bounded.
    #[test]
    fn no_stream_exceeds_the_bound(
        promise in 0.001f32..30.0,
        bursts in prop::collection::vec((1usize..60, 0f32..40.0), 1..1500),
    ) {
        let rules = rules::<0>(promise, None);
        let mut alarm = Alarm::after_fit(300);
        let (mut rows, mut alarms) = (0, 0);
        for (quiet, height) in bursts {
            for score in core::iter::once(height).chain(core::iter::repeat_n(0.0, quiet)) {
                let event = alarm.observe(&rules, Some(score));
                rows += 1;
                let counted = event.severity < Some(UNBOUNDED * rules.warning());
                alarms += usize::from(event.phase == Phase::Start && counted);
                prop_assert!(alarms as f64 <= bound(promise, rows), "{} in {}", alarms, rows);
            }
        }
    }
}

/// Ten alarms are believed; the eleventh raises the threshold by a tenth, for 10,000 rows, and no
/// storm raises it above exp(2).
#[test]
fn the_eleventh_alarm_in_a_row_raises_the_threshold() {
    let (mut guard, refill) = (Guard::new(), Guard::refill(Promise::DEFAULT));
    (0..10).for_each(|_| guard.spend());
    assert_eq!(guard.factor(), 1.0);
    guard.spend();
    assert!((guard.factor() - 1.105_171).abs() < 1e-6);
    guard.pass(refill, 9999);
    assert!(guard.factor() > 1.0);
    guard.pass(refill, 1);
    assert_eq!(guard.factor(), 1.0);
    // 10,000 rows have brought three tokens back.
    (0..2).for_each(|_| guard.spend());
    assert_eq!(guard.factor(), 1.0);
    (0..100).for_each(|_| guard.spend());
    assert!((guard.factor() - 7.389_056).abs() < 1e-5);
}
