//! Settings and fits that are refused by name.

use super::series::{FITTED, Twelve, V, fitted, rules, series};
use crate::node::fit::Work;
use crate::node::{Rules, Settings, wide};
use crate::quartet::{self, Shape};
use crate::{Detector, Reading, State, Tick, node_of};
use std::string::ToString as _;

type Wide = Rules<wide::Rules<V>, V>;

#[test]
fn settings_out_of_range_are_named() {
    let refused = |variables, threshold| {
        let lanes = wide::Settings { variables };
        let settings = Settings {
            threshold,
            ..Settings::new(lanes)
        };
        Wide::try_from(settings).unwrap_err().field
    };
    assert_eq!(refused(0, None), "variables");
    assert_eq!(refused(13, None), "variables");
    for threshold in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert_eq!(refused(12, Some(threshold)), "threshold");
    }
}

#[test]
fn too_few_rows_are_refused_and_the_fit_is_lost() {
    let mut node = fitted();
    let rows = series(19);
    let refused = node.fit(&rules(), &mut rows.as_slice(), &mut Work::new());
    assert_eq!(refused.unwrap_err().field, "rows");
    let answer = node.observe(&rules(), Tick(0), &[Reading::Value(1.0); V]);
    assert_eq!(answer.state, State::Warming { left: u32::MAX });
}

/// The lanes of a quartet are fitted before, to the first four fifths.
#[test]
fn a_quartet_without_its_fit_is_refused() {
    let settings = Settings::new(quartet::Settings::new(Shape::tiny(12)));
    let rules = settings.try_into().expect("room");
    let mut node = <node_of!(Shape::tiny(12))>::new();
    let refused = node.fit(&rules, &mut series(FITTED).as_slice(), &mut Work::new());
    assert_eq!(
        refused.unwrap_err().to_string(),
        "rows must be 320, found 0"
    );
}

/// 300 rows behind the fit tell a quantile, 299 do not.
#[test]
fn few_rows_have_a_fixed_threshold() {
    let threshold = |rows: usize| {
        let mut node = Twelve::new();
        let rows = series(rows);
        node.fit(&rules(), &mut rows.as_slice(), &mut Work::new())
            .expect("enough");
        (node.held_out(), node.threshold(&rules()))
    };
    assert_eq!(threshold(1_495), (299, 2.0));
    let (held_out, told) = threshold(1_496);
    assert_eq!(held_out, 300);
    assert!(told >= 1.5 && told != 2.0, "{told}");
    let rules: Wide = Settings {
        threshold: Some(0.75),
        ..Settings::new(wide::Settings { variables: 12 })
    }
    .try_into()
    .expect("a threshold");
    assert_eq!(fitted().threshold(&rules), 0.75);
}
