use super::*;
use std::io::{Cursor, Write};

const PLAIN: &str = "timestamp,a,b,label\n10,1.5,,0\n 11 ,-2e3,nan,1\r\n\n12,inf,7,0\n";

fn open(name: &str, text: impl Into<Vec<u8>>) -> Result<Recording, RecordingError> {
    Recording::new(name, Cursor::new(text.into()), None)
}

fn fail(text: &str) -> String {
    let mut recording = match open("x.csv", text) {
        Ok(recording) => recording,
        Err(error) => return error.to_string(),
    };
    loop {
        match recording.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("accepted: {text:?}"),
            Err(error) => return error.to_string(),
        }
    }
}

fn check_plain(mut recording: Recording) {
    assert_eq!(recording.names(), ["a", "b"]);
    assert!(recording.is_labelled());
    let missing = Reading::Absent(Cause::Missing);
    let expected = [
        ("10", [Reading::Value(1.5), missing], false),
        ("11", [Reading::Value(-2000.0), missing], true),
        (
            "12",
            [Reading::Absent(Cause::NotFinite), Reading::Value(7.0)],
            false,
        ),
    ];
    for (k, (timestamp, readings, label)) in expected.iter().enumerate() {
        let row = recording.next_row().unwrap().unwrap();
        assert_eq!((row.tick.0, row.timestamp), (k as u64, *timestamp));
        assert_eq!(
            (row.readings, row.label),
            (readings.as_slice(), Some(*label))
        );
    }
    assert_eq!(recording.next_row().unwrap(), None);
    assert_eq!(recording.next_row().unwrap(), None, "the end stays the end");
}

#[test]
fn plain_gzip_and_zstd_give_the_same_rows() {
    check_plain(open("x.csv", PLAIN).unwrap());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(PLAIN.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    check_plain(open("x.csv.gz", gzip.clone()).unwrap());
    check_plain(open("<stdin>", gzip).unwrap());
    let zstd = zstd::encode_all(PLAIN.as_bytes(), 1).unwrap();
    check_plain(open("x.zst", zstd.clone()).unwrap());
    check_plain(open("unnamed", zstd).unwrap());
}

#[test]
fn concatenated_gzip_members_are_one_recording() {
    let mut bytes = Vec::new();
    for part in ["timestamp,a\n1,1\n", "2,2\n"] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(part.as_bytes()).unwrap();
        bytes.extend(gzip.finish().unwrap());
    }
    let mut recording = open("x.gz", bytes).unwrap();
    while recording.next_row().unwrap().is_some() {}
    assert_eq!(recording.rows(), 2);
}

#[test]
fn truncated_compression_is_an_error_not_an_end() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(PLAIN.as_bytes()).unwrap();
    let mut bytes = gzip.finish().unwrap();
    bytes.truncate(bytes.len() - 10);
    let mut recording = open("x.gz", bytes).unwrap();
    let error = loop {
        match recording.next_row() {
            Ok(row) => assert!(row.is_some(), "ended without complaint"),
            Err(error) => break error,
        }
    };
    assert!(matches!(error.problem, Problem::Io(_)), "{error}");
}

#[test]
fn frames_beyond_the_variables_are_missing_and_small_ones_refused() {
    let mut recording = open("x.csv", PLAIN).unwrap();
    let mut frame = [Reading::Value(9.0); 4];
    assert_eq!(recording.next_frame(&mut frame).unwrap(), Some(Tick(0)));
    let missing = Reading::Absent(Cause::Missing);
    assert_eq!(frame, [Reading::Value(1.5), missing, missing, missing]);
    assert_eq!(
        (recording.timestamp(), recording.label()),
        ("10", Some(false))
    );
    let error = recording
        .next_frame(&mut frame[..1])
        .unwrap_err()
        .to_string();
    assert_eq!(error, "x.csv: 2 variables do not fit a frame of 1");
}

/// The problems of a strict reading, and what a lenient one says.
#[test]
fn malformed_input_is_named_by_file_line_and_column() {
    let cases = [
        (
            "timestamp,a\n1,2\n2,x\n",
            "line 3: column 2 (a): `x` is not a number",
            "a: 1 field of no number, taken for missing (first in line 3: `x`)",
        ),
        (
            "timestamp,a\n1,2\n\n1,2,3\n3,1\n",
            "line 4: found 3 fields, the header has 2",
            "1 line left out (first in line 4: found 3 fields, the header has 2)",
        ),
        (
            "timestamp,a\n1,2\n3\n",
            "line 3: found 1 fields, the header has 2",
            "the last line, 3, is left out: found 1 fields, the header has 2",
        ),
        (
            "timestamp,a,label\n1,2,0\n2,2,2\n",
            "line 3: column 3 (label): `2` is neither 0 nor 1",
            "1 label other than 0 and 1, taken for anomalous (first in line 3: `2`)",
        ),
        (
            "timestamp,a,label\n1,2,0\n2,2,?!\n",
            "line 3: column 3 (label): `?!` is neither 0 nor 1",
            "1 label not understood, taken for normal (first in line 3: `?!`)",
        ),
        (
            "timestamp,a\n1,1\n,2\n3,3\n",
            "line 3: the timestamp is empty",
            "1 line left out (first in line 3: the timestamp is empty)",
        ),
        (
            "timestamp,a\n1,1\n\"2,2\n3,3\n",
            "line 3: a quoted field is not closed",
            "1 line left out (first in line 3: a quoted field is not closed)",
        ),
        (
            "timestamp,a\n5,1\n6,1\n6,2\n",
            "line 4: the time `6` does not advance",
            "1 of 3 timestamps do not advance, repeated (first in line 4: `6`); --sort puts rows in order",
        ),
    ];
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    for (text, refused, remark) in cases {
        let input = Cursor::new(text.as_bytes().to_vec());
        let mut recording = Recording::new_with("x.csv", input, None, &strict).unwrap();
        let error = loop {
            match recording.next_row() {
                Ok(row) => assert!(row.is_some(), "accepted: {text:?}"),
                Err(error) => break error.to_string(),
            }
        };
        assert_eq!(error, format!("x.csv: {refused}"), "{text:?}");
        let mut recording = open("x.csv", text).unwrap();
        while recording.next_row().unwrap().is_some() {}
        assert_eq!(recording.remarks(), [remark], "{text:?}");
    }
}

#[test]
fn files_without_a_table_are_refused() {
    let empty = "x.csv: the file is empty; expected a header line";
    assert_eq!(fail(""), empty);
    assert_eq!(fail("\n\n"), empty);
    let none = "x.csv: no column of numbers: `timestamp` is the time, `label` is the label (--columns, \
                --separator and --decimal choose otherwise)";
    assert_eq!(fail("timestamp,label\n"), none);
    let error = open("y.csv.gz", "timestamp,a\n").unwrap_err().to_string();
    assert_eq!(error, "y.csv.gz: named .gz, but its content is not gz");
    // Rows with other fields than the header throughout.
    let fields = "x.csv: line 1: found 1 fields, the header has 3";
    assert_eq!(fail("timestamp,a,b\n1\n2\n3\n"), fields);
    for (text, kind) in [
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "a Git LFS pointer",
        ),
        ("<!DOCTYPE html>\n<html>\n", "an HTML page"),
        ("\u{89}HDF\r\n", "no"),
    ] {
        if kind != "no" {
            assert!(fail(text).contains(kind), "{text}");
        }
    }
    let error = open("x", b"\x80\x04\x95pickle".to_vec())
        .unwrap_err()
        .to_string();
    assert!(error.contains("a Python pickle"), "{error}");
}

/// Broken if memory grows with the width of a header.
#[test]
fn a_header_of_a_million_columns_is_refused() {
    let error = fail(&"a,".repeat(1_000_000));
    assert_eq!(
        error,
        "x.csv: line 1: 1000001 columns; at most 65536 can be chosen from"
    );
    let error = fail(&"a".repeat(5_000_000));
    assert_eq!(error, "x.csv: line 1: a line of more than 4194304 bytes");
}

#[test]
fn up_to_4096_variables_are_read() {
    let header = |n: usize| (0..n).fold("timestamp".to_owned(), |h, k| format!("{h},v{k}"));
    assert_eq!(open("x", header(4_096)).unwrap().names().len(), 4_096);
    let error = open("x", header(4_097)).unwrap_err().to_string();
    assert_eq!(
        error,
        "x: line 1: 4097 variables; at most 4096 can be read (--columns chooses them)"
    );
}

#[test]
fn quoted_fields_may_hold_commas() {
    let mut recording = open("x", "timestamp,\"a,b\"\n\"2021-10-28, noon\",3\n").unwrap();
    assert_eq!(recording.names(), ["a,b"]);
    assert_eq!(
        recording.next_row().unwrap().unwrap().timestamp,
        "2021-10-28, noon"
    );
}
