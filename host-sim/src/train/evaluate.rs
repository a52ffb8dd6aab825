//! Methods side by side over the test part: the quality of their ranking, and of a threshold that
//! was set without labels.

use super::ensemble::ensemble;
use super::method::{Method, Row};
use super::survey::number;
use super::{Columns, Split};
use crate::metrics::{auc_pr, auc_roc, pate, untied, window};
use crate::model::edit::quantile;
use crate::recording::Table;
use std::fmt;

/// Methods that an autoencoder must not be worse than.
pub const SIMPLE: [&str; 2] = ["|z|", "PCA-8"];

/// Methods that are also evaluated as an ensemble, each by both of its scores.
const ENSEMBLES: [&[&str]; 3] = [
    &["int8/16", "PCA-8"],
    &["integers", "PCA-8"],
    &["int8/16", "|z|", "PCA-8"],
];

/// One line of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Name of the method.
    pub method: String,
    /// The method's reduction of several errors to one score; empty for one that has a score.
    pub score: &'static str,
    /// Area under the ROC curve.
    pub auc_roc: Option<f64>,
    /// Average precision.
    pub auc_pr: Option<f64>,
    /// PATE, ties broken, with the window of the bench.
    pub pate: Option<f64>,
    /// Share of anomalous rows above the threshold.
    pub recall: f64,
    /// Normal rows above the threshold, per day; `None` if timestamps are no numbers.
    pub false_alarms_per_day: Option<f64>,
}

impl Line {
    /// Method and score.
    pub fn name(&self) -> String {
        let joint = if self.score.is_empty() { "" } else { ", " };
        format!("{}{joint}{}", self.method, self.score)
    }
}

/// Methods over one test part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// One line per method and score.
    pub lines: Vec<Line>,
    /// Rows that were scored.
    pub rows: usize,
    /// Anomalous rows among these.
    pub anomalous: usize,
    /// Rows with fewer than half of their values: not scored.
    pub blind: usize,
}

impl Evaluation {
    /// The line of a method and score.
    pub fn line(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name() == name)
    }

    /// The largest AUC among the simple baselines' scores.
    pub fn best_simple(&self) -> Option<f64> {
        let simple = self
            .lines
            .iter()
            .filter(|line| SIMPLE.contains(&line.method.as_str()));
        simple
            .filter_map(|line| line.auc_roc)
            .max_by(f64::total_cmp)
    }
}

/// Scores of calibration and test rows.
pub(super) struct Scored {
    pub(super) method: String,
    pub(super) score: &'static str,
    pub(super) calibration: Vec<f64>,
    pub(super) test: Vec<f64>,
}

/// A test part: a recording and the rows of it.
pub struct Test<'a> {
    /// The recording.
    pub table: &'a Table,
    /// Its rows.
    pub rows: &'a [usize],
}

/// Scores all methods, and their ensembles; thresholds are the `q` quantile of the calibration
/// rows' scores.
pub fn evaluate(
    columns: &Columns,
    (table, split): (&Table, &Split),
    test: &Test<'_>,
    methods: Vec<Method<'_>>,
    q: f64,
) -> Evaluation {
    let row = |table: &Table, row: &usize| {
        let (scaled, there) = columns.scaled(table, *row);
        Row {
            raw: columns.raw(table, *row),
            scaled,
            there,
        }
    };
    let seeing = |table: &Table, rows: &[usize]| -> Vec<usize> {
        let all = rows.iter().copied();
        all.filter(|row| !columns.is_blind(table, *row)).collect()
    };
    let judged = seeing(test.table, test.rows);
    let calibration: Vec<Row> = seeing(table, &split.calibration)
        .iter()
        .map(|k| row(table, k))
        .collect();
    let rows: Vec<Row> = judged.iter().map(|k| row(test.table, k)).collect();
    let labels: Vec<bool> = judged.iter().map(|k| test.table.is_anomalous(*k)).collect();
    let mut scored = Vec::new();
    for mut method in methods {
        let (a, b): (Vec<_>, Vec<_>) = (
            calibration.iter().map(&mut method.score).collect(),
            rows.iter().map(&mut method.score).collect(),
        );
        for (k, score) in ["max", "mean"].into_iter().enumerate() {
            scored.push(Scored {
                method: method.name.to_owned(),
                score,
                calibration: a.iter().map(|s: &[f64; 2]| s[k]).collect(),
                test: b.iter().map(|s: &[f64; 2]| s[k]).collect(),
            });
        }
    }
    for together in ENSEMBLES {
        let members = scored
            .iter()
            .filter(|s| together.contains(&s.method.as_str()));
        let members: Vec<&Scored> = members.collect();
        let is_whole = together
            .iter()
            .all(|name| members.iter().any(|m| m.method == *name));
        if let Some(ensemble) = ensemble(&members, q).filter(|_| is_whole) {
            scored.push(Scored {
                method: together.join(" + "),
                ..ensemble
            });
        }
    }
    let days = test.table.row_days().map(|days| days * rows.len() as f64);
    let anomalous = labels.iter().filter(|label| **label).count();
    Evaluation {
        lines: scored.iter().map(|s| line(s, &labels, days, q)).collect(),
        rows: rows.len(),
        anomalous,
        blind: test.rows.len() - rows.len(),
    }
}

pub(super) fn pate_of(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let rows = window(labels);
    pate(&untied(scores), labels, rows, rows)
}

fn line(scored: &Scored, labels: &[bool], days: Option<f64>, q: f64) -> Line {
    let threshold = quantile(&scored.calibration, q).unwrap_or(f64::INFINITY);
    let count = |wanted: bool| {
        let pairs = scored.test.iter().zip(labels);
        let of = pairs.filter(|(_, label)| **label == wanted);
        let above = of.clone().filter(|(score, _)| **score > threshold).count();
        (above as f64, of.count().max(1) as f64)
    };
    let ((hits, anomalous), (alarms, _)) = (count(true), count(false));
    Line {
        method: scored.method.clone(),
        score: scored.score,
        auc_roc: auc_roc(&scored.test, labels),
        auc_pr: auc_pr(&scored.test, labels),
        pate: pate_of(&scored.test, labels),
        recall: hits / anomalous,
        false_alarms_per_day: days.map(|days| alarms / days),
    }
}

impl fmt::Display for Evaluation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rows,
            anomalous,
            blind,
            ..
        } = self;
        writeln!(
            f,
            "test: {rows} rows, {anomalous} anomalous; {blind} more are blind"
        )?;
        writeln!(
            f,
            "{:<24}{:>8}{:>8}{:>8}{:>18}",
            "method, score", "AUC", "AUC-PR", "recall", "false alarms/day"
        )?;
        for line in &self.lines {
            writeln!(
                f,
                "{:<24}{:>8}{:>8}{:>8.3}{:>18}",
                line.name(),
                number(line.auc_roc, 3),
                number(line.auc_pr, 3),
                line.recall,
                number(line.false_alarms_per_day, 1)
            )?;
        }
        Ok(())
    }
}
