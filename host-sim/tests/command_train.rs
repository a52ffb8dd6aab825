//! From a recording to a model, and many recordings to a table, as a shell sees it.

use crate::common::run;
use std::fmt::Write as _;
use std::path::Path;

/// Three variables that follow one load; in rows of `odd` the third does not.
fn recording(rows: usize, odd: std::ops::Range<usize>) -> String {
    let mut text = "timestamp,load,power,temperature,label\n".to_owned();
    for row in 0..rows {
        let load = ((row * 37) % 101) as f64 / 100.0;
        let label = odd.contains(&row);
        // More than the steps of 8 bits: else a threshold would be 0.
        let noise = ((row * 53) % 17) as f64 / 8.0;
        let temperature = if label {
            90.0
        } else {
            40.0 + 20.0 * load + noise
        };
        let _ = writeln!(
            text,
            "{},{load},{},{temperature},{}",
            row * 300,
            50.0 + 100.0 * load,
            u8::from(label)
        );
    }
    text
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    std::fs::write(folder.join(name), text).unwrap();
    path(folder, name)
}

/// Broken by any step that loses the rows' order or the thresholds: a model trained on healthy rows
/// flags the odd ones, names the variable, and is the same file every time.
#[test]
fn a_recording_becomes_a_model_that_finds_what_is_odd() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let trace = write(folder, "node.csv", &recording(800, 700..720));
    let (model, again) = (path(folder, "node.bwm"), path(folder, "again.bwm"));
    let plot = path(folder, "loss.html");
    let fast = ["--epochs", "60", "--train-fraction", "0.75"];
    let train = |model: &str, more: &[&str]| {
        let first = ["model", "train", &trace, "-o", model];
        run(&[&first[..], &fast, more].concat(), "")
    };
    let output = train(&model, &["--plot", &plot]);
    let (stdout, stderr) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(
        stderr.contains("3 of 3 columns; 480 rows fit, 120 calibrate"),
        "{stderr}"
    );
    let fixed =
        "surprise of max-absolute > 2.00 (fixed: 120 rows that were not fitted are fewer than 300)";
    assert!(stderr.contains(fixed), "{stderr}");
    assert!(stdout.contains("test: 200 rows, 20 anomalous"), "{stdout}");
    for method in ["f32, max", "integers, mean", "|z|, max", "PCA-8, mean"] {
        assert!(stdout.contains(method), "{method}: {stdout}");
    }
    assert!(std::fs::read_to_string(&plot).unwrap().contains("<svg"));
    train(&again, &[]);
    assert_eq!(
        std::fs::read(&model).unwrap(),
        std::fs::read(&again).unwrap()
    );
    train(&again, &["--seed", "2"]);
    assert_ne!(
        std::fs::read(&model).unwrap(),
        std::fs::read(&again).unwrap()
    );

    let run = run(
        &[
            "run",
            &trace,
            "--detector",
            "autoencoder",
            "--model",
            &model,
            "--format",
            "csv",
        ],
        "",
    );
    let lines = String::from_utf8(run.stdout).unwrap();
    let stderr = String::from_utf8(run.stderr).unwrap();
    assert!(
        stderr.contains("2 of 2 events hit") || stderr.contains("1 of 1 events hit"),
        "{stderr}"
    );
    let odd = lines.lines().filter(|line| line.contains("temperature"));
    assert!(odd.count() >= 15, "{lines}");
}

/// Broken by a command that knows one layout only: training, calibration and run agree on what a
/// recording of another origin says.
#[test]
fn recordings_of_other_layouts_train_and_calibrate() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let wide = recording(600, 0..0);
    let trace = write(folder, "node.csv", &wide);
    let lines = wide.lines().skip(1).map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let seconds: u32 = fields[0].parse().unwrap();
        let time = format!(
            "2020-03-{:02} {:02}:{:02}:00",
            9 + seconds / 86_400,
            seconds / 3600 % 24,
            seconds / 60 % 60
        );
        format!("{time};{};0.0;0.0\n", fields[1..4].join(";"))
    });
    let skab = "datetime;load;power;temperature;anomaly;changepoint\n".to_owned()
        + &lines.collect::<String>();
    let skab = write(folder, "valve.csv", &skab);
    let model = |name: &str, arguments: &[&str]| {
        let output = path(folder, name);
        let first = ["model", arguments[0], arguments[1], "-o", &output];
        let answer = run(&[&first[..], &arguments[2..]].concat(), "");
        let stderr = String::from_utf8(answer.stderr).unwrap();
        assert_eq!(answer.status.code(), Some(0), "{stderr}");
        output
    };
    let fast = ["--preset", "narrow", "--epochs", "5"];
    let a = model("a.bwm", &[&["train", &trace][..], &fast].concat());
    let skabbed = ["train", &skab, "--layout", "skab"];
    let b = model("b.bwm", &[&skabbed[..], &fast].concat());
    let weights = |model: &str| {
        let output = run(&["model", "run", model, "--input", &trace, "--sha256"], "");
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(weights(&a), weights(&b));
    let c = model("c.bwm", &["calibrate", &a, "--input", &trace]);
    let skabbed = ["calibrate", &a, "--input", &skab, "--layout", "skab"];
    let d = model("d.bwm", &skabbed);
    assert_eq!(std::fs::read(c).unwrap(), std::fs::read(d).unwrap());
}

/// Broken by an argument that does not reach the integers.
#[test]
fn values_are_of_eight_or_sixteen_bits() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let trace = write(folder, "node.csv", &recording(400, 0..0));
    let model = path(folder, "m.bwm");
    for (arguments, bits) in [(&[][..], 8), (&["--values", "16"], 16)] {
        let train = ["model", "train", &trace, "-o", &model, "--epochs", "2"];
        let train = [&train[..], &["--preset", "sparse"]].concat();
        let output = run(&[&train[..], arguments].concat(), "");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let shown = run(&["model", "inspect", &model, "--json"], "").stdout;
        let shown: serde_json::Value = serde_json::from_slice(&shown).unwrap();
        assert_eq!(shown["input"]["bits"], bits);
        assert_eq!(shown["layers"][1]["output"]["bits"], bits, "{shown}");
    }
}

/// Broken by thresholds from other rows than those given, or from anomalous ones.
#[test]
fn thresholds_are_a_quantile_of_later_healthy_rows() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let trace = write(folder, "node.csv", &recording(400, 0..0));
    let later = write(folder, "later.csv", &recording(500, 0..0));
    let odd = write(folder, "odd.csv", &recording(500, 4..5));
    let (model, calibrated) = (path(folder, "m.bwm"), path(folder, "c.bwm"));
    run(
        &["model", "train", &trace, "-o", &model, "--epochs", "2"],
        "",
    );
    let calibrate = |input: &str| {
        run(
            &[
                "model",
                "calibrate",
                &model,
                "--input",
                input,
                "-o",
                &calibrated,
                "--quantile",
                "0.9",
            ],
            "",
        )
    };
    let refused = calibrate(&odd);
    assert_eq!(refused.status.code(), Some(2));
    let reason = String::from_utf8(refused.stderr).unwrap();
    assert!(
        reason.contains("odd.csv: 1 rows are labelled anomalous"),
        "{reason}"
    );
    assert_eq!(calibrate(&later).status.code(), Some(0));
    let shown = run(&["model", "inspect", &calibrated], "");
    let shown = String::from_utf8(shown.stdout).unwrap();
    assert_eq!(
        shown.matches("(quantile 0.9 of 500 rows)").count(),
        2,
        "{shown}"
    );
    let limits = "(of 500 rows that were not fitted)";
    assert!(shown.contains(limits), "{shown}");
}

/// Broken by a limit of ensembles that keeps wide recordings from training: 166 variables are what
/// a node of D.A.V.I.D.E. has. An ensemble refuses them by itself.
#[test]
fn a_recording_may_be_wider_than_an_ensemble() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let names: Vec<String> = (0..166).map(|k| format!("v{k}")).collect();
    let mut text = format!("timestamp,{}\n", names.join(","));
    for row in 0..200 {
        let values = (0..166).map(|k| ((row * (k % 16 + 1)) % 17).to_string());
        let values: Vec<String> = values.collect();
        let _ = writeln!(text, "{row},{}", values.join(","));
    }
    let trace = write(folder, "wide.csv", &text);
    let model = path(folder, "m.bwm");
    let output = run(
        &[
            "model", "train", &trace, "-o", &model, "--epochs", "1", "--preset", "narrow",
        ],
        "",
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.contains("166 of 166 columns"), "{stderr}");
    let judged = [
        "run",
        &trace,
        "--detector",
        "autoencoder",
        "--model",
        &model,
    ];
    assert_eq!(run(&judged, "").status.code(), Some(0));
    // RoLA takes so many too.
    let watched = run(&["run", &trace, "--detector", "rola"], "");
    let log = String::from_utf8(watched.stderr).unwrap();
    assert_eq!(watched.status.code(), Some(0), "{log}");
    assert!(log.contains("166 variables"), "{log}");
}

/// Broken by columns of the test recording that are found by their place.
#[test]
fn a_test_recording_may_have_its_columns_in_another_order() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let trace = write(folder, "node.csv", &recording(400, 0..0));
    let later = recording(400, 300..320);
    let turned = later.lines().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        let note = if line.starts_with('t') { "host" } else { "n1" };
        let [time, load, power, temperature, label] = fields[..] else {
            panic!("{line}");
        };
        format!("{time},{temperature},{note},{load},{power},{label}\n")
    });
    let turned: String = turned.collect();
    let out = path(folder, "m.bwm");
    let test = |name: &str, text: &str| {
        let later = write(folder, name, text);
        let fixed = ["model", "train", &trace, "-o", &out, "--epochs", "5"];
        run(&[&fixed[..], &["--test", &later]].concat(), "")
    };
    let (straight, turned) = (test("later.csv", &later), test("turned.csv", &turned));
    let printed = String::from_utf8(straight.stdout).unwrap();
    assert!(printed.contains("400 rows, 20 anomalous"), "{printed}");
    assert_eq!(printed, String::from_utf8(turned.stdout).unwrap());
    let lacking = test("lacking.csv", "timestamp,load,power,label\n1,2,3,0\n");
    let said = String::from_utf8(lacking.stderr).unwrap();
    let reason = "lacking.csv: variable `temperature` has no column; there are: load, power";
    assert!(said.contains(reason), "{said}");
    assert_eq!(lacking.status.code(), Some(2));
}

#[test]
fn wrong_use_of_train_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let trace = write(folder, "node.csv", &recording(400, 0..0));
    let other = write(folder, "other.csv", "timestamp,x\n1,2\n");
    let constant = write(folder, "constant.csv", "timestamp,x\n1,2\n2,2\n3,2\n");
    let out = path(folder, "m.bwm");
    let cases: [(&[&str], &str); 4] = [
        (&[&trace, &other], "other.csv: other columns than"),
        (
            &[&constant],
            "no column is there in 0.95 of the 2 rows that fit, and varies",
        ),
        (
            &[&trace, "--train-fraction", "1.5"],
            "a number above 0, at most 1",
        ),
        (&["missing.csv"], "missing.csv"),
    ];
    for (arguments, reason) in cases {
        let output = run(
            &[&["model", "train", "-o", &out][..], arguments].concat(),
            "",
        );
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(reason), "{reason}: {stderr}");
    }
    assert!(!Path::new(&out).exists());
}

#[test]
fn wrong_use_of_survey_is_exit_code_2_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = folder.path().join("rack");
    std::fs::create_dir(&nodes).unwrap();
    let place = nodes.display().to_string();
    let cases: [(&[&str], &str); 4] = [
        (&[&place], "rack: no recordings"),
        (&[&place, "--quantile", "2"], "a number above 0, at most 1"),
        (
            &[&place, "--train-fraction", "n2=5"],
            "a number above 0, at most 1",
        ),
        (
            &[&place, "--period", "n2=-1"],
            "a number above 0, or TEXT=NUMBER",
        ),
    ];
    for (arguments, reason) in cases {
        let output = run(&[&["model", "survey"], arguments].concat(), "");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(reason), "{reason}: {stderr}");
    }
}

/// Broken by nodes that are mixed up, or a table without one of the methods.
#[test]
fn a_survey_has_every_node_and_method() {
    let folder = tempfile::tempdir().unwrap();
    let nodes = folder.path().join("rack");
    std::fs::create_dir(&nodes).unwrap();
    for (node, odd) in [("n2", 260..280), ("n10", 210..240)] {
        write(&nodes, &format!("{node}.csv"), &recording(400, odd));
    }
    let table = path(folder.path(), "nodes.md");
    let output = run(
        &[
            "model",
            "survey",
            nodes.to_str().unwrap(),
            "--epochs",
            "20",
            "--output",
            &table,
        ],
        "",
    );
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let table = std::fs::read_to_string(table).unwrap();
    let places = ["| rack/n2 | 3 | 200 | 20 |", "| rack/n10 | 3 | 200 | 30 |"].map(|line| {
        table
            .find(line)
            .unwrap_or_else(|| panic!("{line}\n{table}"))
    });
    assert!(places[0] < places[1]);
    for method in ["f32, max", "int8/16, mean", "int8/16 + PCA-8, both"] {
        assert_eq!(
            table.matches(&format!("| {method} |")).count(),
            3,
            "{method}: {table}"
        );
    }
}
