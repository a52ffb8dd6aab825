//! A page per recording of a bench: the detectors' scores over its labels.

use crate::bench::{Outcome, Series};
use crate::metrics::runs;
use askama::Template;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Columns of a plot; a column shows the largest of its rows.
const COLUMNS: usize = 1_000;
/// Height of a plot.
const HEIGHT: f64 = 60.0;
/// Largest number of drawn variables.
const VARIABLES: usize = 12;

/// The unfinished page.
#[derive(Debug)]
pub struct ScoredPage<'a> {
    series: &'a Series,
    plots: Vec<Plot>,
}

#[derive(Debug)]
struct Plot {
    name: String,
    about: String,
    svg: String,
}

impl<'a> ScoredPage<'a> {
    /// With the variables, and no scores yet.
    pub const fn new(series: &'a Series) -> Self {
        Self {
            series,
            plots: Vec::new(),
        }
    }

    /// Takes a detector's scores.
    pub fn push(&mut self, outcome: &Outcome, scores: &[f64]) {
        let Outcome {
            pate,
            pate_untied,
            vus_pr,
            auc_roc,
            ..
        } = outcome;
        self.plots.push(Plot {
            name: outcome.label(),
            about: format!("PATE {pate:.3} ({pate_untied:.3} with ties broken) · VUS-PR {vus_pr:.3} · AUC-ROC {auc_roc:.3}"),
            svg: area(scores),
        });
    }

    /// The page with these plots behind its own; `None` if it is no such page.
    pub fn behind(&self, page: &str) -> Option<String> {
        let more = Strips {
            columns: self.columns(),
            labels: labels(self.series.labels()),
            plots: &self.plots,
        };
        let (before, after) = page.split_once(MORE)?;
        Some(format!("{before}{}{MORE}{after}", more.render().ok()?))
    }

    fn columns(&self) -> usize {
        let rows = self.series.labels().len();
        rows.div_ceil(per_column(rows)).max(1)
    }

    /// Writes the page.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let series = self.series;
        let rows = &series.rows[series.fit..];
        let variables = series.variables.iter().take(VARIABLES).enumerate();
        let variables = variables.map(|(k, name)| {
            let values: Vec<f64> = rows.iter().map(|row| f64::from(row[k])).collect();
            (name.clone(), line(&values))
        });
        View {
            title: format!("{}/{}", series.set, series.name),
            rows: rows.len(),
            columns: self.columns(),
            per_column: per_column(rows.len()),
            labels: labels(series.labels()),
            plots: &self.plots,
            variables: variables.collect(),
            hidden: series.variables.len().saturating_sub(VARIABLES),
        }
        .write_into(out)
    }
}

/// The marker for further scores.
const MORE: &str = "<!-- more -->";

/// Scores by themselves.
#[derive(Template)]
#[template(path = "strips.html")]
struct Strips<'a> {
    columns: usize,
    labels: String,
    plots: &'a [Plot],
}

#[derive(Template)]
#[template(path = "scored.html")]
struct View<'a> {
    title: String,
    rows: usize,
    columns: usize,
    per_column: usize,
    labels: String,
    plots: &'a [Plot],
    variables: Vec<(String, String)>,
    hidden: usize,
}

/// Rows of a column.
fn per_column(rows: usize) -> usize {
    rows.div_ceil(COLUMNS).max(1)
}

/// Smallest and largest of each column's values; nothing of a column without any.
fn columns(values: &[f64]) -> Vec<Option<(f64, f64)>> {
    let range = |rows: &[f64]| {
        let there = rows.iter().copied().filter(|x| x.is_finite());
        there.fold(None, |range: Option<(f64, f64)>, x| {
            let (low, high) = range.unwrap_or((x, x));
            Some((low.min(x), high.max(x)))
        })
    };
    values.chunks(per_column(values.len())).map(range).collect()
}

fn whole(columns: &[Option<(f64, f64)>]) -> (f64, f64) {
    let ranges = columns.iter().flatten();
    let (low, high) = ranges.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (c, d)| {
        (a.min(*c), b.max(*d))
    });
    if low < high {
        (low, high)
    } else {
        (low - 0.5, low + 0.5)
    }
}

/// Scores from the smallest at the bottom, filled.
fn area(scores: &[f64]) -> String {
    let columns = columns(scores);
    let (low, high) = whole(&columns);
    let mut path = format!("M0,{HEIGHT}");
    for (x, range) in columns.iter().enumerate() {
        let top = range.map_or(low, |(_, most)| most);
        let y = HEIGHT * (1.0 - (top - low) / (high - low));
        let _ = write!(path, "V{y:.1}H{}", x + 1);
    }
    format!("<path class=\"score\" d=\"{path}V{HEIGHT}Z\"/>")
}

/// Values as a line; a column reaches from its smallest to its largest.
fn line(values: &[f64]) -> String {
    let columns = columns(values);
    let (low, high) = whole(&columns);
    let y = |x: f64| HEIGHT * (1.0 - (x - low) / (high - low));
    let mut path = String::new();
    let mut pen = 'M';
    for (x, range) in columns.iter().enumerate() {
        let Some((least, most)) = range else {
            pen = 'M';
            continue;
        };
        let at = x as f64 + 0.5;
        let _ = write!(path, "{pen}{at},{:.1}V{:.1}", y(*least), y(*most));
        pen = 'L';
    }
    format!("<path class=\"line\" d=\"{path}\"/>")
}

/// Runs of labelled rows behind a plot.
fn labels(labels: &[bool]) -> String {
    let per_column = per_column(labels.len()) as f64;
    let mut path = String::new();
    for run in runs(labels) {
        let (from, rows) = (
            run.first as f64 / per_column,
            run.rows() as f64 / per_column,
        );
        let _ = write!(
            path,
            "M{from:.2},0h{:.2}v{HEIGHT}h-{:.2}Z",
            rows.max(1.0),
            rows.max(1.0)
        );
    }
    format!("<path class=\"labels\" d=\"{path}\"/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: a score of 1 among zeros fills one column to the top.
    #[test]
    fn the_largest_row_of_a_column_is_drawn() {
        assert_eq!(
            area(&[0.0, 1.0, 0.0]),
            r#"<path class="score" d="M0,60V60.0H1V0.0H2V60.0H3V60Z"/>"#
        );
        let mut many = vec![0.0; 2_500];
        many[1_201] = 4.0;
        let columns = columns(&many);
        assert_eq!((columns.len(), columns[400]), (834, Some((0.0, 4.0))));
    }

    #[test]
    fn gaps_break_a_line_and_constants_are_drawn() {
        let path = line(&[1.0, f64::NAN, 3.0]);
        assert!(path.contains("M0.5,60.0V60.0M2.5,0.0V0.0"), "{path}");
        assert!(line(&[7.0, 7.0]).contains("M0.5,30.0V30.0L1.5,30.0"));
        assert!(area(&[]).contains("M0,60V60Z"));
    }
}
