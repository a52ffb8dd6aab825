use super::*;
use bellwether::Cause;

const RULES: Rules = Rules {
    learn: 2000,
    dwell: 30,
    again_s: 3600,
};
const GONE: Reading = Reading::Absent(Cause::Missing);

/// A GPU whose load moves, and its temperature with it.
fn row(n: u32) -> [Reading; 3] {
    let load = ((n * 37) % 101) as f32;
    let temperature = 40.0 + 0.2 * ((n * 53) % 97) as f32;
    [load, temperature, 0.0].map(Reading::Value)
}

fn watchers() -> Watchers {
    Watchers::new(vec![Measure::Gauge, Measure::Gauge, Measure::Errors]).unwrap()
}

/// Seconds at which a channel's complaint of a kind is told and ends.
fn run(
    watchers: &mut Watchers,
    seconds: std::ops::Range<u32>,
    (channel, kind): (usize, usize),
    make: impl Fn(u32) -> [Reading; 3],
) -> Vec<(u32, bool)> {
    let mut changes = Vec::new();
    for n in seconds {
        let before = watchers.states[channel].is_told(kind);
        watchers.take((n, 1.0), &make(n), true, RULES, |_, _| false);
        let now = watchers.states[channel].is_told(kind);
        if before != now {
            changes.push((n, now));
        }
    }
    changes
}

/// Broken if losses of the size that operators reported pass: 18 to 82 % of the samples.
#[test]
fn a_fifth_of_the_samples_lost_is_told_within_minutes() {
    for lost in [18, 50, 82, 100] {
        let mut watchers = watchers();
        assert_eq!(run(&mut watchers, 0..3000, (1, MISSING), row), []);
        let make = |n: u32| {
            let mut row = row(n);
            if n * 61 % 100 < lost {
                row[1] = GONE;
            }
            row
        };
        let changes = run(&mut watchers, 3000..6000, (1, MISSING), make);
        let (at, told) = changes[0];
        assert!(
            told && at < 3400 && changes.len() == 1,
            "{lost}: {changes:?}"
        );
        let changes = run(&mut watchers, 6000..9000, (1, MISSING), row);
        assert!(matches!(changes[..], [(_, false)]), "{lost}: {changes:?}");
    }
}

/// Broken if a source that is always read every fifth second, or one without a value, is told.
#[test]
fn usual_losses_and_absent_sensors_are_silent() {
    let mut watchers = watchers();
    let make = |n: u32| {
        let mut row = row(n);
        row[0] = GONE;
        if !n.is_multiple_of(5) {
            row[1] = GONE;
        }
        row
    };
    assert_eq!(run(&mut watchers, 0..9000, (0, MISSING), make), []);
    let mut watchers = self::watchers();
    let changes = run(&mut watchers, 0..9000, (1, MISSING), make);
    assert_eq!(changes, []);
}

/// Broken if corrected errors are not told at once, or the same few again and again, or ten times as many not.
#[test]
fn growth_of_errors_is_told_at_once_and_again_when_worse() {
    let mut watchers = watchers();
    let errors = |at: u32, rate: f32| {
        move |n: u32| {
            let mut row = row(n);
            row[2] = Reading::Value(if (at..at + 60).contains(&n) {
                rate
            } else {
                0.0
            });
            row
        }
    };
    assert_eq!(run(&mut watchers, 0..100, (2, ERRORS), row), []);
    let first = run(&mut watchers, 100..1000, (2, ERRORS), errors(200, 1.0));
    assert!(matches!(first[..], [(200, true), (_, false)]), "{first:?}");
    let same = run(&mut watchers, 1000..2000, (2, ERRORS), errors(1200, 1.0));
    assert_eq!(same, []);
    let worse = run(
        &mut watchers,
        2000..3000,
        (2, ERRORS),
        errors(2200, 17_700.0),
    );
    assert!(matches!(worse[..], [(2200, true), (_, false)]), "{worse:?}");
}

/// Broken if a stuck sensor passes, or the constant one is taken for stuck.
#[test]
fn a_stuck_sensor_is_told_and_a_constant_one_is_not() {
    let make = |from: u32| {
        move |n: u32| {
            let mut row = row(n);
            if n >= from {
                row[1] = Reading::Value(47.1);
            }
            row
        }
    };
    let mut watchers = watchers();
    let changes = run(&mut watchers, 0..4000, (1, STUCK), make(3000));
    assert!(matches!(changes[..], [(3000..3060, true)]), "{changes:?}");
    let mut watchers = self::watchers();
    assert_eq!(run(&mut watchers, 0..90_000, (1, STUCK), make(0)), []);
}

/// Broken if a value beyond its range is told at its first sample, or every day anew.
#[test]
fn what_happens_daily_is_soon_told_rarely() {
    let mut watchers = watchers();
    let make = |n: u32| {
        let mut row = row(n);
        if n > 2000 && n % 8640 < 120 {
            row[1] = Reading::Value(99.0 + (n % 7) as f32);
        }
        row
    };
    let changes = run(&mut watchers, 0..86_400, (1, RANGE), make);
    let starts: Vec<u32> = changes
        .iter()
        .filter(|(_, on)| *on)
        .map(|(at, _)| *at)
        .collect();
    assert_eq!(starts[0], 8640 + 29);
    assert!(starts.len() <= 4, "{starts:?}");
}

/// Broken if a known case is told, or not counted.
#[test]
fn a_suppressed_case_is_counted_once() {
    let mut watchers = watchers();
    run(&mut watchers, 0..3000, (1, RANGE), row);
    for n in 3000..3300 {
        let mut row = row(n);
        row[1] = Reading::Value(99.0 + (n % 7) as f32);
        watchers.take((n, 1.0), &row, true, RULES, |channel, value| {
            channel == 1 && value > 90.0
        });
    }
    assert!(watchers.states[1].complains(RANGE) && !watchers.states[1].is_told(RANGE));
    assert_eq!(watchers.suppressed, 1);
}
