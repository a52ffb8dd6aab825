//! What the page's script draws from: JSON, with columns of numbers as base64 of little-endian
//! `f32`, exact and quick to read.

use super::axis::Stamps;
use super::series::{Cell, Series};
use super::spans::Spans;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;

#[derive(Serialize)]
struct Data<'a> {
    rows: u64,
    width: u64,
    /// Seconds of the first bin, then differences.
    seconds: Option<Vec<i64>>,
    times: Option<&'a [String]>,
    labels: &'a [(u64, u64)],
    variables: Vec<Variable>,
}

#[derive(Serialize)]
struct Variable {
    floor: f32,
    low: String,
    /// Left out where bins are rows, as is the band: it follows from the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    band_low: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    band_high: Option<String>,
    expected: String,
    score: String,
    threshold: String,
    runs: Vec<(u64, u64, &'static str)>,
    marks: Vec<(u64, f32, &'static str)>,
}

fn column(cells: &[Cell], pick: fn(&Cell) -> f32) -> String {
    let bytes: Vec<u8> = cells
        .iter()
        .flat_map(|cell| pick(cell).to_le_bytes())
        .collect();
    BASE64_STANDARD.encode(bytes)
}

fn differences(seconds: &[i64]) -> Vec<i64> {
    let before = std::iter::once(0).chain(seconds.iter().copied());
    seconds
        .iter()
        .zip(before)
        .map(|(now, then)| now - then)
        .collect()
}

/// The data as JSON that may stand in a `<script>` element.
///
/// # Errors
/// None in practice: it is plain numbers and text.
pub fn json(
    series: &Series,
    stamps: Stamps,
    spans: &[Spans],
    labels: &[(u64, u64)],
) -> serde_json::Result<String> {
    let wide = series.width() > 1;
    let parts = series.cells().iter().zip(series.floors()).zip(spans);
    let variables = parts.map(|((cells, floor), spans)| {
        let if_wide = |pick| wide.then(|| column(cells, pick));
        let run = |run: &super::spans::Span| (run.first, run.last, run.what.name());
        Variable {
            floor: *floor,
            low: column(cells, |c| c.low),
            high: if_wide(|c| c.high),
            band_low: if_wide(|c| c.band_low),
            band_high: if_wide(|c| c.band_high),
            expected: column(cells, |c| c.expected),
            score: column(cells, |c| c.score),
            threshold: column(cells, |c| c.threshold),
            runs: spans
                .runs
                .iter()
                .filter(|run| !run.is_gap_within(series.width()))
                .map(run)
                .collect(),
            marks: spans
                .marks
                .iter()
                .map(|mark| (mark.tick, mark.value, mark.outcome.name()))
                .collect(),
        }
    });
    let times = series.times();
    let seconds: Option<Vec<i64>> = times.iter().map(|time| stamps.seconds(time)).collect();
    let text = serde_json::to_string(&Data {
        rows: series.rows(),
        width: series.width(),
        times: seconds.is_none().then_some(times),
        seconds: seconds.as_deref().map(differences),
        labels,
        variables: variables.collect(),
    })?;
    // Only strings can hold `<`, and there the escape means the same.
    Ok(text.replace('<', "\\u003c"))
}
