//! `bellwether score`: figures of a file, and what it says of a bad one.

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::Output;

fn score(args: &[&str], input: &str) -> Output {
    crate::common::run(&[&["score"], args].concat(), input)
}

fn object(args: &[&str], input: &str) -> Value {
    let output = score(args, input);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{talk}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// An event of rows 20 to 23, found a row late; a false alarm in row 60, a blind row 61.
fn series() -> String {
    let mut text = "timestamp,score,label\n".to_owned();
    for row in 0..100 {
        let score = match row {
            21..=23 => "3",
            60 => "2",
            61 => "",
            _ => "0.5",
        };
        let label = u8::from((20..=23).contains(&row));
        text.push_str(&format!("{row},{score},{label}\n"));
    }
    text
}

#[test]
fn figures_are_those_counted_by_hand() {
    let found = object(
        &["-", "--json", "--threshold", "2", "--interval", "864"],
        &series(),
    );
    for (key, expected) in [
        ("rows", json!(100)),
        ("labelled_rows", json!(4)),
        ("events", json!(1)),
        ("blind_rows", json!(1)),
        ("window", json!(10)),
        ("threshold", json!(2.0)),
        ("precision", json!(0.75)),
        ("recall", json!(0.75)),
        ("f1", json!(0.75)),
        ("point_adjusted_f1", json!(2.0 * 0.8 / 1.8)),
        ("events_hit", json!(1)),
        ("stray_detections", json!(1)),
        ("event_precision", json!(0.5)),
        ("event_recall", json!(1.0)),
        ("range_precision", json!(0.5)),
        ("range_recall", json!(0.2 + 0.8 * 0.75)),
        ("false_alarms", json!(1)),
        ("false_alarms_per_day", json!(1.0)),
        ("delay_rows", json!(1.0)),
        ("ucr_hit", json!(true)),
        ("concordance", Value::Null),
        // Three of four rows at once, the last among the 95 rows of score 0.5.
        ("auc_pr", json!(0.75 + 0.25 * 4.0 / 99.0)),
    ] {
        assert_eq!(found[key], expected, "{key}");
    }
}

#[test]
fn the_best_threshold_is_taken_where_none_is_given_and_skipped_rows_do_not_count() {
    let found = object(&["-", "--json"], &series());
    assert_eq!(found["threshold"], json!(3.0));
    assert_eq!(found["f1"], json!(2.0 * 0.75 / 1.75));
    let late = object(&["-", "--json", "--skip", "62"], &series());
    assert_eq!(
        (&late["rows"], &late["blind_rows"]),
        (&json!(38), &json!(0))
    );
    assert_eq!(
        (&late["auc_roc"], &late["f1"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn severities_are_compared_with_scores() {
    let text = "score,label,severity\n1,0,\n2,1,10\n4,1,30\n3,1,20\n3.5,1,40\n";
    let found = object(&["-", "--json"], text);
    assert_eq!(found["concordance"], json!(5.0 / 6.0));
}

#[test]
fn gzip_is_read_and_a_table_says_what_figures_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.csv.gz");
    let mut file = GzEncoder::new(std::fs::File::create(&path).unwrap(), Compression::fast());
    file.write_all(series().as_bytes()).unwrap();
    file.finish().unwrap();
    let output = score(&[path.to_str().unwrap()], "");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.lines().any(|line| line.starts_with("vus_pr ")),
        "{text}"
    );
    let adjusted = text
        .lines()
        .find(|line| line.starts_with("point_adjusted_f1"))
        .unwrap();
    assert!(
        adjusted.contains("point adjustment rates chance highly"),
        "{adjusted}"
    );
}

#[test]
fn what_is_wrong_is_named() {
    let absent = Path::new("absent.csv").to_str().unwrap();
    for (args, input, expected) in [
        (
            &["-"][..],
            "score,label\n1,0\n1,2\n",
            "<stdin>: line 3: label: `2` is neither 0 nor 1",
        ),
        (&[absent], "", "absent.csv: "),
        (
            &["-", "--skip", "2"],
            "score,label\n1,0\n1,1\n",
            "--skip 2: - has only 2 rows",
        ),
        (
            &["-", "--interval", "0"],
            "",
            "--interval: not a positive number of seconds",
        ),
        (
            &["-", "--threshold", "nan"],
            "",
            "--threshold: not a finite number",
        ),
        (
            &["-", "--window", "2001"],
            "",
            "--window: at most 2000 rows",
        ),
    ] {
        let output = score(args, input);
        let talk = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{talk}");
        assert!(talk.contains(expected), "{talk}");
        assert!(output.stdout.is_empty());
    }
}
