//! The laws of detectors.

use super::{Guard, row, rules};
use crate::detector::snapshot::Snapshot;
use crate::sample::Tick;
use crate::testing;
use std::vec::Vec;

#[test]
fn a_sentinel_with_kinds_obeys_the_laws() {
    let rules = rules();
    let inputs = || (0..640).map(|t| (Tick(t), row(t).to_vec()));
    let inputs: Vec<_> = inputs().collect();
    testing::deterministic(Guard::new, &rules, &inputs);
    testing::warms_up_as_declared(Guard::new(), &rules, &inputs);
    let mut buffer = std::vec![0; Guard::SNAPSHOT_MAX];
    for cut in [0, 300, 450, 601, 609, 610, 611, 630] {
        testing::survives_a_snapshot(Guard::new, &rules, &inputs, cut, &mut buffer, false);
    }
}
