//! The reader of reports in Python, against the one of the library.

use bellwether::report::{RECORD_MAX, REPORT_VERSION, Record};
use bellwether::rng::split_mix;
use flate2::Crc;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The output of the reader about these bytes; `None` on a machine without Python.
fn read(bytes: &[u8]) -> Option<Output> {
    let script = "../host-sim/python/bellwether_report.py";
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
    let mut command = Command::new("python3");
    let piped = command.arg(script).arg("-").stdin(Stdio::piped());
    let piped = piped.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match piped.spawn() {
        Ok(child) => child,
        Err(error) => {
            let required = std::env::var_os("BELLWETHER_REQUIRE_DATA").is_some();
            assert!(!required, "python3: {error}");
            eprintln!("skipped: no python3");
            return None;
        }
    };
    let mut input = child.stdin.take().expect("piped");
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("written").expect("read to the end");
    Some(output)
}

/// A frame around any content: version and body.
fn framed(content: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(content);
    let content = [content, &crc.sum().to_le_bytes()].concat();
    let blocks = content.split(|byte| *byte == 0);
    let stuffed = blocks.flat_map(|block| [&[block.len() as u8 + 1], block].concat());
    stuffed.chain([0]).collect()
}

/// `NotFinite` as `not_finite`.
fn lower(name: &str) -> String {
    let letters = name.chars().enumerate().flat_map(|(at, letter)| {
        let apart = (at > 0 && letter.is_uppercase()).then_some('_');
        apart.into_iter().chain(letter.to_lowercase())
    });
    letters.collect()
}

/// A record with its names in lower case, but for that of a detector, and with the bits of its floats: the two
/// sides print different digits of them.
fn named(value: Value) -> Value {
    match value {
        Value::Number(number) if !number.is_u64() => {
            json!(number.as_f64().map(|x| (x as f32).to_bits()))
        }
        Value::String(name) => Value::String(lower(&name)),
        Value::Array(values) => values.into_iter().map(named).collect(),
        Value::Object(fields) => {
            let named = |(key, value): (String, Value)| match key.as_str() {
                "detector" => (key, value),
                _ => (lower(&key), named(value)),
            };
            Value::Object(fields.into_iter().map(named).collect())
        }
        other => other,
    }
}

fn printed(record: &Record) -> Value {
    let value = serde_json::to_value(record).expect("a record is JSON");
    let (kind, fields) = value
        .as_object()
        .and_then(|of| of.iter().next())
        .expect("a variant");
    let mut line = Map::from_iter([("record".to_owned(), json!(lower(kind)))]);
    if let Value::Object(fields) = named(fields.clone()) {
        line.extend(fields);
    }
    Value::Object(line)
}

/// Random bodies of 54 bytes; many of them small, as those of real bodies are.
fn bodies() -> impl Iterator<Item = Vec<u8>> {
    (0..10_000_u64).map(|k| {
        let draw = |at: u64| split_mix(k, at);
        let byte = |at: u64| match draw(2 * at + 1) % 4 {
            0 => draw(2 * at + 2) as u8,
            _ => (draw(2 * at + 2) % 3) as u8,
        };
        let mut body: Vec<u8> = (0..54).map(byte).collect();
        body[0] = (draw(0) % 12) as u8;
        body
    })
}

/// Broken by a field, a code or a limit in which the two readers differ: of 10,000 random bodies, whole and cut where
/// a record ends, both accept the same ones, and read the same from them.
#[test]
fn the_reader_in_python_reads_what_the_library_reads() {
    let framed = |body: &[u8]| framed(&[&[REPORT_VERSION], body].concat());
    let frames = bodies().flat_map(|body| {
        let mut cuts = (1..body.len()).map(|length| framed(&body[..length]));
        let whole = cuts.find(|frame| Record::parse(frame).is_ok());
        whole.into_iter().chain([framed(&body)])
    });
    let frames: Vec<Vec<u8>> = frames.collect();
    assert!(frames.iter().all(|frame| frame.len() <= RECORD_MAX));
    let accepted: Vec<Record> = frames
        .iter()
        .filter_map(|frame| Record::parse(frame).ok())
        .collect();
    let Some(output) = read(&frames.concat()) else {
        return;
    };
    let stdout = String::from_utf8(output.stdout).expect("text");
    let lines = stdout
        .lines()
        .map(|line| named(serde_json::from_str(line).expect("JSON")));
    let lines: Vec<Value> = lines.collect();
    let expected: Vec<Value> = accepted.iter().map(printed).collect();
    for (line, expected) in lines.iter().zip(&expected) {
        assert_eq!(line, expected);
    }
    assert_eq!(lines.len(), expected.len());
    for kind in [
        "hello",
        "verdict",
        "lane",
        "correlation",
        "assessment",
        "contribution",
        "alarm",
        "complaint",
        "finding",
        "readings",
        "summary",
    ] {
        let count = expected
            .iter()
            .filter(|line| line["record"] == kind)
            .count();
        assert!(count > 5, "{count} of {kind}");
    }
}

/// Broken by a damaged frame that costs its neighbours, or passes.
#[test]
fn the_reader_in_python_goes_on_behind_damage() {
    let record = [REPORT_VERSION, 3, 2, 3, 0, 0, 120, 63];
    let good = framed(&record);
    let mut flipped = good.clone();
    flipped[3] ^= 4;
    let other = framed(&[9, 3, 2, 3, 0, 0, 120, 63]);
    let parts = [
        &good[4..],
        &good,
        &flipped,
        &good,
        &other,
        &[7; 5000],
        &[0],
        &[0, 0],
        &good,
        &good[..5],
    ];
    let Some(output) = read(&parts.concat()) else {
        return;
    };
    let stdout = String::from_utf8(output.stdout).expect("text");
    let line = r#"{"record": "correlation", "a": 2, "b": 3, "r": 0.96875}"#;
    assert_eq!(stdout.lines().collect::<Vec<_>>(), [line; 3]);
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert!(stderr.contains("checksum"), "{stderr}");
    assert!(
        stderr.contains("version 9, this program reads 2"),
        "{stderr}"
    );
}
