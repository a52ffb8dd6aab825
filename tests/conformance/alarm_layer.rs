//! Alarms and incidents against the equations in f64 (tests/golden/alarms/alarms.py).

use bellwether::alarm::incidents::{self, Incidents};
use bellwether::alarm::{Alarm, Phase, Promise, Rules, Settings};
use std::collections::HashMap;
use std::fs;

/// f32 against f64, relative above 1. The largest difference is 2.1e-5, after a lasting level whose
/// slow mean is rounded 28,000 times, and 6e-6 elsewhere.
const TOLERANCE: f64 = 4e-5;

fn close(ours: f32, golden: &str, what: &str) {
    let golden: f64 = golden.parse().expect("a number");
    let error = (f64::from(ours) - golden).abs() / golden.abs().max(1.0);
    assert!(error < TOLERANCE, "{what}: {ours}, expected {golden}");
}

/// A golden file: its lines by their first field, as fields.
fn golden(name: &str) -> HashMap<String, Vec<Vec<String>>> {
    let path = format!("{}/golden/alarms/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).expect("a golden file");
    let mut cases = HashMap::<_, Vec<_>>::new();
    for line in text.lines().skip(1) {
        let (case, rest) = line.split_once(',').expect("a case");
        let fields = rest.split(',').map(String::from).collect();
        cases.entry(case.into()).or_default().push(fields);
    }
    cases
}

/// SplitMix64, as in tests/golden/alarms/alarms.py.
struct Generator(u64);

impl Generator {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// The scores of a series, as in tests/golden/alarms/alarms.py: all exact in f32.
fn scores(series: &str, seed: u64, rows: u64) -> Vec<Option<f32>> {
    let mut draw = Generator(seed);
    let score = |row: u64| {
        let (a, b, c) = (draw.below(40), draw.below(28), draw.below(1000));
        let spike = (64.0 + 32.0 * a as f32) / 64.0;
        let mut score = a.saturating_sub(b) as f32 / 64.0;
        match series {
            "noise" => {
                score += if c < 4 { spike } else { 0.0 };
                score += if (3000..3060).contains(&row) {
                    2.0
                } else {
                    0.0
                };
            }
            "long" if c < 1 && b < 4 => score += spike,
            "storm" if (1000..20_000).contains(&row) && row % 20 < 3 => {
                score = (160 + b) as f32 / 64.0;
            }
            "daily" | "gaps" if (100..106).contains(&(row % 288)) => score += 1.5,
            "jitter" if (20..24).contains(&((row + c % 5) % 97)) => score += 1.0,
            "level" if row >= 2000 => score += 1.0,
            "echo" if [500, 800, 1101, 1401, 1702, 2002].contains(&row) => {
                score = (256 - row / 100) as f32 / 64.0;
            }
            "huge" => {
                let far = (1 << 22) as f32;
                score = match c {
                    30.. => (40 * a) as f32,
                    3.. => far,
                    _ => -far,
                } / 16.0;
            }
            _ => {}
        }
        let gap = series == "gaps" && (c < 100 || (1000..1700).contains(&row));
        (!gap).then_some(score)
    };
    (0..rows).map(score).collect()
}

/// A series, and how it is watched.
struct Case {
    name: String,
    scores: Vec<Option<f32>>,
    /// Rows of the fit.
    fit: u32,
    promise: f32,
    rows_per_day: Option<u16>,
}

fn cases() -> Vec<Case> {
    let case = |(name, lines): (String, Vec<Vec<String>>)| {
        let [series, seed, rows, fit, promise, day] = lines[0].as_slice() else {
            panic!("six fields")
        };
        let number = |field: &String| field.parse::<u64>().expect("a number");
        let day = number(day) as u16;
        Case {
            name,
            scores: scores(series, number(seed), number(rows)),
            fit: number(fit) as u32,
            promise: promise.parse().expect("a promise"),
            rows_per_day: (day > 0).then_some(day),
        }
    };
    golden("cases.csv").into_iter().map(case).collect()
}

/// Broken by any change of a constant or of the order in which things are learned. Every start and
/// clear is in the file, and no other row may have one.
#[test]
fn alarms_are_those_of_the_equations() {
    let expected = golden("alarms.csv");
    for case in cases() {
        let settings = Settings {
            promise: Promise::per_10_000_rows(case.promise).expect("in range"),
            rows_per_day: case.rows_per_day,
        };
        let rules = Rules::<96>::new(settings).expect("valid");
        let mut alarm = Alarm::after_fit(case.fit);
        let mut expected = expected[&case.name].iter().peekable();
        for (row, score) in case.scores.into_iter().enumerate() {
            let event = alarm.observe(&rules, score);
            let what = format!("case {}, row {row}", case.name);
            let line = expected.next_if(|line| line[0] == row.to_string());
            let Some([_, severity, threshold, phase, age, peak]) = line.map(Vec::as_slice) else {
                let between = matches!(event.phase, Phase::Quiet | Phase::Update);
                assert!(between, "{what}: {:?}", event.phase);
                continue;
            };
            assert_eq!((event.phase as u8).to_string(), *phase, "{what}");
            match event.severity {
                Some(ours) => close(ours, severity, &what),
                None => assert_eq!(severity, "", "{what}"),
            }
            close(event.threshold, threshold, &what);
            let (our_age, our_peak) = event.episode.map_or((0, 0.0), |of| (of.age, of.peak));
            assert_eq!(our_age.to_string(), *age, "{what}");
            close(our_peak, peak, &what);
        }
        assert_eq!(expected.next(), None, "case {}", case.name);
    }
}

/// Broken by a window of 299 or 301 rows, or means that learn at another speed. Every row that is the
/// highest of 300 with a severity of 5 or more is in the file.
#[test]
fn incidents_are_those_of_the_equations() {
    let expected = golden("incidents.csv");
    for case in cases() {
        let mut incidents = Incidents::after_fit(case.fit);
        let mut expected = expected[&case.name].iter().peekable();
        for (row, score) in case.scores.into_iter().enumerate() {
            let answer = incidents.observe(incidents::Rules::DEFAULT, score);
            let what = format!("case {}, row {row}", case.name);
            let line = expected.next_if(|line| line[0] == row.to_string());
            let Some([_, severity, highest]) = line.map(Vec::as_slice) else {
                let news = answer.is_some_and(|of| of.is_highest && of.severity >= 5.0);
                assert!(!news, "{what}: {answer:?}");
                continue;
            };
            let ours = answer.is_some_and(|of| of.is_highest);
            assert_eq!(ours, highest == "1", "{what}");
            match answer {
                Some(answer) => close(answer.severity, severity, &what),
                None => assert_eq!(severity, "", "{what}"),
            }
        }
        assert_eq!(expected.next(), None, "case {}", case.name);
    }
}
