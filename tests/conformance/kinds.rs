//! Kinds against their equations in whole numbers (tests/golden/kinds/kinds.py).

use bellwether::alarm::{Rules, Settings};
use bellwether::kind::{Finding, Scales};
use bellwether::sentinel::{Lookout, Scored};
use bellwether::{Assessment, Cause, Reading, State};
use std::fs;

const LEARN: u32 = 300;
const START: u32 = 500;

const SCALES: Scales<'static> = Scales {
    mean: &[16.0; 3],
    inv_deviation: &[0.5; 3],
    inv_difference: &[0.25; 3],
};

/// As `usual` of kinds.py: exact in f32.
fn usual(t: u32, j: u32) -> f32 {
    let x = (t * 3 + j).wrapping_mul(2_654_435_769);
    let x = (x ^ (x >> 15)).wrapping_mul(2_246_822_519);
    let drawn = 2 * ((x >> 20) % 64) + t % 2;
    14.0 + drawn as f32 * 2.0 / 64.0
}

/// As `changed` of kinds.py; `None` for a gap.
fn changed(change: &str, t: u32) -> Option<f32> {
    let (x, is_odd) = (usual(START + t, 1), t % 2 == 1);
    Some(match change {
        "spike" if t == 0 => x + 40.0,
        "burst" if t < 3 => x + if is_odd { -40.0 } else { 40.0 },
        "step" => x + 30.0,
        "down" => x - 30.0,
        "drift" => x + t as f32 / 2.0,
        "ramp" => x + 2.0 * t as f32,
        "noise" => x + if is_odd { 12.0 } else { -12.0 },
        "stuck" => 15.5,
        "gaps" => return None,
        "holes" if is_odd => return None,
        "mirror" => 32.0 - x,
        "far" => x + (1 << 20) as f32,
        _ => x,
    })
}

/// The finding in every row of the alarm.
fn findings(change: &str) -> Vec<Finding> {
    let rules = Rules::new(Settings::DEFAULT).expect("defaults");
    let mut lookout = Lookout::<3, 3>::new();
    let mut all = Vec::new();
    for t in 0..START + 25 {
        let alarmed = t >= START;
        let mut frame = [0, 1, 2].map(|j| Reading::Value(usual(t, j)));
        if alarmed {
            let value = changed(change, t - START);
            frame[1] = value.map_or(Reading::Absent(Cause::Missing), Reading::Value);
        }
        let state = if t < LEARN {
            State::Warming { left: LEARN - t }
        } else {
            State::Normal
        };
        let row = Scored {
            frame: &frame,
            passed: 0,
            answer: Assessment::bare(state),
            score: Some(if alarmed { 5.0 } else { 0.1 }),
            parts: &[0.0, f32::from(u8::from(alarmed)), 0.0],
            scales: SCALES,
            rows: LEARN,
        };
        let answer = lookout.take(&rules, &row);
        assert_eq!(answer.is_anomalous(), alarmed, "{change}, row {t}");
        all.extend(lookout.finding());
    }
    all
}

/// Broken by any other weight, limit or order of the rules, and by a number that is rounded otherwise.
#[test]
fn findings_are_those_of_the_equations() {
    let path = format!("{}/golden/kinds/kinds.csv", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("a golden file");
    let mut kinds = std::collections::BTreeSet::new();
    let (mut change, mut found) = ("", Vec::new());
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, age, kind, is_final, outside, jump, shift, run, gaps] = fields[..] else {
            panic!("nine fields: {line}")
        };
        if name != change {
            (change, found) = (name, findings(name));
            assert_eq!(found.len(), 25);
        }
        let of = found[age.parse::<usize>().expect("a row")];
        let number = |text: &str| text.parse::<f32>().expect("a number");
        assert_eq!(of.kind.name(), kind, "{line}: {of:?}");
        assert_eq!(
            (of.is_final, of.is_outside),
            (is_final == "1", outside == "1"),
            "{line}"
        );
        assert_eq!(
            (of.jump, of.shift),
            (number(jump), number(shift)),
            "{line}: {of:?}"
        );
        assert_eq!(
            (of.variable, f32::from(of.run)),
            (1, number(run)),
            "{line}: {of:?}"
        );
        assert!((of.gaps - number(gaps)).abs() < 1e-6, "{line}: {of:?}");
        kinds.insert(kind);
    }
    assert_eq!(kinds.len(), 8, "every kind: {kinds:?}");
}
