//! The laws that every detector obeys.

use super::*;
use crate::detector::snapshot::Snapshot;
use crate::sample::Cause;
use crate::testing;

fn inputs() -> Vec<(Tick, [Reading; 2])> {
    let rows = (0..150).map(|t| {
        let mut row = row(t);
        row[0] += if t % 29 == 28 { 40.0 } else { 0.0 };
        (Tick(t), row.map(Reading::from))
    });
    rows.collect()
}

#[test]
fn the_cascade_obeys_the_laws() {
    let wake = Wake {
        hold: 3,
        check: Some(17),
        ..Wake::DEFAULT
    };
    let (rules, inputs) = (rules(wake), inputs());
    testing::deterministic(fresh, &rules, &inputs);
    testing::warms_up_as_declared(fresh(), &rules, &inputs);
    let spaced: Vec<_> = inputs
        .iter()
        .map(|(t, row)| (Tick(2 * t.0 + 1), *row))
        .collect();
    testing::unusable_inputs_change_nothing(fresh, &rules, &spaced, |k| {
        let gone = [Reading::Absent(Cause::Missing); 2];
        (k % 3 == 1).then_some((Tick(2 * k as u64), gone))
    });
    let mut buffer = [0; Both::SNAPSHOT_MAX];
    for cut in 0..inputs.len() {
        testing::survives_a_snapshot(fresh, &rules, &inputs, cut, &mut buffer, cut == 61);
    }
}
