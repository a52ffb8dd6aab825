//! The laws of detectors, causality, and snapshots at every row.

use super::series::{FITTED, THREE, Three, frozen, readings, series};
use crate::quartet::Settings;
use crate::{Assessment, Blindness, Detector, Reading, Snapshot, Tick, testing};
use std::vec::Vec;

/// Candidates often enough that memories change.
fn lively(distances_per_row: Option<u16>) -> Settings {
    let mut settings = Settings::new(THREE);
    (settings.shape.vectors, settings.shape.candidates) = (32, 3);
    Settings {
        every: 10,
        distances_per_row,
        ..settings
    }
}

fn inputs() -> Vec<(Tick, Vec<Reading>)> {
    let rows = series().into_iter().enumerate().skip(FITTED);
    rows.map(|(t, row)| (Tick(2 * t as u64 + 1), readings(&row)))
        .collect()
}

#[test]
fn the_quartet_obeys_the_laws() {
    for settings in [Settings::new(THREE), lively(None), lively(Some(9))] {
        let rules = settings.try_into().expect("room");
        let fresh = || frozen(settings);
        let inputs = inputs();
        testing::warms_up_as_declared(fresh(), &rules, &inputs);
        // All rows count, those without a value too: only one that comes too late is unusable.
        testing::unusable_inputs_change_nothing(fresh, &rules, &inputs, |k| {
            let late = Tick(2 * (FITTED + k) as u64 - 1);
            (k % 5 == 1).then_some((late, Vec::new()))
        });
        testing::deterministic(Three::new, &rules, &inputs[..9]);
    }
}

/// At every row, so that some are taken while a memory learns.
#[test]
fn a_snapshot_at_any_row_goes_on_with_the_same_bits() {
    let mut buffer = [0; Three::SNAPSHOT_MAX];
    for settings in [lively(None), lively(Some(9))] {
        let rules = settings.try_into().expect("room");
        let inputs = &inputs()[..160];
        for cut in 0..inputs.len() {
            let fresh = || frozen(settings);
            testing::survives_a_snapshot(fresh, &rules, inputs, cut, &mut buffer, false);
        }
    }
    let settings = lively(Some(2));
    let rules = settings.try_into().expect("room");
    let fresh = || frozen(settings);
    let inputs = &inputs()[..60];
    let mut whole = fresh();
    for (tick, row) in inputs {
        whole.observe(&rules, *tick, row);
    }
    let used = whole.save(&rules, &mut buffer).expect("room");
    for at in (0..used).step_by(7) {
        buffer[at] ^= 0x10;
        let refused = Three::new().restore(&rules, &buffer[..used]);
        assert!(refused.is_err(), "byte {at}");
        buffer[at] ^= 0x10;
    }
    for length in (0..used).step_by(11) {
        assert!(Three::new().restore(&rules, &buffer[..length]).is_err());
    }
}

/// Broken by anything that looks ahead.
#[test]
fn rows_to_come_change_nothing() {
    let rules = lively(None).try_into().expect("room");
    let inputs = inputs();
    for until in [0, 1, 9, 10, 11, 39, 40, 41, 200, 480, 481] {
        let (mut a, mut b) = (frozen(lively(None)), frozen(lively(None)));
        for (k, (tick, row)) in inputs.iter().enumerate() {
            let other = readings(&[1e3, -1e3, f32::NAN]);
            let changed = if k < until { row } else { &other };
            let same = a.observe(&rules, *tick, row) == b.observe(&rules, *tick, changed);
            assert!(same || k >= until, "row {k} of {until}");
        }
    }
}

#[test]
fn a_late_row_is_blind_and_a_row_without_values_is_a_repetition() {
    let settings = Settings::new(THREE);
    let rules = settings.try_into().expect("room");
    let (mut a, mut b) = (frozen(settings), frozen(settings));
    let row = readings(&[12.5, 13.0, 6.0]);
    for three in [&mut a, &mut b] {
        three.observe(&rules, Tick(5), &row);
    }
    let late = a.observe(&rules, Tick(5), &row);
    assert_eq!(late, Assessment::blind(Blindness::OutOfOrder));
    let empty = a.observe(&rules, Tick(6), &[]);
    assert_eq!(empty, b.observe(&rules, Tick(6), &row));
    assert!(a == b);
}
