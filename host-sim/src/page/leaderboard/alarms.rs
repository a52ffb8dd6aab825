//! Tables of alarms: recall where a swept threshold realises a rate, and detectors' own alarms.

use super::{bold, is_peer};
use crate::bench::alarms::RATES;
use crate::bench::sweep::Recall;
use crate::bench::{AlarmRun, AlarmTable, Kept};
use std::fmt::Write as _;

/// A table for people.
#[derive(Debug)]
pub(crate) struct Grid {
    pub(crate) title: String,
    /// Names of the columns, the first one that of the detector.
    pub(crate) head: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// A detector's line.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) is_peer: bool,
    pub(crate) cells: Vec<String>,
}

/// A figure that is not defined.
const NONE: &str = "–";

/// All tables: recall at each rate by set, then own alarms by set.
pub(crate) fn grids(alarms: &AlarmTable) -> Vec<Grid> {
    let swept = Swept::all(alarms);
    let recalls = (0..RATES.len()).map(|rate| recalls(&alarms.sets(), &swept, rate));
    let mut grids: Vec<Grid> = recalls.collect();
    grids.push(own(alarms, true));
    grids.retain(|grid| !grid.lines.is_empty());
    grids
}

/// The short tables of a terminal: recall at all rates, then own alarms over sets.
pub(crate) fn text(alarms: &AlarmTable) -> String {
    let mut text = String::new();
    for grid in [overall(alarms), own(alarms, false)] {
        if !grid.lines.is_empty() {
            text += &spelled(&grid);
        }
    }
    text
}

/// A detector's recalls at all rates: with a threshold for each set, and with one for all.
struct Swept<'a> {
    name: &'a str,
    by_set: Vec<[Option<Recall>; 3]>,
    together: [Option<Recall>; 3],
}

impl<'a> Swept<'a> {
    /// All detectors, the best at the second rate first, then at the third.
    fn all(alarms: &'a AlarmTable) -> Vec<Self> {
        let sets = alarms.sets();
        let swept = |name: &'a str| {
            // A detector may not have run on all sets.
            let own: Vec<&str> = sets
                .iter()
                .copied()
                .filter(|set| !alarms.of(set, name).is_empty())
                .collect();
            Self {
                name,
                by_set: sets
                    .iter()
                    .map(|set| alarms.recalls(&[set], name))
                    .collect(),
                together: alarms.recalls(&own, name),
            }
        };
        let mut all: Vec<Self> = alarms.detectors().into_iter().map(swept).collect();
        // What is not reached is last.
        let found = |swept: &Self, rate: usize| swept.together[rate].map_or(-1.0, |r| r.found);
        let order = |a: &Self, b: &Self, rate| found(b, rate).total_cmp(&found(a, rate));
        all.sort_by(|a, b| order(a, b, 1).then(order(a, b, 2)));
        all
    }
}

/// The table of one rate.
fn recalls(sets: &[&str], swept: &[Swept<'_>], rate: usize) -> Grid {
    let lines = swept.iter().map(|swept| {
        let cells = swept
            .by_set
            .iter()
            .map(|recalls| share(recalls[rate], |r| r.found));
        let mut cells: Vec<String> = cells.collect();
        let together = swept.together[rate];
        cells.push(share(together, |recall| recall.found));
        cells.push(share(together, |recall| recall.fresh));
        Line::of(swept.name, cells)
    });
    let mut head = vec!["detector".to_owned()];
    head.extend(sets.iter().map(|set| (*set).to_owned()));
    head.extend(["one threshold", "fresh"].map(str::to_owned));
    Grid {
        title: format!(
            "Events found at {} false {} per 10,000 normal rows",
            RATES[rate],
            if RATES[rate] == 1.0 {
                "episode"
            } else {
                "episodes"
            }
        ),
        head,
        lines: lines.collect(),
    }
}

/// Recall at all rates, one threshold for all sets.
fn overall(alarms: &AlarmTable) -> Grid {
    let lines = Swept::all(alarms).into_iter().map(|swept| {
        let found = swept.together.map(|recall| share(recall, |r| r.found));
        let fresh = swept.together.map(|recall| share(recall, |r| r.fresh));
        Line::of(swept.name, [found, fresh].concat())
    });
    let mut head = vec!["detector".to_owned()];
    head.extend(RATES.map(|rate| format!("{rate}")));
    head.extend(RATES.map(|rate| format!("fresh {rate}")));
    Grid {
        title:
            "Events found with one threshold for all sets, at false episodes per 10,000 normal rows"
                .to_owned(),
        head,
        lines: lines.collect(),
    }
}

/// Alarms of detectors' own thresholds: by set if wanted, means over sets, and all series as one set.
fn own(alarms: &AlarmTable, by_set: bool) -> Grid {
    let mut lines = Vec::new();
    let sets = alarms.sets();
    for name in alarms.detectors() {
        let kept = sets.iter().copied();
        let kept = kept.filter_map(|set| Some((set, Kept::of(&alarms.of(set, name))?)));
        let kept: Vec<(&str, Kept)> = kept.collect();
        let figures: Vec<Kept> = kept.iter().map(|(_, kept)| *kept).collect();
        let Some(overall) = Kept::over(&figures) else {
            continue;
        };
        if by_set {
            lines.extend(
                kept.iter()
                    .map(|(set, kept)| Line::of(name, cells(set, kept))),
            );
        }
        lines.push(Line::of(name, cells("overall", &overall)));
        let all: Vec<&AlarmRun> = sets.iter().flat_map(|set| alarms.of(set, name)).collect();
        lines.extend(Kept::of(&all).map(|kept| Line::of(name, cells("all series", &kept))));
    }
    let head = [
        "detector", "set", "runs", "events", "promise", "found", "fresh", "pooled", "mean",
        "median", "kept", "delay", "clear", "busy", "NAB",
    ];
    Grid {
        title: "Own alarms, with false episodes per 10,000 normal rows: pooled, mean and median of series"
            .to_owned(),
        head: head.map(str::to_owned).to_vec(),
        lines,
    }
}

fn cells(set: &str, kept: &Kept) -> Vec<String> {
    let figure = |x: f64, decimals| {
        if x.is_finite() {
            format!("{x:.decimals$}")
        } else {
            NONE.to_owned()
        }
    };
    let percent = |x: f64| match figure(100.0 * x, 1) {
        none if none == NONE => none,
        figure => figure + " %",
    };
    vec![
        set.to_owned(),
        kept.runs.to_string(),
        kept.events.to_string(),
        kept.promise.to_string(),
        figure(kept.recall, 3),
        figure(kept.fresh, 3),
        figure(kept.pooled, 2),
        figure(kept.mean, 2),
        figure(kept.median, 2),
        percent(kept.kept),
        figure(kept.delay, 1),
        figure(kept.clear, 1),
        percent(kept.busy),
        figure(kept.nab, 1),
    ]
}

fn share(recall: Option<Recall>, of: fn(&Recall) -> f64) -> String {
    let spelled = recall.map(|recall| format!("{:.3}", of(&recall)));
    spelled.unwrap_or_else(|| NONE.to_owned())
}

impl Line {
    fn of(name: &str, cells: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            is_peer: is_peer(name),
            cells,
        }
    }
}

/// A table for a terminal.
fn spelled(grid: &Grid) -> String {
    let mut text = format!("\n\n{}\n", grid.title);
    let columns = grid.head.len().saturating_sub(1);
    let width = |k: usize| {
        let cells = grid.lines.iter().filter_map(|line| line.cells.get(k));
        let names = grid.head.get(k + 1).into_iter();
        let widths = cells.chain(names).map(|cell| cell.chars().count());
        widths.max().unwrap_or(0) + 2
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let names = grid.lines.iter().map(|line| line.name.chars().count());
    let first = names.max().unwrap_or(0).max(17);
    let _ = write!(
        text,
        "{:<w$}",
        grid.head.first().map_or("", |h| h),
        w = first + 1
    );
    for (name, width) in grid.head.iter().skip(1).zip(&widths) {
        let _ = write!(text, "{name:>width$}");
    }
    for line in &grid.lines {
        let mark = if line.is_peer { " " } else { "*" };
        let _ = write!(text, "\n{mark}{:<first$}", line.name);
        for (cell, width) in line.cells.iter().zip(&widths) {
            let _ = write!(text, "{cell:>width$}");
        }
    }
    text
}

/// The tables in Markdown.
pub(crate) fn markdown(alarms: &AlarmTable) -> String {
    let mut text = String::new();
    for grid in grids(alarms) {
        let columns = grid.head.len().saturating_sub(1);
        let _ = write!(
            text,
            "### {}\n\n| {} |\n|---|{}\n",
            grid.title,
            grid.head.join(" | "),
            "---:|".repeat(columns)
        );
        for line in &grid.lines {
            let _ = writeln!(
                text,
                "| {} | {} |",
                bold(&line.name),
                line.cells.join(" | ")
            );
        }
        text.push('\n');
    }
    text
}

/// A line for each detector with constant scores.
pub(crate) fn constants(alarms: &AlarmTable) -> Vec<String> {
    let constants = alarms.constants().into_iter();
    let line = |(name, series): (&str, Vec<String>)| {
        format!("{name}: constant scores on {}", series.join(", "))
    };
    constants.map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::alarms::tests::run;

    fn table() -> AlarmTable {
        let own = AlarmRun {
            detector: "rola".to_owned(),
            found: Some(2),
            ..run("x", "1", 4, 10_000, 2)
        };
        let peer = AlarmRun {
            detector: "static3s".to_owned(),
            promise: None,
            distinct_scores: 1,
            ..run("y", "1", 2, 10_000, 4)
        };
        AlarmTable {
            runs: vec![own, peer],
        }
    }

    /// Broken by a detector without alarms of its own in the table of these, or one that is lost.
    #[test]
    fn tables_have_a_line_per_detector() {
        let grids = grids(&table());
        let lines = grids.iter().map(|grid| grid.lines.len());
        assert_eq!(lines.collect::<Vec<_>>(), [2, 2, 2, 3]);
        // rola never has 3 false episodes: what is not reached is last.
        assert_eq!(grids[1].lines[0].name, "static3s");
        for grid in &grids {
            for line in &grid.lines {
                assert_eq!(line.cells.len() + 1, grid.head.len(), "{}", grid.title);
            }
        }
        let markdown = markdown(&table());
        assert!(
            markdown.contains(
                "| **rola** | overall | 1 | 4 | 1 | 0.500 | 0.000 | 2.00 | 2.00 | 2.00 | 100.0 % | – | – | 0.0 % |"
            ),
            "{markdown}"
        );
        let text = text(&table());
        assert!(
            text.contains("*rola") && text.contains(" static3s "),
            "{text}"
        );
        assert_eq!(super::text(&AlarmTable::default()), "");
    }

    #[test]
    fn constant_scores_are_a_line() {
        assert_eq!(constants(&table()), ["static3s: constant scores on y/1"]);
    }
}
