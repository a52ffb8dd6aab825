//! `bellwether generate`: corpora that are the same everywhere, labelled, and deceptive.

use crate::common::run;
use bellwether_sim::recording::Recording;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;

const KINDS: [&str; 4] = [
    "compute-node",
    "rotating-machine",
    "environmental-station",
    "network-device",
];

/// Bytes of the recording and of its labels.
fn generate(folder: &Path, kind: &str, arguments: &[&str]) -> (String, String) {
    let path = folder.join("x.csv");
    let output = ["generate", kind, "-o", path.to_str().unwrap()];
    let done = run(&[&output, arguments].concat(), "");
    let talk = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(0), "{kind} {arguments:?}: {talk}");
    let read = |name| fs::read_to_string(folder.join(name)).unwrap();
    (read("x.csv"), read("x.labels.csv"))
}

/// A line of the labels.
struct Label {
    rows: std::ops::RangeInclusive<usize>,
    kind: String,
    severity: Option<f64>,
}

fn labels(text: &str) -> Vec<Label> {
    let label = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        Label {
            rows: fields[0].parse().unwrap()..=fields[1].parse().unwrap(),
            kind: fields[2].to_owned(),
            severity: fields[4].parse().ok(),
        }
    };
    text.lines().skip(1).map(label).collect()
}

/// Values by column, NaN where missing, and the label of every row.
fn columns(folder: &Path) -> (Vec<Vec<f32>>, Vec<bool>) {
    let mut trace = Recording::open(folder.join("x.csv")).unwrap();
    let mut columns = vec![Vec::new(); trace.names().len()];
    let mut labels = Vec::new();
    while let Some(row) = trace.next_row().unwrap() {
        for (column, reading) in columns.iter_mut().zip(row.readings) {
            column.push(reading.usable().unwrap_or(f32::NAN));
        }
        labels.push(row.label.unwrap());
    }
    (columns, labels)
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Broken by any bit of a corpus that changes: whoever has measured something on it must be told,
/// in CHANGELOG.md under Numbers.
#[test]
fn a_seed_is_the_same_bytes_everywhere() {
    let wanted = [
        ("bbefbc7752035ccb", "f49f708aaac8d138"),
        ("a82490f21a74ebed", "332d15928c362f4a"),
        ("b5bf43b12202758c", "11f6269d66c559e7"),
        ("7a092a1100b9fea9", "27e795386b6ff099"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (kind, wanted) in KINDS.iter().zip(wanted) {
        let rows = [
            "--rows",
            "3000",
            "--missing",
            "25%",
            "--irregular",
            "--seed",
            "5",
        ];
        let (text, labels) = generate(folder.path(), kind, &rows);
        let found = (digest(&text), digest(&labels));
        assert_eq!((found.0.as_str(), found.1.as_str()), wanted, "{kind}");
    }
}

/// Broken by a fault that does nothing, a label that is elsewhere, or a window that is labelled.
#[test]
fn every_fault_is_labelled_and_felt_and_windows_are_neither() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let (text, lines) = generate(folder.path(), kind, &["--rows", "12000", "--faults", "10"]);
        assert_eq!(text.lines().count(), 12_001);
        let (columns, found) = columns(folder.path());
        let mut wanted = vec![false; 12_000];
        let (mut kinds, mut windows) = (std::collections::BTreeSet::new(), 0);
        for label in labels(&lines) {
            if label.kind == "maintenance" {
                windows += 1;
                assert!(label.severity.is_none());
                continue;
            }
            assert!(*label.rows.start() > 4800, "{kind}: healthy until then");
            let severity = label.severity.unwrap();
            assert!(
                severity > 0.02,
                "{kind}: {} is off by {severity}",
                label.kind
            );
            kinds.insert(label.kind);
            wanted[label.rows].fill(true);
        }
        assert!(found == wanted, "{kind}");
        assert!(
            kinds.len() >= 4 && windows >= 4,
            "{kind}: {kinds:?}, {windows} windows"
        );
        assert!(columns.iter().flatten().all(|x| x.is_finite()), "{kind}");
    }
}

/// Broken by maintenance that any threshold would take for normal.
#[test]
fn maintenance_looks_as_odd_as_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let (_, lines) = generate(folder.path(), kind, &["--rows", "12000"]);
        let (columns, _) = columns(folder.path());
        for window in labels(&lines)
            .iter()
            .filter(|label| label.kind == "maintenance")
        {
            let odd = columns.iter().any(|column| {
                // The largest step from row to row beyond the window's border, against usual ones.
                let mut steps: Vec<f32> = column
                    .windows(2)
                    .map(|pair| (pair[1] - pair[0]).abs())
                    .collect();
                let within = window
                    .rows
                    .clone()
                    .filter_map(|row| steps.get(row).copied());
                let largest = within.fold(0.0, f32::max);
                steps.sort_by(f32::total_cmp);
                largest > 3.0 * steps[steps.len() * 95 / 100]
            });
            assert!(odd, "{kind}: the window at {:?}", window.rows);
        }
    }
}

#[test]
fn missing_readings_and_irregular_times_are_as_asked() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let some = ["--rows", "8000", "--missing", "25%", "--irregular"];
        let (text, _) = generate(folder.path(), kind, &some);
        let (columns, _) = columns(folder.path());
        let count = columns.iter().flatten().count() as f64;
        let missing = columns.iter().flatten().filter(|x| x.is_nan()).count() as f64;
        assert!(
            (missing / count - 0.25).abs() < 0.02,
            "{kind}: {}",
            missing / count
        );
        let time = |line: &str| line.split(',').next().unwrap().parse::<i64>().unwrap();
        let times: Vec<i64> = text.lines().skip(1).map(time).collect();
        let steps: Vec<i64> = times.windows(2).map(|w| w[1] - w[0]).collect();
        assert!(steps.iter().all(|step| *step > 0), "{kind}");
        let kinds: std::collections::BTreeSet<&i64> = steps.iter().collect();
        assert!(kinds.len() > 5, "{kind}: {kinds:?}");
    }
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv");
    let path = path.to_str().unwrap();
    let cases: [(&[&str], &str); 7] = [
        (
            &["fleet", "-o", path, "--jobs", "9"],
            "1 to the number of nodes, 8",
        ),
        (
            &["fleet", "-o", path, "--nodes", "43"],
            "1 to 42, each with 12 variables",
        ),
        (
            &["network-device", "-o", path, "--nodes", "2"],
            "--nodes is for a fleet",
        ),
        (
            &["compute-node", "-o", path, "--rows", "500"],
            "4 faults need 700 rows",
        ),
        (
            &["compute-node", "-o", path, "--missing", "95%"],
            "a share from 0 to 0.9",
        ),
        (&["compute-node", "-o", "-"], "name a file"),
        (&["toaster", "-o", path], "possible values: compute-node"),
    ];
    for (arguments, reason) in cases {
        let done = run(&[&["generate"], arguments].concat(), "");
        let talk = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{arguments:?}: {talk}");
        assert!(talk.contains(reason), "{arguments:?}: {talk}");
    }
    assert!(!folder.path().join("x.csv").exists());
}

/// Broken by any bit of a fleet that changes, by a fault without a label or in two machines, by values that differ
/// before the test part, or by jobs that are not of all machines.
#[test]
fn a_fleet_has_jobs_labels_and_the_same_bytes_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let some = [
        "--nodes", "4", "--jobs", "2", "--rows", "3000", "--seed", "5",
    ];
    let more = [&some[..], &["--new-job", "--warmer", "3"]].concat();
    let (plain, lines) = generate(folder.path(), "fleet", &some);
    let (text, same) = generate(folder.path(), "fleet", &more);
    let jobs = fs::read_to_string(folder.path().join("x.jobs.csv")).unwrap();
    let found = [&text, &same, &jobs].map(|text| digest(text));
    let wanted = ["9f92baa4f455229b", "cb2240f993ff78e5", "725d3cf5b217f0b4"];
    assert_eq!(found, wanted);
    let front =
        |text: &str| -> Vec<String> { text.lines().take(1201).map(str::to_owned).collect() };
    assert!(front(&plain) == front(&text) && plain != text);
    assert_eq!(jobs.lines().count(), 3001);
    assert_eq!(
        jobs.lines().next(),
        Some("timestamp,node1,node2,node3,node4")
    );
    for line in jobs.lines().skip(1) {
        let numbers: Vec<&str> = line.split(',').skip(1).collect();
        assert!(
            numbers[0] == numbers[2] && numbers[1] == numbers[3],
            "{line}"
        );
        assert!(numbers[0] == "0" || numbers[0] != numbers[1], "{line}");
    }
    let (columns, labelled) = columns(folder.path());
    assert_eq!(columns.len(), 48);
    let mut wanted = vec![false; 3000];
    for (line, label) in same.lines().skip(1).zip(labels(&same)) {
        let channels: Vec<&str> = line.split(',').nth(3).unwrap().split('+').collect();
        let node = channels[0].split('.').next();
        assert!(
            channels.iter().all(|name| name.split('.').next() == node),
            "{line}"
        );
        assert!(*label.rows.start() >= 1200 && label.severity.is_some());
        wanted[label.rows].fill(true);
    }
    assert!(labelled == wanted && lines.lines().count() == 5);
}
