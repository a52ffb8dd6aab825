//! The fit and the rows behind it, against an implementation of the equations in another language
//! (tests/golden/quartet/quartet.py).

use super::fit::Fitted;
use crate::random::Random;
use bellwether::quartet::{Settings, Shape};
use bellwether::testing::Waves;
use bellwether::{Detector, Reading, Tick, quartet_of};

/// A line of the goldens.
struct Line {
    /// Variables, vectors, every, candidates, rows that are fitted to, row.
    name: [u16; 6],
    /// Lanes, onset, score.
    numbers: [f64; 6],
}

fn goldens() -> Vec<Line> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/golden/quartet/quartet.csv"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        Line {
            name: std::array::from_fn(|k| fields[k].parse().unwrap()),
            numbers: std::array::from_fn(|k| fields[6 + k].parse().unwrap()),
        }
    });
    lines.collect()
}

/// Every line of a number of variables; how many there were.
fn compare<const V: usize, const F: usize, const B: usize, const D: usize>(
    _: Option<bellwether::Quartet<F, B, D>>,
) -> usize {
    let rows: Vec<Vec<f32>> = Waves::<V>::new().take(600).map(Vec::from).collect();
    let mut goldens = goldens();
    goldens.retain(|line| usize::from(line.name[0]) == V);
    for lines in goldens.chunk_by(|a, b| a.name[..5] == b.name[..5]) {
        let [variables, vectors, every, candidates, fitted, _] = lines[0].name;
        let shape = Shape {
            variables,
            vectors,
            candidates,
        };
        let settings = Settings {
            every,
            ..Settings::new(shape)
        };
        let rules = settings.try_into().unwrap();
        let mut quartet = bellwether::Quartet::<F, B, D>::new();
        let fit = Fitted::to(&rows[..fitted.into()], shape);
        quartet.load(&rules, &fit.fit()).unwrap();
        let mut lines = lines.iter().peekable();
        for (t, row) in rows.iter().enumerate().skip(fitted.into()) {
            let row: Vec<Reading> = row.iter().map(Reading::from).collect();
            let verdict = quartet.decide(&rules, Tick(t as u64), &row);
            let Some(line) = lines.next_if(|line| usize::from(line.name[5]) == t) else {
                continue;
            };
            let score = verdict.score.unwrap();
            for (lane, wanted) in score.lanes.into_iter().zip(line.numbers) {
                let apart = (f64::from(lane) - wanted).abs();
                assert!(apart <= 5e-6 * wanted + 1e-6, "{:?}: {score:?}", line.name);
            }
            let [.., onset, total] = line.numbers;
            for (found, wanted) in [(score.onset, onset), (score.total(), total)] {
                let apart = (f64::from(found) - wanted).abs();
                assert!(apart <= 1e-5, "{:?}: {score:?} {wanted}", line.name);
            }
        }
        assert!(lines.next().is_none());
    }
    goldens.len()
}

/// Broken by any step of the fit that is another one, by a byte that rounds otherwise, or by a vector
/// that is learned or forgotten in another place.
#[test]
fn every_number_is_that_of_the_equations() {
    let compared = [
        compare::<1, _, _, _>(None::<quartet_of!(Shape::new(1))>),
        compare::<3, _, _, _>(None::<quartet_of!(Shape::new(3))>),
        compare::<8, _, _, _>(None::<quartet_of!(Shape::new(8))>),
    ];
    assert_eq!(compared.iter().sum::<usize>(), goldens().len());
    assert!(goldens().len() > 200);
}

/// Broken by a floor or a number of 24 bits that hides what happens far from 0: an event of five in a
/// wave of deviation 2.2 stands out in Kelvin, and at 10,000, as in Celsius.
#[test]
fn an_offset_blinds_nothing() {
    const SHAPE: Shape = Shape::new(2);
    // The onset of the event, and the largest one before it.
    let onsets = |offset: f32| {
        let mut random = Random::new(5);
        let mut row = |t: usize| {
            let mut wave = |period: f32| {
                let wave = (t as f32 * std::f32::consts::TAU / period).sin() * 3.1;
                wave + 0.2 * random.noise() as f32
            };
            let event = if t == 1_900 { 5.0 } else { 0.0 };
            // Steps of 1/64 are exact at every offset of the test.
            let values = [wave(29.0) + event, wave(17.0)];
            values.map(|x| (x * 64.0).round() / 64.0 + offset)
        };
        let rows: Vec<Vec<f32>> = (0..1_901).map(|t| row(t).to_vec()).collect();
        let rules = Settings::new(SHAPE).try_into().unwrap();
        let mut quartet = <quartet_of!(SHAPE)>::new();
        let fit = Fitted::to(&rows[..800], SHAPE);
        quartet.load(&rules, &fit.fit()).unwrap();
        let onsets = rows.iter().enumerate().skip(800).map(|(t, row)| {
            let row: Vec<Reading> = row.iter().map(Reading::from).collect();
            let verdict = quartet.decide(&rules, Tick(t as u64), &row);
            verdict.score.unwrap().onset
        });
        let onsets: Vec<f32> = onsets.collect();
        let (event, usual) = onsets.split_last().unwrap();
        (*event, usual.iter().copied().fold(0.0, f32::max))
    };
    let (event, usual) = onsets(0.0);
    assert!(event > 2.0 * usual, "{event} {usual}");
    for offset in [273.0, 1_000.0, 10_000.0, 100_000.0] {
        let there = onsets(offset);
        assert!(there.0 > 0.7 * event, "at {offset}: {there:?} {event}");
        assert!(there.0 > 2.0 * there.1, "at {offset}: {there:?}");
    }
}

/// From one row to some: nothing is not a number, and what was constant may move.
#[test]
fn the_shortest_fits_are_fits() {
    const SHAPE: Shape = Shape::small(3);
    for rows in [1, 2, 3, 5, 8, 9, 10, 17, 50] {
        let row = |t: usize| vec![(t % 5) as f32, 7.0, f32::NAN];
        let rows: Vec<Vec<f32>> = (0..rows).map(row).collect();
        let rules = Settings::new(SHAPE).try_into().unwrap();
        let mut quartet = <quartet_of!(SHAPE)>::new();
        let fit = Fitted::to(&rows, SHAPE);
        quartet.load(&rules, &fit.fit()).unwrap();
        assert_eq!(quartet.ignored().collect::<Vec<_>>(), [2]);
        for t in 0..40 {
            let row = [t as f32, 7.0 - (t / 20) as f32, 1e30].map(Reading::Value);
            let score = quartet.observe(&rules, Tick(t), &row).score.unwrap();
            assert!(score.is_finite(), "{} rows, row {t}: {score}", rows.len());
        }
    }
}

/// A recording kept as snapshot: what was fitted here runs there.
#[test]
fn a_fit_is_a_snapshot_that_firmware_restores() {
    use bellwether::Snapshot;
    const SHAPE: Shape = Shape::new(3);
    type Three = quartet_of!(SHAPE);
    let rows: Vec<Vec<f32>> = Waves::<3>::new().take(200).map(Vec::from).collect();
    let rules = Settings::new(SHAPE).try_into().unwrap();
    let mut here = Three::new();
    here.load(&rules, &Fitted::to(&rows[..100], SHAPE).fit())
        .unwrap();
    let mut buffer = [0; Three::SNAPSHOT_MAX];
    let used = here.save(&rules, &mut buffer).unwrap();
    let mut there = Three::new();
    there.restore(&rules, &buffer[..used]).unwrap();
    for (t, row) in rows.iter().enumerate().skip(100) {
        let row: Vec<Reading> = row.iter().map(Reading::from).collect();
        let tick = Tick(t as u64);
        let answer = here.observe(&rules, tick, &row);
        assert_eq!(answer, there.observe(&rules, tick, &row), "row {t}");
    }
}
