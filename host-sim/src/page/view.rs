//! The parts of a report's page as its template takes them.

use super::axis::{self, Tick};
use super::plot::{self, Range, Share};
use super::spans::Spans;
use super::timeline::Timeline;
use crate::detect::Limit;
use crate::metrics::events::Scorer;
use crate::recording::time::Stamps;
use crate::text::number::{count, counted};
use askama::Template;
use std::io::{self, Write};

/// Most rows of the table of events; confirmed ones and alarms come first if there are more.
pub const LISTED: usize = 2000;

/// `at tick 3–5, 9`; empty of no runs.
pub fn said_at(runs: &[(u64, u64)]) -> String {
    let runs = runs.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    });
    let runs: Vec<String> = runs.collect();
    match runs.is_empty() {
        true => String::new(),
        false => format!("at tick {}", runs.join(", ")),
    }
}

pub fn about_limit(limit: &Limit, spans: &Spans) -> String {
    let (above, _) = spans.counts();
    let above = counted(above as u64, "row");
    let about = match limit.moves {
        true => format!("moving threshold, {above} above"),
        false => format!("threshold {}, {above} above", limit.threshold),
    };
    about + &blindness(spans)
}

/// Rows without an assessment, by their cause, each behind a comma.
pub fn blindness(spans: &Spans) -> String {
    let causes = spans.blind.iter();
    let causes = causes
        .map(|(cause, rows)| format!(", {} {}", counted(*rows, "row"), cause.replace('_', " ")));
    causes.collect()
}

/// One variable's plot: `index` is the variable's, `share` that of its band.
pub fn plot_view<'a>(
    timeline: &Timeline,
    (index, share): (usize, Share),
    spans: &Spans,
    name: &'a str,
    about: String,
    down: &[Tick],
) -> PlotView<'a> {
    let bins = timeline.bins();
    let cells = bins.cells().get(index).map_or(&[][..], Vec::as_slice);
    let range = Range::of(cells, share);
    let across = axis::numbers(range.low, range.high, 4.0);
    let labels = timeline.labels();
    let svg = plot::variable(bins, index, spans, labels, range, &across, down);
    PlotView {
        name,
        about,
        ticks: across
            .into_iter()
            .map(|tick| (format!("{:.1}", range.y(tick.at)), tick.label))
            .collect(),
        svg,
    }
}

/// Positions of ticks in percent of all rows.
pub fn tick_views(ticks: Vec<Tick>, rows: u64) -> Vec<(String, String)> {
    let percent = |row: f64| format!("{:.2}", row / rows as f64 * 100.0);
    let ticks = ticks.into_iter();
    ticks.map(|tick| (percent(tick.at), tick.label)).collect()
}

/// The meaning of a point in a plot.
pub fn sampling(width: u64) -> String {
    if width > 1 {
        format!(
            "Drawn from bins of {} rows: each shows its smallest and largest value and \
             the score closest to, or furthest above, its threshold; flagged rows are \
             all kept.",
            count(width)
        )
    } else {
        "Every row is drawn.".to_owned()
    }
}

/// `tick 396`, or `tick 396–401, 6 rows, 5 min`.
pub fn ticks(first: u64, last: u64, stamps: Stamps, from: &str, to: &str) -> String {
    if first == last {
        return format!("tick {first}, 1 row");
    }
    let rows = counted(last - first + 1, "row");
    match stamps.seconds(from).zip(stamps.seconds(to)) {
        Some((a, b)) if b > a => format!("tick {first}–{last}, {rows}, {}", axis::span(b - a)),
        _ => format!("tick {first}–{last}, {rows}"),
    }
}

/// The listed events: if there are too many, unconfirmed ones are left out from the end.
pub fn listed(mut events: Vec<EventView>) -> Vec<EventView> {
    let mut excess = events.len().saturating_sub(LISTED);
    let mut kept = Vec::with_capacity(LISTED);
    while let Some(event) = events.pop() {
        if excess > 0 && !event.sure {
            excess -= 1;
        } else {
            kept.push(event);
        }
    }
    kept.reverse();
    kept
}

/// The data of the page's template.
#[derive(Template)]
#[template(path = "report.html")]
pub struct View<'a> {
    pub title: &'a str,
    pub rows: String,
    pub variables: String,
    pub range: Option<(String, String, String)>,
    pub tiles: Vec<Tile>,
    pub removed: String,
    pub margin: u64,
    pub scores: Vec<ScoreView>,
    pub facts_title: &'static str,
    pub facts: &'a [(String, String)],
    pub events: Vec<EventView>,
    /// Number of confirmed ones or alarms.
    pub sure: usize,
    /// The word for them, if the list may be limited to them.
    pub filter: Option<&'static str>,
    /// Whether variables with a usual range are drawn behind the scores.
    pub ranged: bool,
    pub unlisted: usize,
    pub labelled: bool,
    pub sampling: String,
    pub overview: String,
    pub ticks: Vec<(String, String)>,
    pub plots: Vec<PlotView<'a>>,
    pub data: String,
    /// Whether the detector has contributions instead of lanes.
    pub adds: bool,
    /// Of a detector without lanes.
    pub heats: Vec<HeatView>,
    /// Plots on the page.
    pub shown: Vec<usize>,
    /// On a page with a plot for some variables only.
    pub others: Option<OthersView>,
}

impl View<'_> {
    pub fn write_into(&self, out: &mut impl Write) -> io::Result<()> {
        Template::write_into(self, out).map_err(io::Error::other)
    }
}

pub struct Tile {
    pub class: &'static str,
    pub number: String,
    pub noun: String,
    pub note: String,
}

impl Tile {
    pub fn new(class: &'static str, number: u64, noun: &str, note: String) -> Self {
        let plural = if number == 1 { "" } else { "s" };
        Self {
            class,
            number: count(number),
            noun: format!("{noun}{plural}"),
            note,
        }
    }
}

pub struct ScoreView {
    pub name: &'static str,
    pub numbers: Vec<String>,
}

impl ScoreView {
    pub fn of(name: &'static str, scorer: &Scorer) -> Self {
        let (events, exact) = (scorer.events(), scorer.exact());
        let rates = |(p, r, f): (f64, f64, f64)| [p, r, f].map(|rate| format!("{rate:.3}"));
        let mut numbers = vec![
            count(scorer.detections() as u64),
            format!("{} of {}", count(events.hit), count(events.events)),
            count(events.stray),
        ];
        numbers.extend(rates(events.rates()));
        let counts = [
            exact.true_positives,
            exact.false_positives,
            exact.false_negatives,
        ];
        numbers.extend(counts.map(count));
        numbers.extend(rates(exact.rates()));
        Self { name, numbers }
    }
}

/// One variable's rows around the first one of an event.
pub struct EvidenceView {
    pub name: String,
    /// The marks in words.
    pub said: String,
    /// First and last row.
    pub ticks: (u64, u64),
    /// Values at the top and at the bottom.
    pub labels: [String; 2],
    pub svg: String,
}

pub struct EventView {
    pub first: u64,
    pub last: u64,
    /// Plots of what it is about.
    pub plots: Vec<usize>,
    pub evidence: Vec<EvidenceView>,
    pub when: String,
    pub ticks: String,
    pub verdict: &'static str,
    pub confirmed: String,
    pub variables: Vec<(String, &'static str)>,
    pub why: String,
    /// Whether it is a confirmed one or an alarm.
    pub sure: bool,
}

impl EventView {
    /// Those of its plots that are on the page, by their place there.
    pub fn indices(&self, shown: &[usize]) -> String {
        let places = self.plots.iter();
        let places = places.filter_map(|k| shown.iter().position(|of| of == k));
        let places: Vec<String> = places.map(|k| k.to_string()).collect();
        places.join(" ")
    }
}

/// The variables of a wide page that have no plot.
pub struct OthersView {
    /// The rule of groups.
    pub rule: String,
    pub list: Vec<OtherView>,
}

pub struct OtherView {
    pub name: String,
    pub group: String,
    /// Smallest and largest value, lowest and highest usual one, and largest contribution.
    pub numbers: [String; 5],
}

pub struct HeatView {
    pub title: String,
    /// The meaning of a cell.
    pub what: &'static str,
    /// Columns; the last may be partial.
    pub bins: String,
    pub lines: usize,
    pub height: usize,
    /// Variables with the middle of their line.
    pub names: Vec<(usize, String)>,
    pub legend: Vec<(String, String)>,
    pub svg: String,
    pub about: String,
}

pub struct PlotView<'a> {
    pub name: &'a str,
    pub about: String,
    pub ticks: Vec<(String, String)>,
    pub svg: String,
}
