//! Files as recorded, and files that are broken.

use super::Replay;
use crate::linux::probe::Probe;
use bellwether::Cause;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::{Cursor, Write};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, format, fs, println, vec};

fn opened(text: &str) -> Replay {
    Replay::new("test", Cursor::new(text.as_bytes().to_vec())).unwrap()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text).unwrap();
    gzip.finish().unwrap()
}

fn names(replay: &Replay) -> Vec<&str> {
    replay
        .channels()
        .iter()
        .map(|c| c.identity.as_str())
        .collect()
}

#[test]
fn every_column_has_its_role() {
    // Broken if labels or texts become channels, or two columns of a name become one.
    let replay = opened("time;node;a;a;Label\n2022-09-01T00:00:00Z;r1n3;1;2;0\n");
    assert_eq!(names(&replay), ["a", "a#2"]);
    let replay = opened("\u{feff}# made by hand\na\tb\n1\t2\n");
    assert_eq!(names(&replay), ["a", "b"]);
    let late = opened(&format!("a,b\n{}1,2\n", "1,\n".repeat(100)));
    assert_eq!(
        names(&late),
        ["a", "b"],
        "a column that starts late is one of numbers"
    );
}

#[test]
fn gzip_and_plain_give_the_same_rows() {
    // Broken if compression changes a row.
    let text = "t,a\n0,1\n300,2\n600,3\n";
    let mut plain = opened(text);
    let mut packed = Replay::new("test", Cursor::new(gzip(text.as_bytes()))).unwrap();
    for _ in 0..4 {
        assert_eq!(plain.next_row(), packed.next_row());
    }
    assert_eq!((plain.rows(), plain.at_ms), (3, Some(600_000)));
}

#[test]
fn a_row_that_is_odd_loses_only_what_it_lacks() {
    // Broken if a short or undated row ends the replay or shifts others.
    let mut replay = opened("t,a,b\n10,1,2\n20,3\n??,4,5\n40,6,7,8\n");
    let rows: Vec<_> = core::iter::from_fn(|| replay.next_row()).collect();
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1], (20_000, vec![Ok(3.0), Err(Cause::Missing)]));
    assert_eq!(rows[2], (21_000, vec![Ok(4.0), Ok(5.0)]));
    assert_eq!(rows[3], (40_000, vec![Ok(6.0), Ok(7.0)]));
    assert_eq!(replay.odd(), 3);
}

#[test]
fn an_interval_overrides_the_times() {
    // Broken if recordings that number their rows cannot be given their true pace.
    let mut replay = opened("timestamp,a\n0,1\n1,2\n");
    replay.set_interval_ms(60_000);
    let times: Vec<_> = core::iter::from_fn(|| replay.next_row())
        .map(|row| row.0)
        .collect();
    assert_eq!(times, [0, 60_000]);
}

#[test]
fn a_probe_is_absent_behind_its_end() {
    // Broken if the last row is repeated as if it were measured.
    let mut replay = opened("a\n1\n");
    let mut values = [Ok(0.0)];
    replay.read(&mut values);
    assert_eq!(values, [Ok(1.0)]);
    replay.read(&mut values);
    assert_eq!(values, [Err(Cause::Missing)]);
}

#[test]
fn a_file_that_breaks_off_says_so() {
    // Broken if a torn archive or an endless record looks like a regular end, or fills the memory.
    let mut text = String::from("a,b\n");
    for row in 0..20_000 {
        text += &format!("{row},{}\n", row * 7919 % 1009);
    }
    let mut torn = gzip(text.as_bytes());
    torn.truncate(torn.len() / 2);
    let mut replay = Replay::new("test", Cursor::new(torn)).unwrap();
    while replay.next_row().is_some() {}
    assert!(replay.failure().is_some() && replay.rows() > 32);
    assert_eq!(replay.next_row(), None);

    let endless = std::io::Read::chain(&b"a,b\n1,2\n"[..], std::io::repeat(b'1'));
    let mut replay = Replay::new("test", endless).unwrap();
    assert!(replay.next_row().is_some());
    assert!(replay.next_row().is_none() && replay.failure().is_some());

    for empty in [
        &b""[..],
        b"\n\n",
        b"time\n1\n",
        b"time,label\n1,0\n",
        b"\x1f\x8b",
        b"#\n",
    ] {
        assert!(
            Replay::new("test", Cursor::new(empty.to_vec())).is_err(),
            "{empty:?}"
        );
    }
}

#[test]
fn recorded_machines_are_read_to_their_end() {
    // Broken if times, channels or labels of the recordings are taken for one another.
    let Ok(data) = env::var("BELLWETHER_DATA") else {
        println!("skipped: no data");
        return;
    };
    for (file, rows, channels, interval_ms) in [
        ("m100/node10.csv.gz", 2667, 84, 900_000),
        ("asd/omi-1.train.csv.gz", 8640, 19, 300_000),
        ("smd/machine-1-2.test.csv.gz", 23_694, 38, 1000),
    ] {
        let path = format!("{data}/{file}");
        if fs::metadata(&path).is_err() {
            println!("skipped: no data {file}");
            continue;
        }
        let mut replay = Replay::open(&path).unwrap();
        assert_eq!(replay.channels().len(), channels, "{file}");
        let (first, _) = replay.next_row().unwrap();
        let (second, _) = replay.next_row().unwrap();
        assert_eq!(second - first, interval_ms, "{file}");
        assert_eq!(replay.label(), Some(false), "{file}");
        while replay.next_row().is_some() {}
        let failure = replay.failure().map(ToString::to_string);
        assert_eq!(
            (replay.rows(), replay.odd(), failure),
            (rows, 0, None),
            "{file}"
        );
    }
}

proptest! {
    #[test]
    fn any_bytes_are_rows_or_an_error(
        mut bytes in prop::collection::vec(any::<u8>(), 0..4096), packed: bool, heading: bool,
    ) {
        // Broken by a panic, or by a row of another width.
        if heading {
            bytes.splice(0..0, *b"time,a,b\n");
        }
        let bytes = if packed { gzip(&bytes) } else { bytes };
        if let Ok(mut replay) = Replay::new("test", Cursor::new(bytes)) {
            let mut rows = 0;
            while let Some((_, values)) = replay.next_row() {
                prop_assert_eq!(values.len(), replay.channels().len());
                rows += 1;
            }
            prop_assert!(rows <= 4096);
        }
    }
}
