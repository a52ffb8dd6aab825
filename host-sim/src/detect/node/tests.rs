//! The fit and the rows behind it, against an implementation of the equations in another language
//! (tests/golden/node/node.py).

use super::machine::{Prepare, Preset};
use bellwether::node::fit::Work;
use bellwether::node::{Node, Rules, Settings, Wide, wide};
use bellwether::quartet::{self, Shape};
use bellwether::testing::Waves;
use bellwether::{Detector as _, Reading, Tick, node_of, quartet_of};

const V: usize = 10;
const LEARN: usize = 1_600;
const ROWS: usize = 2_000;
const FIRST: usize = 60;

/// The eight waves, a mean of two and a difference of two, with quarters of noise; from row 1,850 on the fifth
/// is another one's.
fn series() -> Vec<Vec<f32>> {
    let mut state = 77_u32;
    let mut rows: Vec<Vec<f32>> = Vec::new();
    for (t, row) in Waves::<8>::new().take(FIRST + ROWS).enumerate() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (coarse, fine) = ((state >> 30) as f32 / 64.0, (state >> 28 & 3) as f32 / 64.0);
        let mut row = row.to_vec();
        row.push((row[0] + row[1]) / 2.0 + coarse);
        row.push(row[2] - row[4] + fine);
        if t >= FIRST + 1_850 {
            row[4] = rows[t - 900][5];
        }
        rows.push(row);
    }
    rows.split_off(FIRST)
}

/// A line of the goldens: lanes, row, four lanes, largest surprise, variable, onset, score.
struct Line {
    row: usize,
    numbers: [f64; 8],
}

fn goldens(lanes: &str) -> Vec<Line> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/node/node.csv");
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| line.split(',').collect());
    let lines = lines.filter(|fields: &Vec<&str>| fields[0] == lanes);
    let lines = lines.map(|fields| Line {
        row: fields[1].parse().unwrap(),
        numbers: std::array::from_fn(|k| fields[2 + k].parse().unwrap()),
    });
    lines.collect()
}

fn compare<L: Prepare>(name: &str, settings: L::Settings) {
    let rows = series();
    let rules: Rules<L::Rules, V> = Settings::new(settings).try_into().unwrap();
    let mut node = Node::<L, V>::new();
    let fitted = &rows[..LEARN * 4 / 5];
    node.lanes().prepare(rules.lanes(), fitted).unwrap();
    let mut work = Work::new();
    node.fit(&rules, &mut &rows[..LEARN], &mut work).unwrap();
    assert_eq!((node.rows(), node.held_out()), (1_600, 320));
    let lines = goldens(name);
    assert!(lines.len() > 60);
    let [.., threshold] = lines[0].numbers;
    assert!((f64::from(node.threshold(&rules)) - threshold).abs() < 1e-3);
    let mut lines = lines[1..].iter().peekable();
    for (t, row) in rows.iter().enumerate().skip(LEARN) {
        let row: Vec<Reading> = row.iter().map(Reading::from).collect();
        let score = node.decide(&rules, Tick(t as u64), &row).score.unwrap();
        let Some(line) = lines.next_if(|line| line.row == t) else {
            continue;
        };
        let [a, b, c, d, broken, variable, onset, total] = line.numbers;
        for (lane, wanted) in score.lanes.into_iter().zip([a, b, c, d]) {
            let apart = (f64::from(lane) - wanted).abs();
            assert!(
                apart <= 2e-3 * wanted + 1e-4,
                "{name} {t}: {score:?} {wanted}"
            );
        }
        let found = score.variable.map_or(-1.0, f64::from);
        assert!(found == variable || broken < 2e-3, "{name} {t}: {score:?}");
        for (found, wanted) in [
            (score.broken, broken),
            (score.onset, onset),
            (score.total(), total),
        ] {
            let apart = (f64::from(found) - wanted).abs();
            assert!(apart <= 2e-3, "{name} {t}: {score:?} {wanted}");
        }
    }
    assert!(lines.next().is_none());
}

/// Broken by another component, limit, sign or step of what follows.
#[test]
fn every_number_is_that_of_the_equations() {
    compare::<quartet_of!(Shape::tiny(10))>("tiny", quartet::Settings::new(Shape::tiny(10)));
    compare::<Wide<V>>("wide", wide::Settings { variables: 10 });
}

/// Broken by padding that is forgotten.
#[test]
fn state_bytes_are_those_of_the_types() {
    assert_eq!(Preset::Wide.state_bytes(1), Node::<Wide<1>, 1>::STATE_BYTES);
    assert_eq!(
        Preset::Wide.state_bytes(84),
        Node::<Wide<84>, 84>::STATE_BYTES
    );
    assert_eq!(
        Preset::Wide.state_bytes(501),
        Node::<Wide<501>, 501>::STATE_BYTES
    );
    assert_eq!(
        Preset::Tiny.state_bytes(19),
        <node_of!(Shape::tiny(19))>::STATE_BYTES
    );
    assert_eq!(
        Preset::Tiny.state_bytes(84),
        <node_of!(Shape::tiny(84))>::STATE_BYTES
    );
}
