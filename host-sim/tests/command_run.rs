//! `bellwether run` and others as a shell sees them: exit codes, streams, pipes.

use crate::common::{bellwether, run};
use std::io::Write;

fn rows(count: u32) -> String {
    let row = |k| format!("{k},{},{}\n", k % 7, (k * k) % 11);
    "timestamp,a,b\n".to_owned() + &(0..count).map(row).collect::<String>()
}

#[test]
fn every_frame_is_one_line_on_stdout_and_talk_is_on_stderr() {
    let output = run(&["run", "-", "--all", "--detector", "rola"], &rows(50));
    assert_eq!(output.status.code(), Some(0));
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.lines().count(), 50);
    assert!(
        stdout.starts_with(r#"{"tick":0,"timestamp":0,"flagged":[],"#),
        "{stdout}"
    );
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("50 rows: 0 anomalous, 0 blind, 7 warming up; 2 variables, ")
    );
}

#[test]
fn wrong_use_is_exit_code_2_with_a_reason() {
    let cases: [(&[&str], &str); 6] = [
        (&["run", "no-such-file.csv"], "no-such-file.csv"),
        (
            &["run", "-", "--set", "windows=3"],
            "unknown setting `windows`; keys:\npromise=X",
        ),
        (&["run", "-", "--set", "promise=0"], "promise"),
        (
            &["run", "-", "--detector", "rola", "--set", "window=0"],
            "window must be 1 to",
        ),
        (
            &["run", "-", "--detector", "rola", "--set", "floor.c=1"],
            "there are: a, b",
        ),
        (&["run", "-", "--format", "xml"], "invalid value"),
    ];
    for (arguments, reason) in cases {
        let output = run(arguments, &rows(3));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {stderr}");
        assert!(stderr.contains(reason), "{arguments:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

/// Broken if a slip of the pen costs somebody a recording.
#[test]
fn a_recording_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("r.csv");
    std::fs::write(&path, rows(9)).unwrap();
    let name = path.to_str().unwrap();
    for arguments in [
        ["run", name, "--points", name],
        ["report", name, "--output", name],
        ["run", name, "--points", "-"],
    ] {
        assert_eq!(run(&arguments, "").status.code(), Some(2), "{arguments:?}");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), rows(9));
}

#[test]
fn an_odd_field_is_named_and_refused_only_where_that_is_wanted() {
    let text = "timestamp,a\n1,2\n2,3\n3,x\n4,5\n";
    let output = run(&["run", "-", "--all"], text);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let said = "a: 1 field of no number, taken for missing (first in line 4: `x`)";
    assert!(stderr.contains(said), "{stderr}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 4);
    let output = run(&["run", "-", "--all", "--strict"], text);
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("<stdin>: line 4: column 2 (a): `x` is not a number"),
        "{stderr}"
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
}

#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    for format in ["jsonl", "csv", "table"] {
        let mut child = bellwether(&["run", "-", "--all", "--format", format])
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let _ = child.stdin.take().unwrap().write_all(rows(3000).as_bytes());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), stderr.as_str()),
            (Some(0), ""),
            "{format}"
        );
    }
}

#[test]
fn help_shows_a_worked_example() {
    for command in ["run", "report", "demo"] {
        let help = String::from_utf8(run(&[command, "--help"], "").stdout).unwrap();
        assert!(
            help.contains(&format!("Example: bellwether {command} ")),
            "{help}"
        );
    }
}

/// Broken by a recording that is opened twice: the second reader of a pipe takes rows from the first.
#[cfg(target_os = "linux")]
#[test]
fn a_pipe_with_a_path_loses_no_row() {
    let output = run(&["run", "/dev/stdin"], &rows(1_500));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("1,500 rows: "), "{stderr}");
    assert!(stderr.contains("1,000 warming up"), "{stderr}");
    assert!(!stderr.contains("are learned from"), "{stderr}");
}

/// Broken by a file of few rows that is learned from as a whole.
#[test]
fn a_quarter_of_few_rows_is_learned_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("few.csv");
    std::fs::write(&path, rows(400)).unwrap();
    let output = run(&["run", path.to_str().unwrap()], "");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("the first 100 rows are learned from (--set learn=N)"),
        "{stderr}"
    );
    assert!(stderr.contains("100 warming up"), "{stderr}");
}

/// A slow swing of four sensors with a step of all of them for 20 rows at row 300; `b` is silent for 40 rows
/// from row 200 on if `silent`.
fn swing(silent: bool) -> String {
    let mut text = "timestamp,a,b,c,d\n".to_owned();
    for k in 0..400_u32 {
        let t = f64::from(k);
        let step = if (300..320).contains(&k) { 15.0 } else { 0.0 };
        text += &(60 * k).to_string();
        for (j, base) in [45.0, 46.0, 47.0, 48.0].into_iter().enumerate() {
            let noise = f64::from((k * (7 + 4 * j as u32)) % 13) / 65.0;
            let value = base + 3.0 * (t / 20.0).sin() + noise + step;
            let gone = silent && j == 1 && (200..240).contains(&k);
            text += &if gone {
                ",".to_owned()
            } else {
                format!(",{value:.2}")
            };
        }
        text.push('\n');
    }
    text
}

/// Broken if the default detector learns the step of a slow swing, or needs its end.
#[test]
fn the_default_detector_finds_a_step_on_a_slow_swing_at_its_onset() {
    // Of a file a quarter of the rows is learned from; a stream has no end yet.
    let output = run(&["run", "-", "--set", "learn=100"], &swing(false));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let first = stdout.lines().next().unwrap_or_default();
    assert!(first.starts_with("{\"tick\":300,"), "{first}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("critical  18000"), "{stderr}");
}

/// Broken if a lane that cannot flag anything is passed over in silence.
#[test]
fn a_lane_with_a_threshold_beyond_its_range_is_named_once() {
    let output = run(&["run", "-", "--detector", "rola"], &swing(false));
    let stderr = String::from_utf8(output.stderr).unwrap();
    let said = stderr
        .matches("the threshold exceeds the whole range of its values")
        .count();
    assert!((1..=4).contains(&said), "{stderr}");
    let folder = tempfile::tempdir().unwrap();
    let (input, page) = (folder.path().join("s.csv"), folder.path().join("s.html"));
    std::fs::write(&input, swing(false)).unwrap();
    let done = bellwether(&["report", "--detector", "rola", "--output"])
        .args([&page, &input])
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    let page = std::fs::read_to_string(page).unwrap();
    assert_eq!(
        page.matches("the threshold exceeds the whole range")
            .count(),
        said
    );
}

/// Broken if a sensor that falls silent, or comes back, is no event.
#[test]
fn silence_and_return_are_rows_of_their_own() {
    let lines = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let output = run(arguments, &swing(true));
        let stdout = String::from_utf8(output.stdout).unwrap();
        stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    let told = lines(&["run", "-", "--health"]);
    let silent = told
        .iter()
        .find(|line| line["health"][0]["symptom"] == "missing")
        .expect("no row says that a sensor is silent");
    assert_eq!(silent["health"][0]["variable"], "b");
    let tick = silent["tick"].as_u64().unwrap();
    assert!((200..220).contains(&tick), "{silent}");
    let back = told
        .iter()
        .find(|line| line["back"][0]["symptom"] == "missing");
    let back = back.expect("no row says that a sensor is back");
    assert_eq!(back["back"][0]["variable"], "b");
    let tick = back["tick"].as_u64().unwrap();
    assert!((240..260).contains(&tick), "{back}");
    let usual = lines(&["run", "-"]);
    assert!(usual.len() < told.len());
    assert!(usual.iter().all(|line| line.get("back").is_none()));
}

/// Broken if runs are not told apart, or a departure is placed elsewhere: of twelve runs of a ramp, the tenth lacks its
/// upper half from row 25 of it on.
#[test]
fn a_run_that_leaves_the_golden_one_is_named() {
    let row = |t: u32| {
        let (at, noise) = (t % 40, f64::from(t * 37 % 11) / 10.0);
        let pressure = if t / 40 == 9 { at.min(25) } else { at };
        format!("{t},{},{}\n", f64::from(pressure) + noise, 300.0 + noise)
    };
    let text = "timestamp,pressure,flow\n".to_owned() + &(0..480).map(row).collect::<String>();
    let settings = |begin: &[&'static str]| {
        let all = ["run", "-", "--detector", "golden"].iter().chain(begin);
        all.copied().collect::<Vec<&str>>()
    };
    for begin in [
        &["--set", "every=40"][..],
        &["--set", "column=pressure", "--set", "level=3"],
    ] {
        let output = run(&settings(begin), &text);
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        let ticks = stdout.lines().filter_map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).ok()?;
            line["tick"].as_u64()
        });
        let ticks: Vec<u64> = ticks.collect();
        assert!(
            ticks.iter().all(|tick| (386..402).contains(tick)),
            "{begin:?}: {ticks:?}"
        );
        assert!(ticks.len() > 5, "{begin:?}: {ticks:?}");
        assert!(
            stderr.contains("a golden run of 40 rows from 5 runs"),
            "{stderr}"
        );
        assert!(stderr.contains("; 1 run left it: row 3"), "{stderr}");
        assert!(stderr.contains(" of the golden run (pressure)"), "{stderr}");
    }
    for (wrong, reason) in [
        ("level=3", "expected column=NAME and level=X together"),
        (
            "column=presure",
            "expected column=NAME and level=X together",
        ),
        ("every=3", "every must be 4 to 4096, found 3"),
        ("runs=256", "runs must be 1 to 255"),
    ] {
        let output = run(&settings(&["--set", wrong]), &text);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(stderr.contains(reason), "{stderr}");
    }
}
