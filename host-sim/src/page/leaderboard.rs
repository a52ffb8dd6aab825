//! The leaderboard of a bench: figures by set, ranks, alarms, and quality against cost.

mod alarms;

use super::axis::numbers;
use crate::bench::entrant::DEFAULT;
use crate::bench::instructions::VARIABLES;
use crate::bench::interval::Interval;
use crate::bench::outcome::Metric;
use crate::bench::runner::{Failure, Results};
use crate::bench::{AlarmTable, Detector, External, Instructions, Ranking, Table};
use crate::text::number::count;
use alarms::Grid;
use askama::Template;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Metrics with a table each.
const SHOWN: [Metric; 4] = [Metric::RANKED, Metric::Pate, Metric::VusPr, Metric::AucRoc];

/// The page of a series, from the folder of the leaderboard.
pub fn series_page(set: &str, series: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || "._-".contains(c) {
            c
        } else {
            '_'
        }
    };
    format!(
        "series/{}.html",
        format!("{set}__{series}")
            .chars()
            .map(plain)
            .collect::<String>()
    )
}

#[derive(Template)]
#[template(path = "leaderboard.html")]
struct View {
    series: usize,
    sets: Vec<String>,
    boards: Vec<Figures>,
    tuned: Vec<Figures>,
    alarms: Vec<Grid>,
    tuned_alarms: Vec<Grid>,
    notes: Vec<String>,
    diagram: String,
    blocks: usize,
    plots: Vec<(String, String)>,
    settings: Vec<(String, String, bool)>,
    pages: Vec<(String, Vec<(String, String)>)>,
}

/// The content of the leaderboard.
#[derive(Debug)]
pub struct Board {
    table: Table,
    tuned: Table,
    alarms: AlarmTable,
    tuned_alarms: AlarmTable,
    failures: Vec<String>,
    instructions: Instructions,
    external: Vec<(String, String)>,
}

impl Board {
    /// Ranked runs with defaults, and tuned runs, listed apart.
    pub fn new(results: &Results, instructions: Instructions, external: &[External]) -> Self {
        let Results {
            table,
            alarms,
            failures,
            ..
        } = results;
        let about = |external: &External| {
            let about = format!("a program: `{}`", external.command);
            (external.name.clone(), about)
        };
        Self {
            table: table.defaults(),
            tuned: table.tuned().spelled_out(),
            alarms: alarms.part(false),
            tuned_alarms: alarms.part(true),
            failures: failures.iter().map(Failure::to_string).collect(),
            instructions,
            external: external.iter().map(about).collect(),
        }
    }

    /// Constant scores, a line per detector.
    fn constants(&self) -> Vec<String> {
        let [own, tuned] = [&self.alarms, &self.tuned_alarms].map(alarms::constants);
        [own, tuned].concat()
    }

    /// A detector's description, and whether it is a peer.
    fn about(&self, name: &str) -> (String, bool) {
        if let Some(detector) = Detector::named(name) {
            return (detector.about.clone(), detector.is_peer);
        }
        let external = self.external.iter().find(|(external, _)| external == name);
        let about = external.map_or("a program", |(_, about)| about);
        (about.to_owned(), true)
    }
}

/// A metric's table.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) metric: &'static str,
    pub(crate) is_tuned: bool,
    pub(crate) sets: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// A detector's line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) is_peer: bool,
    /// Per set: the mean, and whether it is the best.
    pub(crate) sets: Vec<(String, bool)>,
    pub(crate) overall: String,
    pub(crate) interval: String,
    pub(crate) rank: String,
    pub(crate) difference: String,
}

/// Writes the page.
///
/// # Errors
/// It cannot be written.
pub fn write(board: &Board, out: &mut impl Write) -> io::Result<()> {
    let table = &board.table;
    let ranking = Ranking::over_series(table, Metric::RANKED);
    let settings = table.detectors().into_iter().map(|name| {
        let (about, is_peer) = board.about(name);
        (name.to_owned(), about, is_peer)
    });
    // A series may have tuned runs only.
    let all: Vec<_> = [table, &board.tuned]
        .map(|table| &table.outcomes)
        .into_iter()
        .flatten()
        .collect();
    let mut sets: Vec<&str> = all.iter().map(|o| o.set.as_str()).collect();
    sets.sort_unstable();
    sets.dedup();
    let pages = sets.into_iter().map(|set| {
        let mut names: Vec<&str> = all
            .iter()
            .filter(|o| o.set == set)
            .map(|o| o.series.as_str())
            .collect();
        names.sort_by_key(|name| (name.len(), *name));
        names.dedup();
        let link = |name: &str| (name.to_owned(), series_page(set, name));
        (set.to_owned(), names.into_iter().map(link).collect())
    });
    let pages: Vec<(String, Vec<(String, String)>)> = pages.collect();
    View {
        series: pages.iter().map(|(_, names)| names.len()).sum(),
        sets: table.sets().into_iter().map(str::to_owned).collect(),
        boards: SHOWN.map(|metric| figures(table, metric)).into(),
        tuned: if board.tuned.outcomes.is_empty() {
            Vec::new()
        } else {
            SHOWN.map(|metric| figures(&board.tuned, metric)).into()
        },
        alarms: alarms::grids(&board.alarms),
        tuned_alarms: alarms::grids(&board.tuned_alarms),
        notes: [board.constants(), board.failures.clone()].concat(),
        diagram: diagram(&ranking),
        blocks: ranking.blocks,
        plots: plots(board),
        settings: settings.collect(),
        pages,
    }
    .write_into(out)
}

/// Quality against each known cost.
fn plots(board: &Board) -> Vec<(String, String)> {
    let table = &board.table;
    let counted = |name: &str| board.instructions.0.get(name).map(|count| *count as f64);
    let counted = scatter(table, counted).map(|svg| {
        let what = format!("instructions per row, of {VARIABLES} variables, on this processor");
        (what, svg)
    });
    let bytes = scatter(table, |name| Some(table.price(name).0 as f64));
    let time = scatter(table, |name| Some(table.price(name).1));
    let plots = [
        bytes.map(|svg| ("bytes of state".to_owned(), svg)),
        counted,
        time.map(|svg| ("microseconds per row on this machine".to_owned(), svg)),
    ];
    plots.into_iter().flatten().collect()
}

/// The table of a metric: detectors by their overall mean.
pub(crate) fn figures(table: &Table, metric: Metric) -> Figures {
    let sets = table.sets();
    let ranking = Ranking::over_sets(table, metric);
    let best = |set: &str| {
        let means = table.detectors().into_iter();
        let means = means.filter_map(|d| table.mean(set, d, metric));
        means.fold(f64::NEG_INFINITY, f64::max)
    };
    let bests: Vec<f64> = sets.iter().map(|set| best(set)).collect();
    let mut overall: Vec<(&str, Interval)> = table
        .detectors()
        .into_iter()
        .filter_map(|name| Some((name, table.overall(name, metric)?)))
        .collect();
    overall.sort_by(|a, b| b.1.mean.total_cmp(&a.1.mean));
    let leader = overall
        .iter()
        .find(|(name, _)| is_peer(name))
        .map(|(name, _)| *name);
    let line = |(name, interval): &(&str, Interval)| {
        let cells = sets.iter().zip(&bests).map(|(set, best)| {
            let mean = table.mean(set, name, metric);
            let spelled = mean.map_or("–".to_owned(), |x| format!("{x:.3}"));
            (spelled, mean.is_some_and(|x| x >= *best))
        });
        let rank = ranking.ranks.iter().find(|(ranked, _)| ranked == name);
        let difference = leader.filter(|leader| leader != name && !is_peer(name));
        let difference = difference.and_then(|leader| table.difference(name, leader, metric));
        Line {
            name: (*name).to_owned(),
            is_peer: is_peer(name),
            sets: cells.collect(),
            overall: format!("{:.3}", interval.mean),
            interval: format!("{:.3} to {:.3}", interval.low, interval.high),
            rank: rank.map_or("–".to_owned(), |(_, rank)| format!("{rank:.1}")),
            difference: difference.map_or_else(String::new, |d| {
                let leader = leader.unwrap_or_default();
                format!(
                    "{:+.3} ({:+.3} to {:+.3}) to {leader}",
                    d.mean, d.low, d.high
                )
            }),
        }
    };
    Figures {
        metric: metric.name(),
        is_tuned: table.outcomes.iter().any(|o| o.settings != DEFAULT),
        sets: sets.iter().map(|set| (*set).to_owned()).collect(),
        lines: overall.iter().map(line).collect(),
    }
}

/// The first table for a terminal, those of alarms, and constant scores.
pub fn text(board: &Board) -> String {
    let mut text = ranks(&board.table) + &alarms::text(&board.alarms) + "\n* ours";
    if !board.tuned.outcomes.is_empty() {
        text += "\n\ntuned, not to be compared with defaults\n";
        text += &ranks(&board.tuned);
        text += &alarms::text(&board.tuned_alarms);
    }
    for note in board.constants() {
        let _ = write!(text, "\n{note}");
    }
    text
}

fn ranks(table: &Table) -> String {
    let Figures { metric, lines, .. } = figures(table, Metric::RANKED);
    let mut text = format!("{metric:<18}");
    for set in table.sets() {
        let _ = write!(text, "{set:>12}");
    }
    let _ = write!(text, "{:>10}{:>8}", "overall", "rank");
    for line in lines {
        let mark = if line.is_peer { " " } else { "*" };
        let _ = write!(text, "\n{mark}{:<17}", line.name);
        for (cell, _) in &line.sets {
            let _ = write!(text, "{cell:>12}");
        }
        let _ = write!(text, "{:>10}{:>8}", line.overall, line.rank);
    }
    text
}

/// PATE with and without ties, VUS-PR, alarms and the cost as tables in Markdown, ours in bold.
pub fn markdown(board: &Board) -> String {
    let table = &board.table;
    let mut text = String::new();
    for metric in [Metric::RANKED, Metric::Pate, Metric::VusPr] {
        let Figures { metric, lines, .. } = figures(table, metric);
        let sets = table.sets();
        let _ = write!(
            text,
            "### {metric}\n\n| detector | {} | overall | 95 % | rank |\n|---|{}\n",
            sets.join(" | "),
            "---:|".repeat(sets.len() + 3)
        );
        for line in &lines {
            let cells: Vec<&str> = line.sets.iter().map(|(cell, _)| cell.as_str()).collect();
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} |",
                bold(&line.name),
                cells.join(" | "),
                line.overall,
                line.interval,
                line.rank
            );
        }
        text.push('\n');
    }
    text += &alarms::markdown(&board.alarms);
    let _ = write!(
        text,
        "### Price\n\n| detector | largest state, bytes | instructions per row of {VARIABLES} variables | \
         mean time per row, µs |\n|---|---:|---:|---:|\n"
    );
    let mut prices: Vec<(&str, u64, f64)> = table
        .detectors()
        .into_iter()
        .map(|name| {
            let (bytes, us) = table.price(name);
            (name, bytes, us)
        })
        .collect();
    prices.sort_by_key(|(_, bytes, _)| *bytes);
    for (name, bytes, us) in prices {
        let counted = board.instructions.0.get(name);
        let counted = counted.map_or("–".to_owned(), |counted| count(*counted));
        let bytes = count(bytes);
        let _ = writeln!(text, "| {} | {bytes} | {counted} | {us:.2} |", bold(name));
    }
    text
}

fn bold(name: &str) -> String {
    if is_peer(name) {
        name.to_owned()
    } else {
        format!("**{name}**")
    }
}

fn class(name: &str) -> &'static str {
    if is_peer(name) { "peer" } else { "ours" }
}

/// Whether a detector is a peer; a tuned one's settings follow its name.
fn is_peer(name: &str) -> bool {
    let name = name.split(' ').next().unwrap_or(name);
    Detector::named(name).is_none_or(|detector| detector.is_peer)
}

/// The critical-difference diagram: mean ranks on a line, and bars over those that do not differ.
fn diagram(ranking: &Ranking) -> String {
    const WIDTH: f64 = 900.0;
    const LEFT: f64 = 150.0;
    let count = ranking.ranks.len();
    let most = count.max(2) as f64;
    let x = |rank: f64| LEFT + (WIDTH - 2.0 * LEFT) * (rank - 1.0) / (most - 1.0);
    let half = count.div_ceil(2);
    let groups = ranking.groups();
    let low = 40.0 + 9.0 * groups.len() as f64;
    let height = low + 20.0 * half as f64 + 20.0;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Critical-difference diagram\">\
         <path class=\"axis\" d=\"M{},30H{}\"/>",
        x(1.0),
        x(most)
    );
    for rank in 1..=count {
        let at = x(rank as f64);
        let _ = write!(
            svg,
            "<path class=\"axis\" d=\"M{at:.1},26v4\"/><text class=\"middle\" x=\"{at:.1}\" y=\"20\">{rank}</text>"
        );
    }
    for (k, (first, last)) in groups.iter().enumerate() {
        let y = 38.0 + 9.0 * k as f64;
        let (from, to) = (
            x(ranking.ranks[*first].1) - 3.0,
            x(ranking.ranks[*last].1) + 3.0,
        );
        let _ = write!(svg, "<path class=\"bar\" d=\"M{from:.1},{y}H{to:.1}\"/>");
    }
    for (k, (name, rank)) in ranking.ranks.iter().enumerate() {
        let at = x(*rank);
        let is_left = k < half;
        let row = if is_left { k } else { count - 1 - k };
        let y = low + 20.0 * row as f64 + 8.0;
        let (end, text_x, anchor) = if is_left {
            (LEFT - 10.0, LEFT - 14.0, " end")
        } else {
            (WIDTH - LEFT + 10.0, WIDTH - LEFT + 14.0, "")
        };
        let _ = write!(
            svg,
            "<path class=\"rule\" d=\"M{at:.1},30V{y}H{end}\"/>\
             <text class=\"{}{anchor}\" x=\"{text_x}\" y=\"{}\">{name} {rank:.2}</text>",
            class(name),
            y + 4.0
        );
    }
    svg + "</svg>"
}

/// Overall PATE without ties against a price, which is on a logarithmic axis; `None` if none is known.
fn scatter(table: &Table, price: impl Fn(&str) -> Option<f64>) -> Option<String> {
    const WIDTH: f64 = 900.0;
    const HEIGHT: f64 = 360.0;
    const LEFT: f64 = 50.0;
    const BOTTOM: f64 = 30.0;
    let points: Vec<(&str, f64, f64)> = table
        .detectors()
        .into_iter()
        .filter_map(|name| {
            let mean = table.overall(name, Metric::RANKED)?.mean;
            let price = price(name)?;
            (price > 0.0 && mean.is_finite()).then(|| (name, price.log10(), mean))
        })
        .collect();
    if points.is_empty() {
        return None;
    }
    let fold = |pick: fn(&(&str, f64, f64)) -> f64, fold: fn(f64, f64) -> f64| {
        points.iter().map(pick).fold(f64::NAN, fold)
    };
    let (low, high) = (
        fold(|p| p.1, f64::min).floor(),
        fold(|p| p.1, f64::max).ceil(),
    );
    let high = high.max(low + 1.0);
    let top = (fold(|p| p.2, f64::max) * 1.1).max(0.1);
    let x = |log: f64| LEFT + (WIDTH - LEFT - 130.0) * (log - low) / (high - low);
    let y = |mean: f64| 10.0 + (HEIGHT - BOTTOM - 10.0) * (1.0 - mean / top);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"PATE against price\">"
    );
    let mut power = low;
    while power <= high {
        let _ = write!(
            svg,
            "<path class=\"rule\" d=\"M{0:.1},10V{1}\"/><text class=\"middle\" x=\"{0:.1}\" y=\"{2}\">{3}</text>",
            x(power),
            HEIGHT - BOTTOM,
            HEIGHT - 12.0,
            10_f64.powf(power)
        );
        power += 1.0;
    }
    for tick in numbers(0.0, top, 5.0) {
        let _ = write!(
            svg,
            "<path class=\"rule\" d=\"M{LEFT},{0:.1}H{1}\"/><text class=\"end\" x=\"{2}\" y=\"{3:.1}\">{4}</text>",
            y(tick.at),
            WIDTH - 130.0,
            LEFT - 6.0,
            y(tick.at) + 4.0,
            tick.label
        );
    }
    for (name, log, mean) in &points {
        let class = class(name);
        let _ = write!(
            svg,
            "<circle class=\"{class}\" cx=\"{0:.1}\" cy=\"{1:.1}\" r=\"5\"/>\
             <text class=\"{class}\" x=\"{2:.1}\" y=\"{3:.1}\">{name}</text>",
            x(*log),
            y(*mean),
            x(*log) + 8.0,
            y(*mean) + 4.0
        );
    }
    Some(svg + "</svg>")
}
