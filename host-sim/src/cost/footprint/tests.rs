//! Figures before a build, against the types and against what was measured.

use super::*;
use crate::detect::REGISTRY;
use bellwether::mahalanobis::Mahalanobis;
use bellwether::quartet::Shape;
use bellwether::rola::Rola;
use bellwether::sigma::Sigma;
use bellwether::{Snapshot, sentinel_of};

fn found(detector: &str, variables: usize, preset: &str, board: &Board) -> Footprint {
    let preset = (!preset.is_empty()).then_some(preset);
    let entry = Entry::named(detector).unwrap();
    of(entry, variables, preset, board, None).unwrap()
}

fn value(of: &Footprint, name: &str) -> u64 {
    let figure = of.figures.iter().find(|figure| figure.name == name);
    figure
        .unwrap_or_else(|| panic!("{}: no {name}", of.detector))
        .value
}

/// Broken by a size of the PC that a board's program does not have: of every measured detector, on every board.
#[test]
fn states_are_those_that_boards_have() {
    let costs = Figures::parse(COSTS).unwrap();
    let mut compared = 0;
    for board in &BOARDS {
        for (name, key, variables, preset) in [
            ("sentinel", "sentinel-default", 8, "default"),
            ("sentinel", "sentinel-small", 8, "small"),
            ("sentinel", "sentinel-tiny", 8, "tiny"),
            ("sigma", "sigma", 9, "small"),
            ("mahalanobis", "mahalanobis", 9, "small"),
            ("limits", "limits", 9, ""),
            ("cusum", "cusum", 9, ""),
            ("page-hinkley", "page_hinkley", 9, ""),
            ("gaussian", "gaussian", 9, ""),
            ("profile", "profile", 9, "small"),
            ("window", "window", 9, "small"),
        ] {
            let key = format!("{}.fast.detector.{key}.state", board.name);
            let Some(measured) = costs.numbers.get(&key) else {
                continue;
            };
            let state = value(&found(name, variables, preset, board), "state");
            assert_eq!(state, *measured, "{key}");
            compared += 1;
        }
        let key = format!("{}.fast.state", board.name);
        let (ours, theirs) = (
            value(&found("rola", 9, "", board), "state"),
            costs.get(&key),
        );
        assert!(
            ours >= theirs && ours - theirs <= theirs / 50,
            "{key}: {ours}"
        );
    }
    assert!(compared > 16, "{compared}");
}

/// Broken by a part of a snapshot that is left out.
#[test]
fn snapshots_are_those_of_the_types() {
    const SMALL: Shape = Shape::small(5);
    const DEFAULT: Shape = Shape::new(8);
    const MANY: Shape = Shape::tiny(38);
    let [m4, ..] = BOARDS;
    for (detector, variables, preset, wanted) in [
        ("sentinel", 5, "small", <sentinel_of!(SMALL)>::SNAPSHOT_MAX),
        (
            "sentinel",
            8,
            "default",
            <sentinel_of!(DEFAULT)>::SNAPSHOT_MAX,
        ),
        ("sentinel", 38, "tiny", <sentinel_of!(MANY)>::SNAPSHOT_MAX),
        ("sigma", 3, "tiny", Sigma::<3>::SNAPSHOT_MAX),
        ("mahalanobis", 4, "tiny", Mahalanobis::<4>::SNAPSHOT_MAX),
        ("rola", 9, "tiny", Rola::<9, 1440, 1440>::SNAPSHOT_MAX),
    ] {
        let found = found(detector, variables, preset, &m4);
        assert_eq!(
            value(&found, "snapshot"),
            wanted as u64,
            "{detector} {variables}"
        );
    }
}

/// Broken by a detector without a figure, by one whose figure falls with the number of variables, and by a bound that
/// passes for a measurement.
#[test]
fn every_detector_has_a_state_and_figures_grow_with_the_variables() {
    for board in &BOARDS {
        for entry in REGISTRY.iter().filter(|entry| !entry.needs_model) {
            let all = [3, 9, 20].map(|variables| found(entry.name, variables, "", board));
            let [few, _, many] = &all;
            for figure in &few.figures {
                let more = value(many, figure.name);
                assert!(
                    figure.value <= more && figure.value > 0,
                    "{}: {figure:?}",
                    entry.name
                );
                assert!(figure.unit != "instructions" || figure.basis == Basis::Bound);
            }
        }
    }
    let nine = found("sigma", 9, "small", &BOARDS[0]);
    let mut counted = nine.figures.iter().filter(|of| of.unit == "instructions");
    assert!(counted.all(|of| of.basis == Basis::Measured));
    // By hand, from the committed figures: 1,090 x 18 / 9.
    let costs = Figures::parse(COSTS).unwrap();
    let one = costs.get("qemu-mps2-an386.fast.detector.sigma.assessed");
    assert_eq!(
        value(&found("sigma", 18, "small", &BOARDS[0]), "frame, largest"),
        2 * one
    );
}

#[test]
fn targets_are_processors_and_others_list_them() {
    assert_eq!(target("cortex-m4f").unwrap().name, BOARDS[0].name);
    let error = target("cortex-a53").unwrap_err();
    assert!(
        error.ends_with("cortex-m4f, cortex-m3, cortex-m0"),
        "{error}"
    );
}
