//! The report: one self-contained HTML page, readable without scripts, from frames that are pushed
//! one by one. Memory is bounded except for flagged rows. The same input gives the same bytes.

use crate::detect::events::Events as Notices;
use crate::detect::{Profile, Record, Tally};
use crate::metrics::events::MARGIN;
use crate::output::jsonl::name;
use crate::recording::time::Stamps;
use crate::text::number::{count, counted};
use axis::Tick;
use bellwether::report::Outcome;
use bellwether::{Blindness, Cause, Reading, State};
use bins::{Bins, Cell};
use events::{Event, Events, Verdict};
use evidence::{Scene, drawn};
use plot::Share;
use reel::Reel;
use spans::{Span, Spans, What};
use std::io::{self, Write};
use timeline::Timeline;
use view::{
    EventView, HeatView, LISTED, PlotView, ScoreView, View, about_limit, blindness, listed,
    plot_view, said_at, sampling, tick_views, ticks,
};
use wide::{DRAWN, Map, draw_first};

pub mod axis;
pub mod bins;
pub mod data;
pub mod events;
mod evidence;
mod groups;
pub mod heat;
#[cfg(feature = "full")]
pub mod leaderboard;
#[cfg(feature = "full")]
pub mod losses;
mod notices;
pub mod plot;
mod reel;
#[cfg(feature = "full")]
pub mod scored;
pub mod spans;
mod tiles;
pub mod timeline;
mod view;
mod why;
mod wide;

/// Pixels of a line of the map of contributions.
const LINE: usize = 14;

/// The page of one recording and one detector.
///
/// A detector with lanes has a plot for each variable, any other one for each of its scores and a map
/// of the variables' contributions. If variables have a usual range, each has a plot behind the scores.
#[derive(Clone, Debug)]
pub struct Page {
    title: String,
    profile: Profile,
    facts: (&'static str, Vec<(String, String)>),
    timeline: Timeline,
    /// One per plot.
    spans: Vec<Spans>,
    /// Absolute contributions of each variable; `None` with lanes.
    contributions: Option<Bins>,
    events: Events,
    /// The rows around the first one of each event.
    reel: Reel,
    /// Alarms and the health of sensors, from a detector that knows them.
    notices: Notices,
    /// A remark of the detector about the rows.
    remark: Option<String>,
}

impl Page {
    /// An empty page. Records must have every lane.
    pub fn new(title: &str, profile: &Profile) -> Self {
        let variables = profile.names.len();
        let lanes = profile.has_lanes();
        let ranged = if profile.ranges { variables } else { 0 };
        let plots = if lanes {
            variables
        } else {
            profile.limits.len() + ranged
        };
        Self {
            title: title.to_owned(),
            facts: ("Settings", profile.settings.clone()),
            timeline: Timeline::new(plots),
            spans: vec![Spans::default(); plots],
            contributions: (!lanes).then(|| Bins::new(variables)),
            events: Events::default(),
            reel: Reel::default(),
            notices: Notices::new(&profile.names),
            profile: profile.clone(),
            remark: None,
        }
    }

    /// The same page with a remark of the detector about the rows.
    #[must_use]
    pub fn with_remark(self, remark: Option<String>) -> Self {
        Self { remark, ..self }
    }

    /// The same page with the model's facts instead of settings.
    #[must_use]
    pub fn with_card(self, card: Vec<(String, String)>) -> Self {
        Self {
            facts: ("Model", card),
            ..self
        }
    }

    /// Takes the next row. `usual` is the range of each variable as it was known before the row.
    pub fn push(
        &mut self,
        record: &Record,
        (timestamp, label): (&str, Option<bool>),
        readings: &[Reading],
        usual: &[Option<(f32, f32)>],
    ) {
        let tick = self.timeline.bins().rows();
        let values = match self.profile.floors.as_deref() {
            Some(floors) => {
                let cells = Cell::lanes(&record.lanes, floors);
                self.timeline.push(&cells, timestamp, label);
                let width = self.timeline.bins().width();
                for lane in &record.lanes {
                    if let Some(spans) = self.spans.get_mut(lane.variable) {
                        spans.push(tick, lane.value, What::of_lane(lane), width);
                    }
                }
                cells
            }
            None => {
                let values = self.values(record, readings, usual);
                let mut cells = self.push_scores(tick, record);
                if self.profile.ranges {
                    self.push_values(tick, record, &values);
                    cells.extend(&values);
                }
                self.timeline.push(&cells, timestamp, label);
                values
            }
        };
        if let Some(bins) = &mut self.contributions {
            let mut cells = vec![Cell::EMPTY; self.profile.names.len()];
            for part in &record.contributions {
                if let Some(cell) = cells.get_mut(part.variable) {
                    *cell = Cell::value(part.error.abs());
                }
            }
            bins.push(&cells, timestamp);
        }
        self.events.push(record, timestamp, &self.profile);
        self.notices.push(record, timestamp);
        self.keep(tick, values);
    }

    /// Keeps the row while an event may begin near it.
    fn keep(&mut self, tick: u64, mut values: Vec<Cell>) {
        values.truncate(self.profile.names.len());
        self.reel.push(values);
        if let Some(is_sure) = self.begins(tick) {
            self.reel.open(is_sure);
        }
        while let Some(onset) = self.reel.due() {
            let blamed = match self.profile.ranges {
                true => notices::blamed(&self.notices, onset),
                false => self.blamed(onset),
            };
            self.reel.keep(onset, &blamed);
        }
    }

    /// Whether an event begins in the last row, and whether it is certain.
    fn begins(&self, tick: u64) -> Option<bool> {
        if self.profile.ranges {
            return notices::begins(&self.notices, tick);
        }
        let event = self.events.list().last()?;
        (event.first == tick).then(|| event.verdict.is_sure())
    }

    /// The variables of an event that are drawn.
    fn blamed(&self, onset: u64) -> Vec<usize> {
        let mut events = self.events.list().iter().rev();
        let event = events.find(|event| event.first == onset);
        event.map_or_else(Vec::new, Event::blamed)
    }

    /// The cells of the scores.
    fn push_scores(&mut self, tick: u64, record: &Record) -> Vec<Cell> {
        let number = |of: &[f32], k: usize| of.get(k).copied().unwrap_or(f32::NAN);
        let pairs = (0..self.profile.limits.len())
            .map(|k| (number(&record.levels, k), number(&record.thresholds, k)));
        let pairs: Vec<(f32, f32)> = pairs.collect();
        let cells = pairs
            .iter()
            .map(|(level, limit)| Cell::level(*level, *limit));
        let cells: Vec<Cell> = cells.collect();
        let width = self.timeline.bins().width();
        for ((level, limit), spans) in pairs.into_iter().zip(&mut self.spans) {
            let what = What::of_score(&record.assessment, level > limit);
            spans.push(tick, level, what, width);
        }
        cells
    }

    /// The cells of the variables, with their expectations.
    fn values(
        &self,
        record: &Record,
        readings: &[Reading],
        usual: &[Option<(f32, f32)>],
    ) -> Vec<Cell> {
        let fitted = !matches!(record.assessment.state, State::Warming { .. });
        let readings = readings.iter().enumerate();
        let mut cells: Vec<Cell> = readings
            .map(|(k, reading)| {
                let usual = usual.get(k).copied().flatten();
                let value = reading.usable().unwrap_or(f32::NAN);
                Cell::ranged(value, usual.filter(|_| fitted))
            })
            .collect();
        for part in &record.contributions {
            if let Some(cell) = cells.get_mut(part.variable) {
                cell.expected = part.expected;
            }
        }
        cells
    }

    /// Marks variables behind an alarm and those with a complaint.
    fn push_values(&mut self, tick: u64, record: &Record, values: &[Cell]) {
        let width = self.timeline.bins().width();
        let is_on = record.assessment.is_anomalous();
        let named: Vec<usize> = match is_on {
            true => why::behind(record).map(|part| part.variable).collect(),
            false => Vec::new(),
        };
        let complaints = record.notice.iter().flat_map(|of| &of.complaints);
        let complaints: Vec<_> = complaints.collect();
        let scores = self.profile.limits.len();
        let spans = self.spans.iter_mut().skip(scores).enumerate();
        for ((k, spans), cell) in spans.zip(values) {
            let complaint = complaints.iter().find(|of| usize::from(of.variable) == k);
            let what = match (named.contains(&k), complaint) {
                (true, _) => Some(What::Anomalous),
                (false, Some(of)) => Some(What::of_complaint(of.symptom)),
                (false, None) => None,
            };
            spans.push(tick, cell.low, what, width);
        }
    }

    /// Writes the page.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, tally: &Tally, out: &mut impl Write) -> io::Result<()> {
        self.view(tally)?.write_into(out)
    }

    fn view(&self, tally: &Tally) -> io::Result<View<'_>> {
        let (bins, stamps) = (self.timeline.bins(), self.timeline.stamps());
        let (rows, labels) = (bins.rows(), self.timeline.labels());
        let ticks = self.timeline.ticks(stamps);
        let mut events = self.rows(stamps);
        draw_first(&mut events, if self.is_wide() { DRAWN } else { DRAWN * 2 });
        let shown = self.shown(&events);
        let maps = self.maps();
        let unlisted = events.len().saturating_sub(LISTED);
        let (sure, others): (Vec<&Event>, Vec<&Event>) = self
            .events
            .list()
            .iter()
            .partition(|event| event.verdict.is_sure());
        let runs: Vec<(u64, u64)> = sure.iter().flat_map(|e| e.sure.clone()).collect();
        let others: Vec<(u64, u64)> = others.iter().map(|e| (e.first, e.last)).collect();
        let scores = tally.scorers().into_iter();
        Ok(View {
            title: &self.title,
            rows: counted(rows, "row"),
            variables: counted(self.profile.names.len() as u64, "variable"),
            range: self.timeline.range(stamps),
            tiles: self.tiles(tally),
            removed: self.rule(tally),
            margin: MARGIN,
            scores: scores.map(|(by, of)| ScoreView::of(by, of)).collect(),
            facts_title: self.facts.0,
            facts: &self.facts.1,
            sure: events.iter().filter(|event| event.sure).count(),
            filter: match (self.profile.has_lanes(), self.profile.ranges) {
                (true, _) => Some("Confirmed"),
                (false, true) => Some("Alarms"),
                (false, false) => None,
            },
            ranged: self.profile.ranges,
            events: listed(events),
            unlisted,
            labelled: self.timeline.is_labelled(),
            sampling: sampling(bins.width()),
            overview: plot::overview(&runs, &others, labels, rows),
            plots: shown.iter().map(|k| self.plot(*k, &ticks)).collect(),
            ticks: tick_views(ticks, rows),
            data: data::Page {
                scores: self.profile.limits.len(),
                timeline: &self.timeline,
                stamps,
                spans: &self.spans,
                floors: self.profile.floors.as_deref(),
                shown: &shown,
                maps: &maps,
            }
            .json()?,
            adds: self.contributions.is_some(),
            heats: maps.iter().map(|map| self.heat(map)).collect(),
            others: self.others(&shown),
            shown,
        })
    }

    fn plot(&self, index: usize, down: &[Tick]) -> PlotView<'_> {
        let empty = Spans::default();
        let spans = self.spans.get(index).unwrap_or(&empty);
        let (name, about, share) = match self.profile.limits.get(index) {
            Some(limit) => (limit.measure, about_limit(limit, spans), Share::WHOLE),
            None => {
                let variable = index - self.profile.limits.len();
                let name = name(&self.profile.names, variable);
                (name, self.about_variable(index, spans), Share::BAND)
            }
        };
        plot_view(&self.timeline, (index, share), spans, name, about, down)
    }

    fn about_variable(&self, index: usize, spans: &Spans) -> String {
        let cells = self.timeline.bins().cells().get(index);
        let (flagged, confirmed) = spans.counts();
        let mut about = match self.profile.ranges {
            true => format!("behind {} of alarms", counted(flagged as u64, "row")),
            false => format!(
                "{} flagged, {} confirmed",
                count(flagged as u64),
                count(confirmed as u64)
            ),
        };
        about += &blindness(spans);
        if cells.into_iter().flatten().all(|cell| cell.low.is_nan()) {
            about += ", no usable value";
        }
        about
    }

    fn heat(&self, map: &Map) -> HeatView {
        let (rows, width) = (map.bins.rows(), map.bins.width());
        let place = |k: usize| LINE * k + LINE / 2;
        let order = map.heat.order.iter().enumerate();
        let columns = match width {
            1 => "A column is a row of the recording.".to_owned(),
            _ => format!(
                "A column is {} rows of the recording and shows their largest error.",
                count(width)
            ),
        };
        HeatView {
            title: map.title.clone(),
            what: self.profile.contributions.about,
            bins: format!("{:.3}", (rows as f64 / width as f64).max(1.0)),
            lines: map.heat.order.len(),
            height: LINE * map.heat.order.len(),
            names: order
                .map(|(line, k)| (place(line), name(&map.names, *k).to_owned()))
                .collect(),
            legend: map.heat.legend(),
            svg: map.heat.draw(&map.bins),
            about: format!("{} {columns}", map.about).trim_start().to_owned(),
        }
    }

    /// Blind periods caused by a sensor, not by the recording.
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
        if self.profile.ranges {
            return notices::rows(&self.notices, (&self.profile, &self.reel), stamps);
        }
        let events = self.events.list().iter();
        let mut rows: Vec<EventView> = events.map(|event| self.event(event, stamps)).collect();
        let time = |tick: u64| {
            let bins = self.timeline.bins();
            let bin = usize::try_from(tick / bins.width()).unwrap_or(usize::MAX);
            bins.times().get(bin).map_or("", String::as_str)
        };
        rows.extend(self.findings().map(|(k, run)| {
            let name = name(&self.profile.names, k);
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
                plots: vec![k],
                evidence: Vec::new(),
                when: stamps.show(time(run.first)),
                ticks: ticks(run.first, run.last, stamps, time(run.first), time(run.last)),
                verdict: "blind",
                confirmed: String::new(),
                variables: vec![(name.to_owned(), "blind")],
                why,
                sure: false,
            }
        }));
        rows.sort_by_key(|row| row.first);
        rows
    }

    fn event(&self, event: &Event, stamps: Stamps) -> EventView {
        let (first, last) = (&event.times.0, &event.times.1);
        let mut lanes: Vec<(usize, Outcome)> = event
            .outcomes
            .iter()
            .map(|(k, outcome)| (*k, *outcome))
            .collect();
        lanes.sort_by_key(|(_, outcome)| *outcome != Outcome::Confirmed);
        let plots = lanes.iter().map(|(k, _)| k).chain(&event.limits);
        let scene = Scene::of((event.first, event.last), None);
        let named = event.named.iter().map(|k| (*k, event.verdict.name()));
        let variables = lanes.iter().map(|(k, outcome)| (*k, outcome.name()));
        let variables = variables.chain(named);
        EventView {
            first: event.first,
            last: event.last,
            plots: plots.copied().collect(),
            evidence: drawn(&self.reel, &event.blamed(), scene, &self.profile.names),
            when: stamps.show(first),
            ticks: ticks(event.first, event.last, stamps, first, last),
            verdict: event.verdict.name(),
            confirmed: match self.profile.has_lanes() {
                true => said_at(&event.sure),
                false => counted(event.rows, "anomalous row"),
            },
            variables: variables
                .map(|(k, word)| (name(&self.profile.names, k).to_owned(), word))
                .collect(),
            why: event.why.clone(),
            sure: event.verdict == Verdict::Confirmed,
        }
    }
}
