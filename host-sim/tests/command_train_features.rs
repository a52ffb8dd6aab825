//! `model train --features`: bursts of samples, recorded in the model and applied by every command.

use crate::command_train_faults::trained;
use crate::common::run;
use bellwether_sim::random::Random;
use std::fmt::Write as _;
use std::path::Path;

/// Samples of two axes at 100 a second, where every 400 a pause begins; from sample `worn` on, another tone.
fn vibration(samples: usize, seed: u64, worn: usize) -> String {
    let mut random = Random::new(seed);
    let mut text = "timestamp,x,y,label\n".to_owned();
    for n in 0..samples {
        let t = 0.01 * n as f64;
        let tone = if n >= worn {
            0.4 * (200.0 * t).sin()
        } else {
            0.0
        };
        let x = (30.0 * t).sin() + tone + 0.1 * random.noise();
        let y = 0.5 * (70.0 * t).sin() + 0.1 * random.noise();
        let time = 10 * n + 1000 * (n / 400);
        let _ = writeln!(text, "{time},{x:.4},{y:.4},{}", u8::from(n >= worn));
    }
    text
}

fn said(arguments: &[&str], input: &str) -> (String, String) {
    let output = run(arguments, input);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    (String::from_utf8(output.stdout).unwrap(), said)
}

fn with_features(folder: &Path) -> String {
    let healthy = vibration(40_000, 1, usize::MAX);
    let more = ["--features", "burst:64,56", "--epochs", "20"];
    let (log, model) = trained(folder, "fronted", &healthy, &more);
    assert!(
        log.contains("front end: bursts of 64 samples, 56 apart"),
        "{log}"
    );
    // In 400 samples between two pauses: 7 bursts.
    assert!(
        log.contains("40,000 samples, 700 bursts of 64 each, begun anew at 99 gaps"),
        "{log}"
    );
    model
}

/// Broken by a command that judges samples with a model of features, or by bursts across a pause.
#[test]
fn every_command_applies_the_front_end_of_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let model = with_features(folder.path());
    let (card, _) = said(&["model", "inspect", &model], "");
    assert!(
        card.contains("front end: bursts of 64 samples of 2 signals, 56 apart"),
        "{card}"
    );
    assert!(card.contains("variable: x.kurtosis"), "{card}");
    let (card, _) = said(&["model", "inspect", &model, "--json"], "");
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    assert_eq!(card["front_end"]["hop"], 56);

    let worn = vibration(8000, 2, 4000);
    let arguments = [
        "run",
        "-",
        "--detector",
        "autoencoder",
        "--model",
        &model,
        "--all",
    ];
    let (lines, log) = said(&arguments, &worn);
    let lines = lines.lines().map(serde_json::from_str::<serde_json::Value>);
    let lines: Vec<_> = lines.map(Result::unwrap).collect();
    assert_eq!(lines.len(), 140, "{log}");
    assert_eq!(lines[7]["timestamp"], 10 * 463 + 1000);
    let anomalous = |lines: &[serde_json::Value]| {
        let all = lines.iter().filter(|line| line["state"] == "anomalous");
        all.count()
    };
    assert_eq!(anomalous(&lines[70..]), 70);
    assert!(anomalous(&lines[..70]) <= 7, "{}", anomalous(&lines[..70]));

    // Calibrated again, and run over a file and over raw samples: the same windows.
    let later = folder.path().join("later.csv");
    std::fs::write(&later, vibration(4000, 3, usize::MAX)).unwrap();
    let later = later.to_str().unwrap();
    let again = folder.path().join("again.bwm").display().to_string();
    said(
        &["model", "calibrate", &model, "--input", later, "-o", &again],
        "",
    );
    let (card, _) = said(&["model", "inspect", &again], "");
    assert!(card.contains("front end: bursts of 64"), "{card}");
    let (scores, _) = said(&["model", "run", &again, "--input", later], "");
    assert_eq!(scores.lines().count(), 1 + 70);

    let pause_free = folder.path().join("short.csv");
    let text: String = vibration(400, 3, usize::MAX);
    std::fs::write(&pause_free, &text).unwrap();
    let mut raw = Vec::new();
    for line in text.lines().skip(1) {
        for field in line.split(',').skip(1).take(2) {
            raw.extend(field.parse::<f32>().unwrap().to_le_bytes());
        }
    }
    let frames = folder.path().join("short.f32");
    std::fs::write(&frames, raw).unwrap();
    let of = |path: &Path| {
        said(
            &["model", "run", &again, "--input", path.to_str().unwrap()],
            "",
        )
        .0
    };
    assert_eq!(of(&pause_free), of(&frames));
}

/// Broken by a section whose fields are not checked, or that a checksum alone guards.
#[test]
fn tampered_front_ends_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = with_features(folder.path());
    let bytes = std::fs::read(&path).unwrap();
    let refused = |bytes: &[u8]| {
        let bad = folder.path().join("bad.bwm");
        std::fs::write(&bad, bytes).unwrap();
        let output = run(&["model", "inspect", bad.to_str().unwrap()], "");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let mut flagless = bytes.clone();
    flagless[89] = 2;
    assert!(refused(&flagless).contains("checksum"));
    let end = bytes.len() - 4;
    let sum = bellwether_sim::model::blob::checksum(&flagless[..end]);
    flagless[end..].copy_from_slice(&sum.to_le_bytes());
    assert!(refused(&flagless).contains("impossible content at byte 89"));
}

#[test]
fn wrong_front_ends_are_exit_code_2_with_a_reason() {
    let output = run(
        &[
            "model",
            "train",
            "-",
            "-o",
            "x.bwm",
            "--features",
            "burst:100",
        ],
        "",
    );
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("a power of two from 64 to 4096"), "{said}");
}
