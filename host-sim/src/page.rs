//! The report: one HTML page that needs nothing else, readable without scripts, from frames
//! that are pushed one by one. Memory is bounded but for what was flagged, and the same input
//! gives the same bytes.

use crate::detect::{FrameRecord, Options, Scores};
use crate::metrics::events::{MARGIN, Scorer};
use crate::output::jsonl::name;
use crate::recording::time::Stamps;
use crate::text::number::{count, counted};
use askama::Template;
use axis::Tick;
use bellwether::report::Outcome;
use bellwether::{Blindness, Cause};
use bins::Cell;
use events::{Event, Events, Verdict};
use plot::{Range, Share};
use spans::{Span, Spans, What};
use std::io::{self, Write};
use timeline::Timeline;

#[cfg(feature = "full")]
pub mod alarms;
pub mod axis;
pub mod bins;
pub mod data;
pub mod events;
pub mod heat;
#[cfg(feature = "full")]
pub mod leaderboard;
#[cfg(feature = "full")]
pub mod losses;
#[cfg(feature = "full")]
pub mod model;
pub mod plot;
#[cfg(feature = "full")]
pub mod scored;
pub mod spans;
pub mod timeline;

/// Most rows of the table of events; confirmed ones come first when there are more.
const LISTED: usize = 2000;

/// What a page says about one recording.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    names: Vec<String>,
    settings: Vec<(String, String)>,
    /// Smallest divisor of each variable's relative error.
    floors: Vec<f32>,
    timeline: Timeline,
    spans: Vec<Spans>,
    events: Events,
}

impl Page {
    /// A page about nothing yet. The replay must give every lane of every frame.
    pub fn new(title: &str, names: &[String], options: &Options) -> Self {
        Self {
            title: title.to_owned(),
            names: names.to_vec(),
            settings: options.assignments(),
            floors: names.iter().map(|name| options.floor_of(name)).collect(),
            timeline: Timeline::new(names.len()),
            spans: vec![Spans::default(); names.len()],
            events: Events::default(),
        }
    }

    /// Takes the next frame.
    pub fn push(&mut self, record: &FrameRecord, timestamp: &str, label: Option<bool>) {
        let tick = self.timeline.bins().rows();
        let cells = Cell::lanes(&record.lanes, &self.floors);
        self.timeline.push(&cells, timestamp, label);
        let width = self.timeline.bins().width();
        for lane in &record.lanes {
            if let Some(spans) = self.spans.get_mut(lane.variable) {
                spans.push(tick, lane, width);
            }
        }
        self.events.push(record, timestamp, &self.names);
    }

    /// Writes the page.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, scores: Option<&Scores>, out: &mut impl Write) -> io::Result<()> {
        self.view(scores)?.write_into(out)
    }

    fn view(&self, scores: Option<&Scores>) -> io::Result<View<'_>> {
        let (bins, stamps) = (self.timeline.bins(), self.timeline.stamps());
        let (rows, labels) = (bins.rows(), self.timeline.labels());
        let ticks = self.timeline.ticks(stamps);
        let events = self.rows(stamps);
        let unlisted = events.len().saturating_sub(LISTED);
        let (sure, others): (Vec<_>, Vec<_>) = self
            .events
            .list()
            .iter()
            .partition(|event| event.verdict == Verdict::Confirmed);
        let confirmed: Vec<(u64, u64)> = sure.iter().flat_map(|e| e.confirmed.clone()).collect();
        let others: Vec<(u64, u64)> = others.iter().map(|e| (e.first, e.last)).collect();
        Ok(View {
            title: &self.title,
            rows: counted(rows, "row"),
            variables: counted(self.names.len() as u64, "variable"),
            range: self.timeline.range(stamps),
            tiles: self.tiles(),
            removed: self.removed(),
            margin: MARGIN,
            scores: scores.map_or_else(Vec::new, |scores| {
                vec![
                    ScoreView::of("the vote", &scores.vote),
                    ScoreView::of("any lane", &scores.any),
                ]
            }),
            settings: &self.settings,
            sure: sure.len(),
            events: listed(events),
            unlisted,
            labelled: self.timeline.is_labelled(),
            sampling: sampling(bins.width()),
            overview: plot::overview(&confirmed, &others, labels, rows),
            plots: (0..self.names.len())
                .map(|k| self.plot(k, &ticks))
                .collect(),
            ticks: tick_views(ticks, rows),
            data: data::Page {
                timeline: &self.timeline,
                stamps,
                spans: &self.spans,
                floors: Some(&self.floors),
                heat: None,
            }
            .json()?,
            heat: None,
        })
    }

    fn plot(&self, index: usize, down: &[Tick]) -> PlotView<'_> {
        let empty = Spans::default();
        let spans = self.spans.get(index).unwrap_or(&empty);
        let cells = self.timeline.bins().cells().get(index);
        let (flagged, confirmed) = spans.counts();
        let mut about = format!(
            "{} flagged, {} confirmed",
            count(flagged as u64),
            count(confirmed as u64)
        );
        for (cause, rows) in &spans.blind {
            about += &format!(", {} {}", counted(*rows, "row"), cause.replace('_', " "));
        }
        if cells.into_iter().flatten().all(|cell| cell.low.is_nan()) {
            about += ", no usable value";
        }
        let name = name(&self.names, index);
        plot_view(
            &self.timeline,
            (index, Share::BAND),
            spans,
            name,
            about,
            down,
        )
    }

    fn tiles(&self) -> Vec<Tile> {
        let counts = self.events.counts();
        let flagged = counts.confirmed + counts.outvoted + counts.local;
        let list = self.events.list();
        let sure = list
            .iter()
            .filter(|e| e.verdict == Verdict::Confirmed)
            .count();
        let stuck = self.findings().count();
        let mut tiles = vec![
            Tile::new(
                "sure",
                sure as u64,
                "confirmed event",
                format!("{} confirmed by the vote", counted(counts.confirmed, "row")),
            ),
            Tile::new(
                "other",
                (list.len() - sure) as u64,
                "other event",
                "flagged, and not confirmed".to_owned(),
            ),
            Tile::new(
                "",
                flagged,
                "flagged row",
                "in which any variable flagged".to_owned(),
            ),
        ];
        if stuck > 0 {
            tiles.push(Tile::new(
                "blind",
                stuck as u64,
                "blind period",
                "stuck, or a threshold that saw nothing".to_owned(),
            ));
        }
        tiles
    }

    /// What the vote removed, in a sentence.
    fn removed(&self) -> String {
        let counts = self.events.counts();
        let removed = counts.outvoted + counts.local;
        let flagged = counts.confirmed + removed;
        if flagged == 0 {
            return "No variable flagged in any row.".to_owned();
        }
        format!(
            "The vote removed {} of {}: in {} at least one variable was outvoted by those that \
             correlate with it, in {} there was none to ask.",
            count(removed),
            counted(flagged, "flagged row"),
            count(counts.outvoted),
            count(counts.local),
        )
    }

    /// Blind periods that say something about a sensor, not about the recording.
    fn findings(&self) -> impl Iterator<Item = (usize, &Span)> {
        let all = self.spans.iter().enumerate();
        all.flat_map(|(k, spans)| spans.runs.iter().map(move |run| (k, run)))
            .filter(|(_, run)| {
                matches!(
                    run.what,
                    What::Blind(Blindness::Input(Cause::Stuck) | Blindness::ThresholdInflated)
                )
            })
    }

    fn rows(&self, stamps: Stamps) -> Vec<EventView> {
        let events = self.events.list().iter();
        let mut rows: Vec<EventView> = events.map(|event| self.event(event, stamps)).collect();
        let time = |tick: u64| {
            let bins = self.timeline.bins();
            let bin = usize::try_from(tick / bins.width()).unwrap_or(usize::MAX);
            bins.times().get(bin).map_or("", String::as_str)
        };
        rows.extend(self.findings().map(|(k, run)| {
            let name = name(&self.names, k);
            let why = match run.what {
                What::Blind(Blindness::Input(Cause::Stuck)) => {
                    format!("{name} repeats one value: taken for a stuck sensor and not judged.")
                }
                _ => format!(
                    "A long anomaly had inflated the threshold of {name} until it could flag \
                     nothing: it began anew."
                ),
            };
            EventView {
                first: run.first,
                last: run.last,
                indices: k.to_string(),
                when: stamps.show(time(run.first)),
                ticks: ticks(run.first, run.last, stamps, time(run.first), time(run.last)),
                verdict: "blind",
                confirmed: String::new(),
                variables: vec![(name.to_owned(), "blind")],
                why,
            }
        }));
        rows.sort_by_key(|row| row.first);
        rows
    }

    fn event(&self, event: &Event, stamps: Stamps) -> EventView {
        let (first, last) = (&event.times.0, &event.times.1);
        let mut variables: Vec<(usize, Outcome)> = event
            .variables
            .iter()
            .map(|(k, outcome)| (*k, *outcome))
            .collect();
        variables.sort_by_key(|(_, outcome)| *outcome != Outcome::Confirmed);
        let indices: Vec<String> = variables.iter().map(|(k, _)| k.to_string()).collect();
        let runs: Vec<String> = event
            .confirmed
            .iter()
            .map(|(first, last)| match first == last {
                true => first.to_string(),
                false => format!("{first}–{last}"),
            })
            .collect();
        EventView {
            first: event.first,
            last: event.last,
            indices: indices.join(" "),
            when: stamps.show(first),
            ticks: ticks(event.first, event.last, stamps, first, last),
            verdict: event.verdict.name(),
            confirmed: match runs.is_empty() {
                true => String::new(),
                false => format!("at tick {}", runs.join(", ")),
            },
            variables: variables
                .into_iter()
                .map(|(k, outcome)| {
                    let word = outcome.name();
                    (name(&self.names, k).to_owned(), word)
                })
                .collect(),
            why: event.why.clone(),
        }
    }
}

/// One variable's plot; `index` is its place, `share` that of its band.
fn plot_view<'a>(
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

/// Places of ticks in percent of all rows.
fn tick_views(ticks: Vec<Tick>, rows: u64) -> Vec<(String, String)> {
    let percent = |row: f64| format!("{:.2}", row / rows as f64 * 100.0);
    let ticks = ticks.into_iter();
    ticks.map(|tick| (percent(tick.at), tick.label)).collect()
}

/// What a point of a plot is.
fn sampling(width: u64) -> String {
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
fn ticks(first: u64, last: u64, stamps: Stamps, from: &str, to: &str) -> String {
    if first == last {
        return format!("tick {first}, 1 row");
    }
    let rows = counted(last - first + 1, "row");
    match stamps.seconds(from).zip(stamps.seconds(to)) {
        Some((a, b)) if b > a => format!("tick {first}–{last}, {rows}, {}", axis::span(b - a)),
        _ => format!("tick {first}–{last}, {rows}"),
    }
}

/// As many events as are listed: if there are more, those that were not confirmed are left
/// out from the end.
fn listed(mut events: Vec<EventView>) -> Vec<EventView> {
    let mut excess = events.len().saturating_sub(LISTED);
    let mut kept = Vec::with_capacity(LISTED);
    while let Some(event) = events.pop() {
        if excess > 0 && event.verdict != Verdict::Confirmed.name() {
            excess -= 1;
        } else {
            kept.push(event);
        }
    }
    kept.reverse();
    kept
}

/// The page, as its template is filled.
#[derive(Template)]
#[template(path = "report.html")]
struct View<'a> {
    title: &'a str,
    rows: String,
    variables: String,
    range: Option<(String, String, String)>,
    tiles: Vec<Tile>,
    removed: String,
    margin: u64,
    scores: Vec<ScoreView>,
    settings: &'a [(String, String)],
    events: Vec<EventView>,
    sure: usize,
    unlisted: usize,
    labelled: bool,
    sampling: String,
    overview: String,
    ticks: Vec<(String, String)>,
    plots: Vec<PlotView<'a>>,
    data: String,
    /// Of a model; what `None` has is rola's.
    heat: Option<HeatView<'a>>,
}

impl View<'_> {
    fn write_into(&self, out: &mut impl Write) -> io::Result<()> {
        Template::write_into(self, out).map_err(io::Error::other)
    }
}

struct Tile {
    class: &'static str,
    number: String,
    noun: String,
    note: String,
}

impl Tile {
    fn new(class: &'static str, number: u64, noun: &str, note: String) -> Self {
        let plural = if number == 1 { "" } else { "s" };
        Self {
            class,
            number: count(number),
            noun: format!("{noun}{plural}"),
            note,
        }
    }
}

struct ScoreView {
    name: &'static str,
    numbers: Vec<String>,
}

impl ScoreView {
    fn of(name: &'static str, scorer: &Scorer) -> Self {
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

struct EventView {
    first: u64,
    last: u64,
    indices: String,
    when: String,
    ticks: String,
    verdict: &'static str,
    confirmed: String,
    variables: Vec<(String, &'static str)>,
    why: String,
}

struct HeatView<'a> {
    title: &'static str,
    /// What a cell is.
    what: &'static str,
    /// Columns, of which the last may be a part.
    bins: String,
    lines: usize,
    height: usize,
    /// Variables with the middle of their line.
    names: Vec<(usize, &'a str)>,
    legend: Vec<(String, String)>,
    svg: String,
    about: String,
}

struct PlotView<'a> {
    name: &'a str,
    about: String,
    ticks: Vec<(String, String)>,
    svg: String,
}
