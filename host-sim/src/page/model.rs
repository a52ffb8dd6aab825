//! The page about a recording that a model watched: scores, alarms, and which variable erred
//! when.

use super::alarms::{Alarm, Alarms};
use super::bins::{Bins, Cell};
use super::heat::Heat;
use super::plot::Share;
use super::spans::Spans;
use super::timeline::Timeline;
use super::{
    EventView, HeatView, ScoreView, Tile, View, data, listed, plot, plot_view, sampling,
    tick_views, ticks,
};
use crate::detect::LaneRecord;
use crate::detect::autoencoder::{Limit, ModelReplay, Record, Tally};
use crate::metrics::events::MARGIN;
use crate::output::jsonl::name;
use crate::recording::time::Stamps;
use crate::text::number::{count, counted};
use bellwether::model::Head;
use bellwether::report::Outcome;
use std::io::{self, Write};

/// Pixels of a line of the map.
const LINE: usize = 14;

/// What a page says about one recording and one model.
#[derive(Clone, Debug)]
pub struct ModelPage {
    title: String,
    card: Vec<(String, String)>,
    names: Vec<String>,
    units: Vec<String>,
    head: Head,
    limits: Vec<Limit>,
    /// A variable for every limit: what is compared with it.
    timeline: Timeline,
    spans: Vec<Spans>,
    /// Absolute errors or what variables add to a score, a variable for each of the model's.
    errors: Bins,
    alarms: Alarms,
}

impl ModelPage {
    /// A page about nothing yet. `card` says what the model is.
    pub fn new(title: &str, replay: &ModelReplay<'_>, card: Vec<(String, String)>) -> Self {
        let text = |text: &str| text.to_owned();
        let features = || replay.model().features();
        let limits = replay.limits().to_vec();
        Self {
            title: text(title),
            card,
            names: features().map(|feature| text(feature.name)).collect(),
            units: features().map(|feature| text(feature.unit)).collect(),
            timeline: Timeline::new(limits.len()),
            spans: vec![Spans::default(); limits.len()],
            head: replay.model().head(),
            errors: Bins::new(replay.model().feature_count()),
            limits,
            alarms: Alarms::default(),
        }
    }

    /// Takes the next row.
    pub fn push(&mut self, record: &Record, timestamp: &str, label: Option<bool>) {
        let tick = self.timeline.bins().rows();
        let level = |k: usize| record.levels.get(k).copied().unwrap_or(f32::NAN);
        let threshold = |k: usize| record.thresholds.get(k).copied().unwrap_or(f32::NAN);
        let limits = 0..self.limits.len();
        let cells = limits.map(|k| Cell::level(level(k), threshold(k)));
        let cells: Vec<Cell> = cells.collect();
        self.timeline.push(&cells, timestamp, label);
        let width = self.timeline.bins().width();
        let anomalous = record.assessment.is_anomalous();
        for (k, spans) in self.spans.iter_mut().enumerate() {
            let exceeded = anomalous && level(k) > threshold(k);
            let lane = LaneRecord {
                variable: k,
                value: level(k),
                outcome: match exceeded {
                    true => Outcome::Confirmed,
                    false => Outcome::Quiet,
                },
                assessment: record.assessment,
            };
            spans.push(tick, &lane, width);
        }
        let mut errors = vec![Cell::EMPTY; self.names.len()];
        for part in &record.parts {
            if let Some(cell) = errors.get_mut(part.feature) {
                *cell = Cell::value(part.error.abs());
            }
        }
        self.errors.push(&errors, timestamp);
        self.alarms.push(record, timestamp, &self.limits);
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
        let labels = self.timeline.labels();
        let rows = bins.rows();
        let down = self.timeline.ticks(stamps);
        let alarms = self.alarms.list();
        let views = alarms.iter().map(|alarm| self.event(alarm, stamps));
        let anomalous: Vec<(u64, u64)> = alarms.iter().map(|a| (a.first, a.last)).collect();
        let heat = Heat::of(&self.errors);
        let score = |scorer| ScoreView::of("the model", scorer);
        Ok(View {
            title: &self.title,
            rows: counted(rows, "row"),
            variables: counted(self.names.len() as u64, "variable"),
            range: self.timeline.range(stamps),
            tiles: self.tiles(tally),
            removed: self.rule(),
            margin: MARGIN,
            scores: tally.scorer().map(score).into_iter().collect(),
            settings: &self.card,
            sure: alarms.len(),
            unlisted: alarms.len().saturating_sub(super::LISTED),
            events: listed(views.collect()),
            labelled: self.timeline.is_labelled(),
            sampling: sampling(bins.width()),
            overview: plot::overview(&anomalous, &[], labels, rows),
            plots: self
                .limits
                .iter()
                .zip(&self.spans)
                .enumerate()
                .map(|(k, (limit, spans))| {
                    let (name, about) = (limit.measure.name(), about(limit, spans));
                    plot_view(&self.timeline, (k, Share::WHOLE), spans, name, about, &down)
                })
                .collect(),
            ticks: tick_views(down, rows),
            data: data::Page {
                timeline: &self.timeline,
                stamps,
                spans: &self.spans,
                floors: None,
                heat: Some((&heat, &self.errors, &self.names)),
            }
            .json()?,
            heat: Some(self.heat(&heat)),
        })
    }

    fn heat(&self, heat: &Heat) -> HeatView<'_> {
        let (rows, width) = (self.errors.rows(), self.errors.width());
        let place = |k: usize| LINE * k + LINE / 2;
        let order = heat.order.iter().enumerate();
        let (title, what) = meaning(self.head);
        HeatView {
            title,
            what,
            bins: format!("{:.3}", (rows as f64 / width as f64).max(1.0)),
            lines: heat.order.len(),
            height: LINE * heat.order.len(),
            names: order
                .map(|(line, k)| (place(line), name(&self.names, *k)))
                .collect(),
            legend: heat.legend(),
            svg: heat.draw(&self.errors),
            about: match width {
                1 => "A column is a row of the recording.".to_owned(),
                _ => format!(
                    "A column is {} rows of the recording and shows their largest error.",
                    count(width)
                ),
            },
        }
    }

    fn tiles(&self, tally: &Tally) -> Vec<Tile> {
        let alarms = self.alarms.list().len() as u64;
        let mut tiles = vec![
            Tile::new(
                "sure",
                alarms,
                "event",
                format!("{} above a threshold", counted(tally.anomalous(), "row")),
            ),
            Tile::new(
                "",
                tally.judged(),
                "judged row",
                format!("of {}", count(tally.rows())),
            ),
        ];
        if let (Some(scorer), Some(said)) = (tally.scorer(), tally.false_alarms()) {
            let rows = scorer.exact().false_positives;
            tiles.push(Tile::new("other", rows, "false alarm", said));
        }
        if tally.blind() > 0 {
            tiles.push(Tile::new(
                "blind",
                tally.blind(),
                "blind row",
                "too few values to judge by".to_owned(),
            ));
        }
        tiles
    }

    /// When a row is anomalous, in a sentence.
    fn rule(&self) -> String {
        let limits = self.limits.iter().map(|limit| {
            let name = limit.measure.name();
            match limit.moves {
                true => format!("{name} is above a threshold that moves with it"),
                false => format!("{name} is above {}", limit.threshold),
            }
        });
        let limits: Vec<String> = limits.collect();
        format!("A row is anomalous where {}.", limits.join(" or "))
    }

    fn event(&self, alarm: &Alarm, stamps: Stamps) -> EventView {
        let (first, last) = (&alarm.times.0, &alarm.times.1);
        let indices: Vec<String> = alarm.limits.iter().map(usize::to_string).collect();
        let top = alarm.worst.top();
        let named = top.map(|part| (name(&self.names, part.feature).to_owned(), ANOMALOUS));
        EventView {
            first: alarm.first,
            last: alarm.last,
            indices: indices.join(" "),
            when: stamps.show(first),
            ticks: ticks(alarm.first, alarm.last, stamps, first, last),
            verdict: ANOMALOUS,
            confirmed: counted(alarm.rows, "anomalous row"),
            variables: named.collect(),
            why: alarm.why(&self.names, &self.units, self.head),
        }
    }
}

/// What a model's alarms are called.
const ANOMALOUS: &str = "anomalous";

/// The title of the map, and what it shows.
fn meaning(head: Head) -> (&'static str, &'static str) {
    match head {
        Head::Likelihood => (
            "Errors",
            "What the model could not reconstruct of each variable, those with the largest errors \
             first: value minus reconstruction without its sign, in standard deviations that the \
             model expected. Where it is not certain there is no value.",
        ),
        Head::Distance | Head::Logit => (
            "What variables add",
            "Of each anomalous row the three variables that add most to its score: how much it \
             changes with the variable at its training mean, without its sign.",
        ),
        _ => (
            "Errors",
            "What the model could not reconstruct of each variable, those with the largest errors \
             first: value minus reconstruction without its sign, in the model’s scaled units.",
        ),
    }
}

fn about(limit: &Limit, spans: &Spans) -> String {
    let (above, _) = spans.counts();
    let above = counted(above as u64, "row");
    let mut about = match limit.moves {
        true => format!("moving threshold, {above} above"),
        false => format!("threshold {}, {above} above", limit.threshold),
    };
    for (cause, rows) in &spans.blind {
        about += &format!(", {} {}", counted(*rows, "row"), cause.replace('_', " "));
    }
    about
}
