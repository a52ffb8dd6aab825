//! Recordings of any bytes: read, or refused.

use bellwether_sim::recording::time::clock::Clock;
use bellwether_sim::recording::{Layout, Options, Recording};
use std::io::Cursor;
use std::time::Duration;

/// Most rows of a run.
const ROWS: usize = 10_000;

/// Reads a recording; the readings of its rows, as bits, and whether it was read to its end.
fn rows(data: &[u8], options: &Options) -> Option<(Vec<Vec<u32>>, bool)> {
    let input = Cursor::new(data.to_vec());
    let mut recording = Recording::new_with("x.csv", input, None, options).ok()?;
    let (variables, mut rows) = (recording.names().len(), Vec::new());
    let whole = loop {
        match recording.next_row() {
            Ok(Some(row)) if rows.len() < ROWS => {
                assert_eq!(row.readings.len(), variables, "a reading per variable");
                assert!(!row.timestamp.is_empty(), "a time in every row");
                let bits = row
                    .readings
                    .iter()
                    .map(|r| r.usable().map_or(u32::MAX, f32::to_bits));
                rows.push(bits.collect());
            }
            Ok(Some(_)) => break false,
            Ok(None) => break true,
            Err(_) => break false,
        }
    };
    let _ = (recording.notes(), recording.remarks());
    Some((rows, whole))
}

fn strict(layout: Option<Layout>) -> Options {
    Options {
        strict: true,
        ..Options::of(layout)
    }
}

/// A lenient reading gives the rows that a strict one accepts.
fn alike(data: &[u8], layout: Option<Layout>) {
    let lenient = rows(data, &Options::of(layout));
    if let Some((strict, true)) = rows(data, &strict(layout)) {
        assert_eq!(lenient.map(|found| found.0), Some(strict));
    }
}

/// A table in text, or whatever the bytes are, also sorted, as rates and on a grid.
pub fn table(data: &[u8]) {
    alike(data, None);
    alike(data, Some(Layout::Long));
    let sorted = Options {
        sort: true,
        rate: vec!["*".to_owned()],
        every: Some(Duration::from_secs(60)),
        ..Options::default()
    };
    rows(data, &sorted);
}

/// JSON.
pub fn json(data: &[u8]) {
    alike(data, Some(Layout::Json));
}

/// Line protocol.
pub fn influx(data: &[u8]) {
    alike(data, Some(Layout::Influx));
}

/// A workbook, also behind the mark of one.
pub fn sheet(data: &[u8]) {
    alike(data, None);
    alike(&[b"PK\x03\x04", data].concat(), None);
}

/// Timestamps, one a line: a clock that reads them twice says the same.
pub fn time(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (mut one, mut other) = (Clock::default(), Clock::default());
    for line in text.lines().take(1000) {
        let (a, b) = (one.read(line), other.read(line));
        assert_eq!(a, b, "{line}");
        assert!(a.is_none_or(f64::is_finite), "{line}");
        let _ = one.spell(a.unwrap_or(0.0));
    }
}
