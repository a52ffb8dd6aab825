//! `bellwether watch` without a terminal: what it prints, refuses and records.

use crate::common::{bellwether, run};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;

/// Short frames, so that a recording of minutes is enough to learn from.
const CONFIG: &str = "[judge]\nframe_s = 1\nlearn = 60\nwatch_learn = 60\ndwell = 5\n";

fn watch(folder: &Path, args: &[&str]) -> Output {
    let mut command = bellwether(&[&["watch"], args].concat());
    let child = command.current_dir(folder).spawn().unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> (String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

/// A machine of which the fan stops in row 200.
fn recording() -> String {
    let mut csv = "timestamp,load,temp,fan\n".to_owned();
    for row in 0..260_u32 {
        let load = f64::from(row % 20) / 20.0;
        let noise = f64::from(row.wrapping_mul(2_654_435_761) >> 16) / 65_536.0;
        let fan = if row < 200 {
            3000.0 + 900.0 * load + 40.0 * noise
        } else {
            0.0
        };
        let temp = 40.0 + 10.0 * load + noise;
        writeln!(
            csv,
            "2026-03-01T12:{:02}:{:02}Z,{load},{temp},{fan}",
            row / 60,
            row % 60
        )
        .unwrap();
    }
    csv
}

/// Broken if a replay is not judged, or times of the recording do not reach the judgement.
#[test]
fn a_recording_is_judged_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("node.csv"), recording()).unwrap();
    std::fs::write(folder.path().join("agent.toml"), CONFIG).unwrap();
    let args = ["--once", "--config", "agent.toml", "--replay", "node.csv"];
    let output = watch(folder.path(), &args);
    let (out, talk) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{talk}");
    assert!(out.starts_with("node: no job, anomaly ratio "), "{out}");
    let fan = out.lines().find(|line| line.starts_with("fan: 0"));
    assert!(fan.is_some_and(|line| !line.ends_with("normal")), "{out}");
    let event = out.lines().find(|line| line.starts_with("event "));
    let event = event.unwrap_or_else(|| panic!("{out}"));
    assert!(event.contains("fan"), "{event}");
    // It began at row 200 of 259, a second each.
    assert!(
        ["s ago", "0m ago"].iter().any(|age| event.contains(age)),
        "{event}"
    );
}

/// Broken if a recording of this machine is none for the other commands, or overwrites an old one.
#[test]
fn this_machine_is_printed_and_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let args = ["--once", "--record", "here.csv"];
    let output = watch(folder.path(), &args);
    let (out, talk) = said(&output);
    assert_eq!(output.status.code(), Some(0), "{talk}");
    assert!(out.contains("proc/loadavg/load1: "), "{out}");
    let path = folder.path().join("here.csv");
    let recorded = std::fs::read_to_string(&path).unwrap();
    assert_eq!(recorded.lines().count(), 3, "a header and two samples");
    let names = recorded.lines().next().unwrap();
    assert!(
        names.starts_with("timestamp,") && names.contains("proc/loadavg/load1"),
        "{names}"
    );
    let detector = [
        "run",
        "--detector",
        "sigma",
        "--all",
        path.to_str().unwrap(),
    ];
    let read = run(&detector, "");
    assert_eq!(read.status.code(), Some(0), "{}", said(&read).1);
    let again = watch(folder.path(), &args);
    assert_eq!(again.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), recorded);
}

#[test]
fn wrong_use_is_told_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).unwrap();
    write("wrong.toml", b"[judge]\nfrane_s = 1\n");
    write("range.toml", b"[judge]\nlearn = 1\n");
    write("bytes.toml", &[0xff, 0xfe, 0]);
    write("empty.csv", b"");
    for (args, part) in [
        (vec!["--once", "--config", "wrong.toml"], "frane_s"),
        (vec!["--once", "--config", "range.toml"], "learn"),
        (vec!["--once", "--config", "bytes.toml"], "bytes.toml"),
        (vec!["--once", "--config", "absent.toml"], "absent.toml"),
        (vec!["--once", "--replay", "empty.csv"], "empty.csv"),
        (vec!["--replay", "empty.csv", "--speed", "nan"], "--speed"),
        (vec![], "no terminal"),
    ] {
        let output = watch(folder.path(), &args);
        let (out, talk) = said(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {talk}");
        assert!(
            talk.contains(part) && out.is_empty(),
            "{args:?}: {talk}{out}"
        );
    }
}
