//! Settings and fits that cannot be.

use crate::quartet::{Calibration, Fit, Settings, Shape};
use crate::{Detector, Reading, SettingsError, State, Tick, quartet_of};
use std::string::{String, ToString};

const SHAPE: Shape = Shape::new(2);
type Two = quartet_of!(SHAPE);

fn rules() -> <Two as Detector>::Rules<'static> {
    Settings::new(SHAPE).try_into().expect("room")
}

fn said<T>(result: Result<T, SettingsError>) -> String {
    result.err().expect("refused").to_string()
}

fn fit() -> Fit<'static> {
    Fit {
        rows: 80,
        mean: &[1.0, 2.0],
        inv_deviation: &[1.0, 0.0],
        inv_difference: &[1.0, 0.0],
        center: &[0.0; 2],
        outside: &[1.0, 0.0, 1.0],
        calibration: Calibration {
            usual: [0.1; 4],
            inv_scale: [10.0; 4],
        },
        short: &[0, 0, 3, 0],
        long: &[0; 32],
        recent: &[1.0, 2.0],
    }
}

#[test]
fn settings_out_of_range_are_named() {
    type Edit = fn(&mut Settings);
    let cases: [(Edit, &str); 5] = [
        (|s| s.every = 0, "every must be at least 1, found 0"),
        (
            |s| s.distances_per_row = Some(0),
            "distances_per_row must be at least 1, found 0",
        ),
        (
            |s| s.threshold = 0.0,
            "threshold must be finite and above 0, found 0",
        ),
        (
            |s| s.threshold = f32::INFINITY,
            "threshold must be finite and above 0, found inf",
        ),
        (
            |s| s.shape.candidates = 255,
            "candidates must be 0 to 12, found 255",
        ),
    ];
    for (edit, wanted) in cases {
        let mut settings = Settings::new(SHAPE);
        edit(&mut settings);
        assert_eq!(said(<Two as Detector>::Rules::try_from(settings)), wanted);
    }
}

/// Broken by a length or a value that is taken over unseen.
#[test]
fn a_fit_that_cannot_be_is_refused_by_field_and_changes_nothing() {
    type Edit = fn(&mut Fit<'static>);
    let cases: [(Edit, &str); 15] = [
        (|f| f.rows = 0, "rows must be at least 1, found 0"),
        (|f| f.mean = &[1.0], "mean must be 2, found 1"),
        (|f| f.mean = &[1.0, f32::NAN], "mean of variable 1 must be "),
        (
            |f| f.inv_deviation = &[-1.0, 1.0],
            "inv_deviation of variable 0",
        ),
        (|f| f.inv_difference = &[1.0; 3], "inv_difference must be 2"),
        (
            |f| f.center = &[51.0, 0.0],
            "center of variable 0 must be -50",
        ),
        (|f| f.outside = &[1.0; 4], "outside must be 3, found 4"),
        (|f| f.outside = &[1.0, 2.0, 1.0], "outside of variable 1"),
        (|f| f.short = &[], "short must be 1 to 128, found 0"),
        (|f| f.short = &[0; 3], "short must be 2, found 3"),
        (
            |f| f.long = &[0; 129 * 32],
            "long must be 1 to 128, found 129",
        ),
        (|f| f.recent = &[1.0], "recent must be at least 2, found 1"),
        (|f| f.recent = &[1.0, f32::INFINITY], "recent of variable 1"),
        (|f| f.calibration.usual[2] = -1.0, "usual of variable 2"),
        (
            |f| f.calibration.inv_scale[3] = 0.0,
            "inv_scale of variable 3",
        ),
    ];
    let mut two = Two::new();
    for (edit, wanted) in cases {
        let mut fit = fit();
        edit(&mut fit);
        let found = said(two.load(&rules(), &fit));
        assert!(found.starts_with(wanted), "{found}");
        assert!(two == Two::new());
    }
    two.load(&rules(), &fit()).expect("a fit");
    assert!(two.is_fitted(&rules()));
}

#[test]
fn without_a_fit_for_these_rules_nothing_is_judged() {
    let row = [Reading::Value(1.0), Reading::Value(2.0)];
    let warming = State::Warming { left: u32::MAX };
    let mut two = Two::new();
    assert_eq!(two.observe(&rules(), Tick(0), &row).state, warming);
    two.load(&rules(), &fit()).expect("a fit");
    assert_eq!(two.observe(&rules(), Tick(1), &row).state, State::Normal);
    let others = Settings::new(Shape::small(2));
    let others = others.try_into().expect("room");
    assert_eq!(two.observe(&others, Tick(2), &row).state, warming);
    two.reset();
    assert!(two == Two::new());
}

/// Broken by a mean or a scale of a variable that never was: its first value would be an anomaly.
#[test]
fn a_variable_that_was_empty_is_ignored_and_said() {
    let mut two = Two::new();
    two.load(&rules(), &fit()).expect("a fit");
    assert_eq!(two.ignored().collect::<std::vec::Vec<_>>(), [1]);
    let mut same = two.clone();
    for (tick, x) in [1e9, f32::NAN, -3.0, f32::MAX].into_iter().enumerate() {
        let tick = Tick(tick as u64);
        let with = [Reading::Value(1.0), Reading::Value(x)];
        let without = [Reading::Value(1.0)];
        let answer = two.observe(&rules(), tick, &with);
        assert_eq!(answer, same.observe(&rules(), tick, &without));
    }
}
