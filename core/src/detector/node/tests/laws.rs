//! The laws of detectors, causality, and snapshots at every row.

use super::series::{Twelve, fitted, inputs, rules};
use crate::{Assessment, Cause, Detector, Reading, Snapshot, Tick, testing};
use std::vec::Vec;

/// The laws, of a detector that is fitted and of one that is not.
pub fn obeyed<D: Detector>(fitted: fn() -> D, new: fn() -> D, rules: &D::Rules<'_>) {
    let inputs = inputs(150);
    testing::warms_up_as_declared(fitted(), rules, &inputs);
    testing::deterministic(new, rules, &inputs[..9]);
    testing::unusable_inputs_change_nothing(fitted, rules, &inputs, |k| {
        let tick = Tick(inputs[k].0.0 - 1);
        let mut frame = inputs[k].1.clone();
        frame[5..].fill(Reading::Value(f32::NAN));
        (k % 5 == 1).then_some((tick, frame))
    });
}

#[test]
fn the_node_obeys_the_laws() {
    obeyed(fitted, Twelve::new, &rules());
}

#[test]
fn a_snapshot_at_any_row_goes_on_with_the_same_bits() {
    let (inputs, rules) = (inputs(60), rules());
    let mut buffer = std::vec![0; Twelve::SNAPSHOT_MAX];
    let whole = fitted();
    for cut in 0..inputs.len() {
        let fresh = || whole.clone();
        testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, false);
    }
    // Into one that has no fit.
    let used = whole.save(&rules, &mut buffer).expect("room");
    let mut restored = Twelve::new();
    restored
        .restore(&rules, &buffer[..used])
        .expect("own snapshot");
    let mut whole = whole;
    for (tick, row) in &inputs {
        assert_eq!(
            restored.decide(&rules, *tick, row),
            whole.decide(&rules, *tick, row)
        );
    }
}

/// Broken by anything that looks ahead.
#[test]
fn rows_to_come_change_nothing() {
    let (inputs, rules) = (inputs(80), rules());
    for until in [0, 1, 9, 40, 79] {
        let (mut a, mut b) = (fitted(), fitted());
        for (k, (tick, row)) in inputs.iter().enumerate() {
            let other: Vec<Reading> = row.iter().map(|_| Reading::Value(1e3)).collect();
            let changed = if k < until { row } else { &other };
            let same = a.observe(&rules, *tick, row) == b.observe(&rules, *tick, changed);
            assert!(same || k >= until, "row {k} of {until}");
        }
    }
}

#[test]
fn a_row_of_gaps_is_blind_and_one_with_some_holds_the_last_values() {
    let (rules, inputs) = (rules(), inputs(3));
    let (mut gappy, mut whole) = (fitted(), fitted());
    let (tick, first) = &inputs[0];
    gappy.observe(&rules, *tick, first);
    whole.observe(&rules, *tick, first);
    let blind = gappy.observe(&rules, Tick(tick.0 + 1), &first[..5]);
    assert_eq!(blind, Assessment::blind(Cause::Missing));
    let mut row = inputs[1].1.clone();
    let short = row[..7].to_vec();
    row[7..].copy_from_slice(&first[7..]);
    let next = Tick(tick.0 + 2);
    assert_eq!(
        gappy.observe(&rules, next, &short),
        whole.observe(&rules, next, &row)
    );
}
