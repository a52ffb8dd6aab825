//! The data of the page's script: JSON, with columns of numbers as base64 of little-endian
//! `f32`, exact and quick to read.

use super::bins::Cell;
use super::spans::Spans;
use super::timeline::Timeline;
use super::wide::Map;
use crate::output::jsonl::name;
use crate::recording::time::Stamps;
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    heats: Vec<HeatData<'a>>,
}

#[derive(Serialize)]
struct HeatData<'a> {
    width: u64,
    /// As they are drawn: name and largest error of each bin.
    lines: Vec<(&'a str, String)>,
}

impl<'a> HeatData<'a> {
    fn of(map: &'a Map) -> Self {
        let line = |k: &usize| {
            let cells = map.bins.cells().get(*k).map_or(&[][..], Vec::as_slice);
            (name(&map.names, *k), column(cells, |c| c.high))
        };
        Self {
            width: map.bins.width(),
            lines: map.heat.order.iter().map(line).collect(),
        }
    }
}

#[derive(Serialize)]
struct Variable {
    /// Whether it is a score, with the normal range as band.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_score: bool,
    /// Smallest divisor of a relative error; `None` if the value is a score.
    #[serde(skip_serializing_if = "Option::is_none")]
    floor: Option<f32>,
    low: String,
    /// Left out where bins are rows, as is a band of relative errors: it follows from the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    high: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    band_low: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    band_high: Option<String>,
    /// Left out where there is none at all, as are scores and thresholds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<String>,
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

/// The same; `None` of NaNs alone.
fn present(cells: &[Cell], pick: fn(&Cell) -> f32) -> Option<String> {
    let any = cells.iter().any(|cell| !pick(cell).is_nan());
    any.then(|| column(cells, pick))
}

fn differences(seconds: &[i64]) -> Vec<i64> {
    let before = std::iter::once(0).chain(seconds.iter().copied());
    seconds
        .iter()
        .zip(before)
        .map(|(now, then)| now - then)
        .collect()
}

/// The sources of a page's data.
pub struct Page<'a> {
    /// Number of scores; variables are behind them.
    pub scores: usize,
    /// Bins and labels.
    pub timeline: &'a Timeline,
    /// The reading of timestamps.
    pub stamps: Stamps,
    /// Spans of each variable's states.
    pub spans: &'a [Spans],
    /// Smallest divisor of each variable's relative error; `None` without relative errors.
    pub floors: Option<&'a [f32]>,
    /// Plots on the page.
    pub shown: &'a [usize],
    /// The maps.
    pub maps: &'a [Map],
}

impl Page<'_> {
    /// The data as JSON that may stand in a `<script>` element.
    ///
    /// # Errors
    /// None in practice: it is plain numbers and text.
    pub fn json(&self) -> serde_json::Result<String> {
        let (bins, stamps) = (self.timeline.bins(), self.stamps);
        let wide = bins.width() > 1;
        let parts = bins.cells().iter().zip(self.spans).enumerate();
        let parts = parts.filter(|(k, _)| self.shown.contains(k));
        let variables = parts.map(|(k, (cells, spans))| {
            let if_wide = |pick| wide.then(|| column(cells, pick));
            let floor = self.floors.and_then(|floors| floors.get(k)).copied();
            let band = |pick| match wide || floor.is_none() {
                true => present(cells, pick),
                false => None,
            };
            let run = |run: &super::spans::Span| (run.first, run.last, run.what.name());
            Variable {
                is_score: k < self.scores,
                floor,
                low: column(cells, |c| c.low),
                high: if_wide(|c| c.high),
                band_low: band(|c| c.band_low),
                band_high: band(|c| c.band_high),
                expected: present(cells, |c| c.expected),
                score: present(cells, |c| c.score),
                threshold: present(cells, |c| c.threshold),
                runs: spans
                    .runs
                    .iter()
                    .filter(|run| !run.is_gap_within(bins.width()))
                    .map(run)
                    .collect(),
                marks: spans
                    .marks
                    .iter()
                    .map(|mark| (mark.tick, mark.value, mark.what.name()))
                    .collect(),
            }
        });
        let times = bins.times();
        let seconds: Option<Vec<i64>> = times.iter().map(|time| stamps.seconds(time)).collect();
        let text = serde_json::to_string(&Data {
            rows: bins.rows(),
            width: bins.width(),
            times: seconds.is_none().then_some(times),
            seconds: seconds.as_deref().map(differences),
            labels: self.timeline.labels(),
            variables: variables.collect(),
            heats: self.maps.iter().map(HeatData::of).collect(),
        })?;
        // Only strings can hold `<`, and there the escape means the same.
        Ok(text.replace('<', "\\u003c"))
    }
}
