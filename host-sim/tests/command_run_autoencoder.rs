//! `bellwether run --detector autoencoder` as a shell sees it.

use crate::models::halving;
use bellwether::model::{Head, Limits, Score};
use bellwether::threshold::{ema, surprise};
use bellwether::vote::k_of_n;
use bellwether_sim::model::{Blob, BlobLayer};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bellwether"))
        .arg("run")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What is printed and said about a recording, by a model.
fn watched(blob: &Blob, recording: &str, more: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.bwm"), blob.to_bytes().unwrap()).unwrap();
    std::fs::write(folder.path().join("r.csv"), recording).unwrap();
    let fixed = ["r.csv", "--detector", "autoencoder", "--model", "m.bwm"];
    let output = run(folder.path(), &[&fixed, more].concat());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let stderr = text(output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    (text(output.stdout), stderr)
}

/// Minutes; `b` stands before `a` and another column between them. Values are halved, so the
/// errors are half of them.
const RECORDING: &str = "timestamp,b,other,a,label\n\
    1661990400,2,9,4,0\n\
    1661990460,2,9,8,1\n\
    1661990520,-10,9,8,0\n\
    1661990580,,9,,0\n\
    1661990640,2,9,70,0\n";

#[test]
fn columns_are_found_by_name_and_the_largest_errors_come_first() {
    let blob = halving(&["a", "b"], 1, 0.5);
    let (out, talk) = watched(&blob, RECORDING, &[]);
    // 8 / 2 > 3; -10 / 2 is larger still; 70 is beyond 127 steps of 0.5: it is clipped to 63.5,
    // and 127 steps halve to 64 (half up), so that 63 are left.
    let wanted = [
        r#"{"tick":1,"timestamp":1661990460,"state":"anomalous","measure":"max-absolute","score":4.0,"threshold":3.0,"reason":"max-absolute","largest":[{"variable":"a","back":0,"value":8.0,"expected":4.0,"error":4.0},{"variable":"b","back":0,"value":2.0,"expected":1.0,"error":1.0}]}"#,
        r#"{"tick":2,"timestamp":1661990520,"state":"anomalous","measure":"max-absolute","score":5.0,"threshold":3.0,"reason":"max-absolute","largest":[{"variable":"b","back":0,"value":-10.0,"expected":-5.0,"error":-5.0},{"variable":"a","back":0,"value":8.0,"expected":4.0,"error":4.0}]}"#,
        r#"{"tick":4,"timestamp":1661990640,"state":"anomalous","measure":"max-absolute","score":31.5,"threshold":3.0,"reason":"max-absolute","largest":[{"variable":"a","back":0,"value":70.0,"expected":32.0,"error":31.5},{"variable":"b","back":0,"value":2.0,"expected":1.0,"error":1.0}]}"#,
    ];
    assert_eq!(out.lines().collect::<Vec<_>>(), wanted);
    let checksum = bellwether_sim::model::blob::checksum;
    let bytes = blob.to_bytes().unwrap();
    let name = checksum(&bytes[..bytes.len() - 4]);
    // Ticks 2 and 4 are judged, labelled 0 and a minute long; tick 0 has no step before it.
    for said in [
        "detector: 3 detections; ",
        "exact rows: TP 1 FP 2 FN 0",
        "false alarms: 2 anomalous rows labelled 0: 1440.00 a day",
        "clipped: 1 of 5 rows (20.0 %): a 1\nwarning: the model says little",
        &format!(
            "5 rows: 3 anomalous, 1 blind, 0 warming up; 2 variables, windows of 1 frame, \
             model {name:08x}"
        ),
    ] {
        assert!(talk.contains(said), "{said}: {talk}");
    }
}

/// By hand: halves of 8 and 2 are 4 and 1, 17 from the centre; without `a` there is 1 left, without
/// `b` 16. Broken by a head that is refused, or by an outputs' difference that is called an error.
#[test]
fn a_distance_is_explained_by_what_each_variable_adds() {
    let mut blob = halving(&["a", "b"], 1, 0.5);
    blob.head = Head::Distance;
    blob.judging.centre = vec![0.0; 2];
    blob.saturation_limit = None;
    blob.thresholds[0].score = Score::Distance;
    blob.thresholds[0].value = 10.0;
    let (out, talk) = watched(&blob, RECORDING, &[]);
    let first = r#"{"tick":1,"timestamp":1661990460,"state":"anomalous","measure":"distance","score":17.0,"threshold":10.0,"reason":"distance","largest":[{"variable":"a","back":0,"value":8.0,"expected":0.0,"error":16.0},{"variable":"b","back":0,"value":2.0,"expected":0.0,"error":1.0}]}"#;
    assert_eq!(out.lines().next(), Some(first));
    assert_eq!(out.lines().count(), 3);
    assert!(talk.contains("5 rows: 3 anomalous, 1 blind"), "{talk}");
    // A row that is not anomalous names no variable.
    let (csv, _) = watched(&blob, RECORDING, &["--format", "csv", "--all"]);
    let normal = csv.lines().nth(1);
    assert_eq!(
        normal,
        Some("0,1661990400,normal,distance,5,10,,,,,,,,"),
        "{csv}"
    );
}

/// By hand: every value is its own mean and variances are 1, so that the score is half of the mean
/// of squared errors.
#[test]
fn a_likelihood_is_watched_like_any_reconstruction() {
    let mut blob = halving(&["a", "b"], 1, 0.5);
    let BlobLayer::Dense(layer) = &mut blob.layers[0] else {
        unreachable!("it is dense");
    };
    layer.outputs = 4;
    layer.weights.extend([0; 4]);
    layer.biases.extend([0; 2]);
    blob.head = Head::Likelihood;
    blob.judging.variances = Some((0.5, f32::INFINITY));
    blob.saturation_limit = None;
    blob.thresholds[0].score = Score::NegativeLogLikelihood;
    let (out, _) = watched(&blob, RECORDING, &[]);
    // (4² + 1²) / 2 / 2 and (4² + 5²) / 2 / 2.
    let first = r#"{"tick":1,"timestamp":1661990460,"state":"anomalous","measure":"negative-log-likelihood","score":4.25,"threshold":3.0,"reason":"negative-log-likelihood","largest":[{"variable":"a","back":0,"value":8.0,"expected":4.0,"error":4.0},{"variable":"b","back":0,"value":2.0,"expected":1.0,"error":1.0}]}"#;
    assert_eq!(out.lines().next(), Some(first));
    assert!(
        out.lines().nth(1).unwrap().contains(r#""score":10.25"#),
        "{out}"
    );
}

#[test]
fn csv_and_table_have_a_row_for_each_variable_that_is_named() {
    let blob = halving(&["a", "b"], 1, 0.5);
    let (csv, _) = watched(&blob, RECORDING, &["--format", "csv", "--all"]);
    let wanted = [
        "tick,timestamp,state,measure,score,threshold,reason,variable,back,value,expected,error,confirmed,kind",
        "0,1661990400,normal,max-absolute,2,3,,a,0,4,2,2,,",
        "0,1661990400,normal,max-absolute,2,3,,b,0,2,1,1,,",
        "1,1661990460,anomalous,max-absolute,4,3,max-absolute,a,0,8,4,4,,",
    ];
    assert_eq!(csv.lines().take(4).collect::<Vec<_>>(), wanted);
    assert!(
        csv.contains("\n3,1661990580,blind:missing,,,,missing,,,,,,,\n"),
        "{csv}"
    );
    let (table, _) = watched(&blob, RECORDING, &["--format", "table", "--all"]);
    assert_eq!(table.lines().count(), csv.lines().count());
    assert!(table.starts_with("    tick  timestamp            state "));
}

/// By hand, errors being half of the values: 4 is an excess of 2 beyond u = 2, ln 2 of c = 2, and counts
/// twice; held by a factor of 7/8 in the next row, where 1.5 has no onset. The threshold of 3 is not asked.
#[test]
fn a_model_with_limits_is_judged_by_surprise_unless_a_setting_says_otherwise() {
    let mut blob = halving(&["a"], 1, 0.5);
    blob.judging.limits = Some(Limits {
        score: Score::MaxAbsolute,
        rules: surprise::Rules::new(2.0, 2.0, 8, 1.0).unwrap(),
        rows: 400,
    });
    let recording = "timestamp,a\n0,3\n1,8\n2,3\n3,3\n4,70\n";
    let (csv, talk) = watched(&blob, recording, &["--format", "csv", "--all"]);
    let (n, a) = ("normal", "anomalous");
    assert_eq!(column(&csv, 2), [n, a, n, n, a], "{csv}");
    assert_eq!(column(&csv, 3), ["surprise"; 5]);
    assert_eq!(column(&csv, 6), ["", "surprise", "", "", "surprise"]);
    let scores: Vec<f64> = column(&csv, 4).iter().map(|x| x.parse().unwrap()).collect();
    let ln2 = std::f64::consts::LN_2;
    for (found, wanted) in scores.iter().zip([0.0, 2.0 * ln2, ln2 * 7.0 / 8.0]) {
        assert!((found - wanted).abs() < 1e-6, "{scores:?}");
    }
    let judged = "judged by the surprise of max-absolute > 1.00 (of 400 rows that were not fitted)";
    assert!(talk.contains(judged), "{talk}");

    let old = ["--format", "csv", "--all", "--set", "judge=threshold"];
    let (csv, talk) = watched(&blob, recording, &old);
    assert!(talk.contains("judged by its thresholds"), "{talk}");
    blob.judging.limits = None;
    assert_eq!(
        csv,
        watched(&blob, recording, &["--format", "csv", "--all"]).0
    );
    assert_eq!(column(&csv, 3), ["max-absolute"; 5]);
}

/// A value outside the grid is an alarm of its own, where no score is above its threshold.
#[test]
fn what_lies_outside_the_grid_is_named_as_the_reason() {
    let mut blob = halving(&["a", "b"], 1, 0.5);
    blob.thresholds[0].value = 50.0;
    let (out, _) = watched(&blob, RECORDING, &["--format", "csv"]);
    let rows: Vec<&str> = out.lines().skip(1).collect();
    assert_eq!(
        rows[0],
        "4,1661990640,anomalous,outside,1,0,outside,a,0,70,32,31.5,,"
    );
}

/// By hand, the weight being a half and errors half of the values: rows 0 and 1 are learned, then
/// the threshold is mean + 2 · mean of the last two: 6, and 9 after the 4 of row 3, which the fixed
/// threshold of 3 would flag. Two of two confirm.
#[test]
fn the_models_moving_threshold_and_k_of_n_are_followed() {
    let mut blob = halving(&["a"], 1, 0.5);
    blob.judging.moving = ema::Rules::new(1, 2, u16::MAX).ok();
    blob.judging.confirm = k_of_n::Rules::new(2, 2).ok();
    let values = [4, 4, 4, 8, 20, 20, 4];
    let rows = values.iter().enumerate().map(|(t, x)| format!("{t},{x}\n"));
    let recording = "timestamp,a\n".to_owned() + &rows.collect::<String>();
    let (csv, talk) = watched(&blob, &recording, &["--format", "csv", "--all"]);
    let (w, n, a) = ("warming", "normal", "anomalous");
    assert_eq!(column(&csv, 2), [w, w, n, n, a, a, n], "{csv}");
    assert_eq!(column(&csv, 5), ["", "", "6", "6", "9", "9", "9"], "{csv}");
    let confirmed = ["no", "no", "no", "no", "no", "yes", "no"];
    assert_eq!(column(&csv, 12), confirmed, "{csv}");
    assert!(
        talk.contains("7 rows: 2 anomalous, 0 blind, 2 warming up"),
        "{talk}"
    );
    let (json, _) = watched(&blob, &recording, &[]);
    assert_eq!(json.matches("\"confirmed\":true").count(), 1, "{json}");
}

fn column(csv: &str, index: usize) -> Vec<String> {
    let rows = csv.lines().skip(1);
    let rows = rows.map(|row| row.split(',').nth(index).unwrap().to_owned());
    rows.collect()
}

#[test]
fn a_window_moves_by_a_row_and_does_not_cross_a_gap() {
    let mut blob = halving(&["a"], 3, 0.5);
    blob.saturation_limit = None;
    // A row is missing after the fifth; the eighth comes late.
    let times = [0, 60, 120, 180, 240, 300, 360, 420, 600, 660, 720];
    let values = ["1", "2", "8", "1", "1", "", "1", "8", "1", "1", "1"];
    let rows = times
        .iter()
        .zip(values)
        .map(|(t, v)| format!("{t},{v},x\n"));
    let recording = "timestamp,a,label\n".to_owned() + &rows.collect::<String>().replace('x', "0");
    let (csv, talk) = watched(&blob, &recording, &["--format", "csv", "--all"]);
    let (w, n, a, b) = ("warming", "normal", "anomalous", "blind:missing");
    assert_eq!(column(&csv, 2), [w, w, a, a, a, b, w, w, w, w, n], "{csv}");
    // The 8 of the third row, as the window moves on: this row, one ago, two ago.
    assert_eq!(column(&csv, 8)[2..5], ["0", "1", "2"]);
    assert_eq!(column(&csv, 9)[2..5], ["8", "8", "8"]);
    assert!(talk.contains("11 rows: 3 anomalous, 1 blind, 6 warming up"));
}

#[test]
fn the_trace_has_every_variable_of_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("points.csv");
    let names = ["a", "b", "c", "d", "e"];
    let blob = halving(&names, 1, 0.5);
    let row = |k: u32| format!("{k},1,2,3,4,{k}\n");
    let recording = "timestamp,a,b,c,d,e\n".to_owned() + &(0..6).map(row).collect::<String>();
    let (out, _) = watched(&blob, &recording, &["--points", path.to_str().unwrap()]);
    assert_eq!(out, "", "nothing is above 3");
    let points = std::fs::read_to_string(path).unwrap();
    assert_eq!(column(&points, 7), names.repeat(6));
    let errors = column(&points, 11);
    assert_eq!(errors[25..], ["0.5", "1", "1.5", "2", "2.5"]);
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut blob = halving(&["a", "b"], 1, 0.5);
    std::fs::write(path("m.bwm"), blob.to_bytes().unwrap()).unwrap();
    blob.thresholds.clear();
    std::fs::write(path("bare.bwm"), blob.to_bytes().unwrap()).unwrap();
    blob.head = Head::Outputs;
    std::fs::write(path("head.bwm"), blob.to_bytes().unwrap()).unwrap();
    std::fs::write(path("r.csv"), RECORDING).unwrap();
    std::fs::write(path("lacks.csv"), "timestamp,a,c\n0,1,2\n").unwrap();
    std::fs::write(path("bad.csv"), "timestamp,a,b\n0,8,2\n1,x,2\n").unwrap();
    let model = ["--detector", "autoencoder", "--model", "m.bwm"];
    let with = |more: &[&'static str]| [&model, more].concat();
    let cases: [(Vec<&str>, &str); 10] = [
        (
            with(&["r.csv", "--set", "judge=surprise"]),
            "the model has no limits of rows that were not fitted",
        ),
        (
            with(&["lacks.csv"]),
            "lacks.csv: the model's variable `b` has no column; there are: a, c",
        ),
        (
            with(&["r.csv", "--set", "window=3"]),
            "unknown setting `window`; keys:\njudge=NAME",
        ),
        (
            vec!["r.csv", "--model", "m.bwm"],
            "--model does not apply to sentinel",
        ),
        (
            vec!["r.csv", "--detector", "autoencoder"],
            "--detector autoencoder needs its --model FILE",
        ),
        (
            vec!["r.csv", "--detector", "autoencoder", "--model", "no.bwm"],
            "no.bwm: ",
        ),
        (
            vec!["r.csv", "--detector", "autoencoder", "--model", "r.csv"],
            "r.csv: ",
        ),
        (
            vec!["r.csv", "--detector", "autoencoder", "--model", "bare.bwm"],
            "the model has no threshold to judge with",
        ),
        (
            vec!["r.csv", "--detector", "autoencoder", "--model", "head.bwm"],
            "the model's outputs have no scores",
        ),
        (
            with(&["r.csv", "--points", "r.csv"]),
            "r.csv is the recording",
        ),
    ];
    for (arguments, reason) in cases {
        let output = run(folder.path(), &arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
    // A malformed row is named after the rows before it were printed.
    let output = run(folder.path(), &with(&["bad.csv", "--strict"]));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("bad.csv: line 3: ")
    );
}

/// The recording of a real node, `None` without data.
fn node10() -> Option<PathBuf> {
    let data = std::env::var_os("BELLWETHER_DATA").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = data.join("m100/node10.csv.gz");
    if path.exists() {
        return Some(path);
    }
    let required = ["CI", "BELLWETHER_REQUIRE_DATA"];
    assert!(
        required.iter().all(|name| std::env::var_os(name).is_none()),
        "{} is absent, and data is required",
        path.display()
    );
    eprintln!("skipped: no data (m100/node10.csv.gz)");
    None
}

/// A model that halves standardised values, scaled on the first thousand rows, against its
/// equation computed here: row by row the same alarms.
#[test]
fn a_real_node_is_judged_as_the_equation_says() {
    let Some(path) = node10() else { return };
    let mut trace = bellwether_sim::recording::Recording::open(&path).unwrap();
    let names = trace.names().to_vec();
    let (mut rows, mut labels) = (Vec::new(), Vec::new());
    while let Some(row) = trace.next_row().unwrap() {
        let values = row.readings.iter().map(|r| r.usable().unwrap());
        rows.push(values.collect::<Vec<f32>>());
        labels.push(row.label.unwrap());
    }
    // Reversed: the order of columns must not matter.
    let order: Vec<usize> = (0..names.len()).rev().collect();
    let features: Vec<&str> = order.iter().map(|k| names[*k].as_str()).collect();
    let mut blob = halving(&features, 1, 0.1);
    for (scale, column) in blob.scales.iter_mut().zip(&order) {
        let first = rows.iter().take(1000).map(|row| f64::from(row[*column]));
        let mean = first.clone().sum::<f64>() / 1000.0;
        let variance = first.map(|x| (x - mean) * (x - mean)).sum::<f64>() / 1000.0;
        (scale.offset, scale.mean) = (mean as f32, mean as f32);
        scale.divisor = variance.sqrt().max(1e-3) as f32;
    }
    blob.saturation_limit = None;
    blob.thresholds[0].value = 2.5;
    let error = |row: &Vec<f32>| {
        let columns = blob.scales.iter().zip(&order);
        let steps = columns.map(|(scale, column)| {
            let scaled = (row[*column] - scale.offset) / scale.divisor;
            let q = (scaled / 0.1).round_ties_even().clamp(-128.0, 127.0);
            // Halves upwards, as rounding `single` does.
            (q - (q / 2.0 + 0.5).floor()).abs()
        });
        steps.fold(0.0, f32::max)
    };
    let wanted: Vec<usize> = (0..rows.len())
        .filter(|k| error(&rows[*k]) > 25.0)
        .collect();

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.bwm"), blob.to_bytes().unwrap()).unwrap();
    let arguments = [
        path.to_str().unwrap(),
        "--detector",
        "autoencoder",
        "--model",
        "m.bwm",
    ];
    let output = run(folder.path(), &arguments);
    let talk = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{talk}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let found = lines.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["largest"].as_array().unwrap().len(), 3);
        line["tick"].as_u64().unwrap() as usize
    });
    assert_eq!(found.collect::<Vec<_>>(), wanted);
    assert!(
        (50..rows.len() - 50).contains(&wanted.len()),
        "{} alarms tell nothing",
        wanted.len()
    );
    let false_alarms = wanted.iter().filter(|k| !labels[**k]).count();
    for said in [
        format!("FP {false_alarms} "),
        format!("{false_alarms} anomalous rows labelled 0: "),
        "84 variables".to_owned(),
    ] {
        assert!(talk.contains(&said), "{said}: {talk}");
    }
}
