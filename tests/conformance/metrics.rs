//! The metrics against the packages their authors publish (tests/golden/metrics/metrics.py), NAB's
//! against published file scores, and what must hold for any series.

use bellwether_conformance::data;
use bellwether_sim::metrics::events::Scorer;
use bellwether_sim::metrics::nab::{File, NabScore, Profile, nab_best, nab_score, probation};
use bellwether_sim::metrics::{
    Bias, Rules, Run, Scored, affiliation, auc_pr, auc_roc, best_f1, concordance, delays,
    false_alarms, pate, point_adjusted, range_recall, runs, summary, ucr_hit, vus, window,
};
use flate2::read::GzDecoder;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

/// Both sides compute in f64 and differ in the order of sums.
const TOLERANCE: f64 = 1e-9;

fn close(ours: Option<f64>, theirs: f64, what: &str) {
    let ours = ours.unwrap_or_else(|| panic!("{what}: undefined, expected {theirs}"));
    assert!(
        (ours - theirs).abs() < TOLERANCE,
        "{what}: {ours}, expected {theirs}"
    );
}

/// A golden file, row by row as fields by name.
fn golden(name: &str) -> Vec<BTreeMap<String, String>> {
    let path = format!("{}/golden/metrics/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).expect("a golden file");
    reader
        .deserialize()
        .map(|row| row.expect("a row"))
        .collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name]
        .parse()
        .unwrap_or_else(|_| panic!("{name}: {}", row[name]))
}

/// The generator of tests/golden/metrics/metrics.py: SplitMix64.
struct Generator(u64);

impl Generator {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }
}

/// What makes a series, as in tests/golden/metrics/metrics.py.
struct Shape {
    seed: u64,
    rows: usize,
    events: usize,
    longest: usize,
    noise: u64,
    strength: u64,
    lag: usize,
    edges: bool,
}

impl Shape {
    fn of(row: &BTreeMap<String, String>) -> Self {
        let number = |name| number(row, name) as usize;
        Self {
            seed: number("seed") as u64,
            rows: number("rows"),
            events: number("events"),
            longest: number("longest"),
            noise: number("noise") as u64,
            strength: number("strength") as u64,
            lag: number("lag"),
            edges: number("edges") == 1,
        }
    }

    fn series(&self) -> (Vec<f64>, Vec<bool>) {
        let mut draw = Generator(self.seed);
        let mut labels = vec![false; self.rows];
        for _ in 0..self.events {
            let first = draw.below(self.rows);
            let end = (first + 1 + draw.below(self.longest)).min(self.rows);
            labels[first..end].fill(true);
        }
        if self.edges {
            labels[..4].fill(true);
            labels[self.rows - 2..].fill(true);
        } else {
            labels[..2].fill(false);
        }
        let mut scores = Vec::new();
        for row in 0..self.rows {
            let mut score = draw.next() % self.noise;
            let hit = !draw.next().is_multiple_of(4);
            if hit && row >= self.lag && labels[row - self.lag] {
                score += self.strength;
            }
            scores.push(score as f64 / 64.0);
        }
        (scores, labels)
    }
}

fn reaching(scores: &[f64], threshold: f64) -> Vec<bool> {
    scores.iter().map(|score| *score >= threshold).collect()
}

fn f1_by_row(detected: &[bool], labels: &[bool]) -> f64 {
    let mut scorer = Scorer::default();
    for (detected, label) in detected.iter().zip(labels) {
        scorer.push(*label, *detected);
    }
    scorer.exact().rates().2
}

fn of_scores(
    row: &BTreeMap<String, String>,
    scores: &[f64],
    labels: &[bool],
    early: usize,
    late: usize,
    what: &str,
) {
    let volumes = vus(scores, labels, late);
    for (name, ours) in [
        ("auc_roc", auc_roc(scores, labels)),
        ("auc_pr", auc_pr(scores, labels)),
        ("vus_roc", volumes.map(|v| v.roc)),
        ("vus_pr", volumes.map(|v| v.pr)),
        ("pate", pate(scores, labels, early, late)),
    ] {
        close(ours, number(row, name), &format!("{what}, {name}"));
    }
}

#[test]
fn generated_series_score_as_the_packages_say() {
    let rows = golden("metrics.csv");
    assert!(rows.len() >= 15, "{} series", rows.len());
    for row in rows {
        let (scores, labels) = Shape::of(&row).series();
        let what = format!("seed {}", row["seed"]);
        let buffer = |name| number(&row, name) as usize;
        of_scores(
            &row,
            &scores,
            &labels,
            buffer("early"),
            buffer("late"),
            &what,
        );
        let detected = reaching(&scores, number(&row, "threshold") / 64.0);
        let check = |name: &str, ours| close(ours, number(&row, name), &format!("{what}, {name}"));
        for (name, bias) in [
            ("flat", Bias::Flat),
            ("front", Bias::Front),
            ("middle", Bias::Middle),
            ("back", Bias::Back),
        ] {
            let recall = range_recall(&detected, &labels, 0.0, bias);
            check(&format!("range_recall_{name}"), recall);
            let precision = range_recall(&labels, &detected, 0.0, bias);
            check(&format!("range_precision_{name}"), precision);
        }
        check(
            "range_recall_alpha",
            range_recall(&detected, &labels, 0.2, Bias::Flat),
        );
        let affiliation = affiliation(&detected, &labels);
        check("affiliation_precision", affiliation.map(|a| a.precision));
        check("affiliation_recall", affiliation.map(|a| a.recall));
        check("f1", Some(f1_by_row(&detected, &labels)));
        if !row["point_adjusted_f1"].is_empty() {
            let adjusted = point_adjusted(&detected, &labels);
            check("point_adjusted_f1", adjusted.map(|counts| counts.rates().2));
        }
        let severity = |(k, score): (usize, &f64)| score.round_ties_even() + (k % 7) as f64;
        let severities: Vec<f64> = scores.iter().enumerate().take(400).map(severity).collect();
        check(
            "concordance",
            concordance(&scores[..severities.len()], &severities),
        );
    }
}

const PROFILES: [(&str, Profile); 3] = [
    ("standard", Profile::STANDARD),
    ("low_false_positives", Profile::LOW_FALSE_POSITIVES),
    ("low_misses", Profile::LOW_MISSES),
];

#[test]
fn one_threshold_for_all_files_is_the_best_of_all() {
    let series = [21, 22, 23].map(|seed| {
        let shape = Shape {
            seed,
            rows: 400,
            events: 3,
            longest: 30,
            noise: 40,
            strength: 12,
            lag: 8,
            edges: false,
        };
        let (scores, labels) = shape.series();
        let windows: Vec<Run> = runs(&labels)
            .into_iter()
            .filter(|w| w.last >= 60 && w.rows() > 1)
            .collect();
        (scores, windows)
    });
    let files = series
        .each_ref()
        .map(|(scores, windows)| File { scores, windows });
    for (row, (name, profile)) in golden("nab.csv").iter().zip(PROFILES) {
        assert_eq!(row["profile"], name);
        let best = nab_best(&files, &profile);
        close(best.map(|b| b.threshold), number(row, "threshold"), name);
        close(best.map(|b| b.score), number(row, "score"), name);
    }
}

/// A gzip CSV file of the data folder.
fn table(name: &str) -> Option<csv::Reader<Box<dyn Read>>> {
    let file = fs::File::open(data::file(name)?).expect("readable");
    let input: Box<dyn Read> = if name.ends_with(".gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    Some(csv::Reader::from_reader(input))
}

fn column(name: &str, column: &str) -> Option<Vec<f64>> {
    let mut table = table(name)?;
    let header = table.headers().expect("a header").clone();
    let place = header.iter().position(|n| n == column).expect("the column");
    let number = |row: csv::StringRecord| row[place].parse().expect("a number");
    Some(
        table
            .records()
            .map(|row| number(row.expect("a row")))
            .collect(),
    )
}

#[test]
fn recorded_series_score_as_the_packages_say() {
    let rows = golden("metrics_recorded.csv");
    assert!(rows.len() >= 18, "{} series", rows.len());
    for row in rows {
        let series = &row["series"];
        let Some(labels) = column(&format!("nab/{series}"), "label") else {
            return;
        };
        let scores = column(&format!("nab/reference_scores/{series}"), &row["detector"]);
        let (first, scores) = (probation(labels.len()), scores.expect("scores"));
        let labels: Vec<bool> = labels[first..].iter().map(|label| *label == 1.0).collect();
        let rows = window(&labels);
        assert_eq!(rows, number(&row, "window") as usize, "{series}");
        let what = format!("{series}, {}", row["detector"]);
        of_scores(&row, &scores[first..], &labels, rows, rows, &what);
    }
}

#[test]
fn nab_files_score_as_published() {
    let Some(mut published) = table("nab/published_file_scores.csv") else {
        return;
    };
    let mut windows: BTreeMap<String, Vec<Run>> = BTreeMap::new();
    let mut listed = table("nab/windows.csv").expect("beside the scores");
    for row in listed.deserialize() {
        let (series, _, first, last): (String, usize, usize, usize) = row.expect("a window");
        windows.entry(series).or_default().push(Run { first, last });
    }
    let mut count = 0;
    for row in published.deserialize() {
        let (detector, profile, series, threshold, score): (String, String, String, f64, f64) = {
            let row: BTreeMap<String, String> = row.expect("a row");
            let number = |name| number(&row, name);
            (
                row["Detector"].clone(),
                row["Profile"].clone(),
                row["series"].clone(),
                number("Threshold"),
                number("Score"),
            )
        };
        if !["numenta", "windowedGaussian", "relativeEntropy"].contains(&detector.as_str()) {
            continue;
        }
        let scores = column(&format!("nab/reference_scores/{series}.csv.gz"), &detector);
        let scores = scores.expect("scores beside the windows");
        let profile = match profile.as_str() {
            "standard" => Profile::STANDARD,
            "reward_low_FP_rate" => Profile::LOW_FALSE_POSITIVES,
            "reward_low_FN_rate" => Profile::LOW_MISSES,
            other => panic!("profile {other}"),
        };
        let none = Vec::new();
        let file = File {
            scores: &scores,
            windows: windows.get(&series).unwrap_or(&none),
        };
        close(
            Some(file.raw(threshold, &profile)),
            score,
            &format!("{series}, {detector}"),
        );
        count += 1;
    }
    assert_eq!(count, 3 * 3 * 39);
}

#[test]
fn a_detector_that_repeats_the_labels_is_perfect() {
    let labels: Vec<bool> = (0..600)
        .map(|k| (100..140).contains(&k) || k > 580)
        .collect();
    let scores: Vec<f64> = labels
        .iter()
        .map(|label| f64::from(u8::from(*label)))
        .collect();
    assert_eq!(auc_roc(&scores, &labels), Some(1.0));
    assert_eq!(auc_pr(&scores, &labels), Some(1.0));
    assert_eq!(pate(&scores, &labels, 30, 30), Some(1.0));
    let volumes = vus(&scores, &labels, 0).expect("defined");
    assert_eq!((volumes.roc, volumes.pr), (1.0, 1.0));
    assert_eq!(best_f1(&scores, &labels), Some((1.0, 1.0)));
    assert_eq!(ucr_hit(&scores, &labels), Some(true));
    assert_eq!(range_recall(&labels, &labels, 0.3, Bias::Front), Some(1.0));
    let affiliation = affiliation(&labels, &labels).expect("defined");
    assert_eq!((affiliation.precision, affiliation.recall), (1.0, 1.0));
    assert_eq!(false_alarms(&labels, &labels), Some(0));
    assert_eq!(delays(&labels, &labels), Some(vec![Some(0), Some(0)]));
}

#[test]
fn pate_of_one_row_after_an_event_is_its_weight() {
    // One event, row 10; rows 10 and 12 score 1. With a late buffer of 4 rows, the weight of
    // row 12 is 1 - 2/4: precision 3/4 at recall 1. Without one, precision is 1/2. At the lowest
    // threshold recall stays 1, so the area is (1 + precision) / 2.
    let labels: Vec<bool> = (0..40).map(|k| k == 10).collect();
    let scores: Vec<f64> = (0..40)
        .map(|k| f64::from(u8::from(k == 10 || k == 12)))
        .collect();
    close(
        pate(&scores, &labels, 0, 4),
        (1.75 / 2.0 + 1.5 / 2.0) / 2.0,
        "late",
    );
    // Before the event: row 8 instead, with an early buffer of 4.
    let scores: Vec<f64> = (0..40)
        .map(|k| f64::from(u8::from(k == 10 || k == 8)))
        .collect();
    close(
        pate(&scores, &labels, 4, 0),
        (1.75 / 2.0 + 1.5 / 2.0) / 2.0,
        "early",
    );
}

#[test]
fn affiliation_of_one_point_is_a_chance() {
    // Event [4, 5) of [0, 10): the zone is all. A detection [7, 8) is 2 to 3 away, 2.5 in the
    // middle; a random point is within that distance over 1 + 2.5 + 2.5 of 10.
    let row = |set: usize| -> Vec<bool> { (0..10).map(|k| k == set).collect() };
    let found = affiliation(&row(7), &row(4)).expect("defined");
    close(Some(found.precision), 0.4, "precision");
    // The event's points are 2 to 3 from the detection; within 2.5 of its middle lie 5 of 10.
    close(Some(found.recall), 0.5, "recall");
    assert_eq!(affiliation(&[false; 10], &row(4)), None);
    assert_eq!(affiliation(&row(7), &[false; 10]), None);
}

#[test]
fn nab_is_nothing_for_nothing_and_a_hundred_for_the_begins() {
    let windows = [
        Run {
            first: 300,
            last: 399,
        },
        Run {
            first: 700,
            last: 799,
        },
    ];
    let at = |rows: &[usize]| -> Vec<f64> {
        (0..1000)
            .map(|k| f64::from(u8::from(rows.contains(&k))))
            .collect()
    };
    let score = |rows: &[usize]| {
        let scores = at(rows);
        let files = [File {
            scores: &scores,
            windows: &windows,
        }];
        nab_score(&files, 1.0, &Profile::STANDARD).map(|nab| nab.score)
    };
    close(score(&[]), 0.0, "no detection");
    close(score(&[300, 700]), 100.0, "begins");
    close(
        score(&[300, 340, 399, 700]),
        100.0,
        "later ones in a window",
    );
    close(score(&[20, 149, 300, 700]), 100.0, "probation");
    close(
        score(&[150, 300, 700]),
        100.0 - 100.0 * 0.11 / 4.0,
        "a false positive before",
    );
    close(
        score(&[300, 698, 700]),
        100.0 - 100.0 * 0.11 / 4.0,
        "and far behind",
    );
    assert_eq!(probation(999), 149);
    assert_eq!(probation(50_000), 750);
    // Nothing is best where every detection is false.
    let scores = at(&[200, 250]);
    let files = [File {
        scores: &scores,
        windows: &windows,
    }];
    let nothing = NabScore {
        threshold: f64::INFINITY,
        score: 0.0,
    };
    assert_eq!(nab_best(&files, &Profile::STANDARD), Some(nothing));
    assert_eq!(nab_best(&[], &Profile::STANDARD), None);
}

prop_compose! {
    fn any_series()(
        rows in prop::collection::vec((0u8..12, prop::bool::weighted(0.3)), 1..120),
        window in 0usize..30,
    ) -> (Vec<f64>, Vec<bool>, usize) {
        let (scores, labels) = rows.into_iter().map(|(s, l)| (f64::from(s) - 3.0, l)).unzip();
        (scores, labels, window)
    }
}

proptest! {
    #[test]
    fn every_metric_is_within_its_range((scores, labels, window) in any_series()) {
        let detected = reaching(&scores, 2.0);
        let volumes = vus(&scores, &labels, window);
        let affiliation = affiliation(&detected, &labels);
        for (name, value) in [
            ("auc_roc", auc_roc(&scores, &labels)),
            ("auc_pr", auc_pr(&scores, &labels)),
            ("vus_roc", volumes.map(|v| v.roc)),
            ("vus_pr", volumes.map(|v| v.pr)),
            ("pate", pate(&scores, &labels, window, window)),
            ("range", range_recall(&detected, &labels, 0.2, Bias::Middle)),
            ("affiliation precision", affiliation.map(|a| a.precision)),
            ("affiliation recall", affiliation.map(|a| a.recall)),
            ("concordance", concordance(&scores, &scores)),
        ] {
            let Some(value) = value else { continue };
            prop_assert!((-1e-12..=1.0 + 1e-12).contains(&value), "{}: {}", name, value);
        }
        let files = [File { scores: &scores, windows: &runs(&labels) }];
        let best = nab_best(&files, &Profile::STANDARD);
        prop_assert!(best.is_none_or(|nab| (-1e-9..=100.0 + 1e-9).contains(&nab.score)));
    }

    #[test]
    fn only_the_order_of_scores_counts((scores, labels, window) in any_series()) {
        // Exact in f64, so that ties stay ties.
        let other: Vec<f64> = scores.iter().map(|score| (score + 3.0).powi(3) * 8.0 - 5.0).collect();
        prop_assert_eq!(auc_roc(&scores, &labels), auc_roc(&other, &labels));
        prop_assert_eq!(auc_pr(&scores, &labels), auc_pr(&other, &labels));
        prop_assert_eq!(vus(&scores, &labels, window), vus(&other, &labels, window));
        prop_assert_eq!(ucr_hit(&scores, &labels), ucr_hit(&other, &labels));
        let f1 = |scores: &[f64]| best_f1(scores, &labels).map(|(_, f1)| f1);
        prop_assert_eq!(f1(&scores), f1(&other));
    }

    #[test]
    fn the_reverse_order_is_the_rest_of_one((scores, labels, _) in any_series()) {
        let reverse: Vec<f64> = scores.iter().map(|score| -score).collect();
        let both = auc_roc(&scores, &labels).zip(auc_roc(&reverse, &labels));
        prop_assert!(both.is_none_or(|(a, b)| (a + b - 1.0).abs() < 1e-12));
    }

    #[test]
    fn auc_counts_pairs((scores, labels, _) in any_series()) {
        let of = |wanted| scores.iter().zip(&labels).filter(move |(_, l)| **l == wanted);
        let pairs = of(true).flat_map(|(a, _)| of(false).map(move |(b, _)| {
            if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 }
        }));
        let pairs: Vec<f64> = pairs.collect();
        let expected = (!pairs.is_empty()).then(|| pairs.iter().sum::<f64>() / pairs.len() as f64);
        prop_assert_eq!(auc_roc(&scores, &labels).is_some(), expected.is_some());
        if let Some(expected) = expected {
            close(auc_roc(&scores, &labels), expected, "pairs");
        }
    }

    #[test]
    fn any_bits_and_lengths_are_answered(
        bits in prop::collection::vec(any::<u64>(), 0..40),
        labels in prop::collection::vec(any::<bool>(), 0..40),
        flags in prop::collection::vec(any::<bool>(), 0..40),
        window in prop::sample::select(vec![0, 1, 2, 3, 99, 1000]),
    ) {
        let scores: Vec<f64> = bits.into_iter().map(f64::from_bits).collect();
        let usable = !scores.is_empty()
            && scores.len() == labels.len()
            && scores.iter().all(|score| score.is_finite());
        let values = [
            auc_roc(&scores, &labels),
            auc_pr(&scores, &labels),
            vus(&scores, &labels, window).map(|v| v.roc),
            pate(&scores, &labels, window, window),
            best_f1(&scores, &labels).map(|(_, f1)| f1),
            ucr_hit(&scores, &labels).map(|_| 1.0),
        ];
        for value in values {
            prop_assert!(usable || value.is_none());
            prop_assert!(value.is_none_or(f64::is_finite));
        }
        let same = flags.len() == labels.len();
        prop_assert_eq!(point_adjusted(&flags, &labels).is_some(), same);
        prop_assert_eq!(false_alarms(&flags, &labels).is_some(), same);
        prop_assert_eq!(delays(&flags, &labels).is_some(), same);
        prop_assert!(same || affiliation(&flags, &labels).is_none());
        prop_assert!(same || range_recall(&flags, &labels, 0.5, Bias::Back).is_none());
        prop_assert!(concordance(&scores, &scores).is_none_or(|c| c >= 0.5));
    }
}

#[test]
fn every_figure_is_documented() {
    let document = include_str!("../../docs/guide/metrics.md");
    let figures = summary(&Scored::default(), &Rules::default());
    assert!(figures.len() > 30, "{}", figures.len());
    for figure in figures {
        let name = format!("`{}`", figure.key);
        assert!(
            document.contains(&name),
            "{name} is not in docs/guide/metrics.md"
        );
    }
}
