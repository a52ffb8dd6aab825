//! Methods side by side over the test part: how well scores rank, and what a threshold makes of
//! them that no label was used for.

use super::baseline::Baseline;
use super::{Columns, Split, Table};
use crate::metrics::{auc_pr, auc_roc};
use crate::model::edit::quantile;
use crate::model::float::FloatNet;
use crate::model::judged::Judge;
use bellwether::model::Score;
use std::fmt;

/// Ratios of score and threshold above this count as this, so that no member of an ensemble
/// decides alone.
const MOST: f64 = 10.0;

/// One line of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Method and score.
    pub name: String,
    /// Area under the ROC curve.
    pub auc_roc: Option<f64>,
    /// Average precision.
    pub auc_pr: Option<f64>,
    /// Share of anomalous rows above the threshold.
    pub recall: f64,
    /// Normal rows above the threshold, per day; `None` where timestamps are no numbers.
    pub false_alarms_per_day: Option<f64>,
}

/// Methods over one test part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// One line per method and score.
    pub lines: Vec<Line>,
    /// Rows that were scored.
    pub rows: usize,
    /// Of these anomalous.
    pub anomalous: usize,
    /// Rows with fewer than half of their values: not scored.
    pub blind: usize,
}

/// What scores a row: errors per column, or two scores.
pub struct Method<'a> {
    name: &'a str,
    /// Largest and mean error of a row.
    score: Box<Scorer<'a>>,
}

type Scorer<'a> = dyn FnMut(&Row) -> [f64; 2] + 'a;

/// A row, raw and scaled.
pub struct Row {
    raw: Vec<f32>,
    scaled: Vec<f32>,
    there: Vec<bool>,
}

impl<'a> Method<'a> {
    /// The network in f32.
    pub fn float(net: &'a FloatNet) -> Self {
        let score = |row: &Row| {
            let outputs = net.forward(&row.scaled);
            let pairs = outputs.iter().zip(&row.scaled);
            let errors = pairs.map(|(y, x)| f64::from((y - x).abs()));
            reduce(errors, &row.there)
        };
        Self {
            name: "autoencoder f32",
            score: Box::new(score),
        }
    }

    /// The model in integers, as firmware runs it.
    pub fn integers(mut judge: Judge<'a>) -> Self {
        let score = move |row: &Row| {
            judge.observe(&row.raw);
            [Score::MaxAbsolute, Score::MeanAbsolute].map(|score| judge.score(score).into())
        };
        Self {
            name: "autoencoder int8",
            score: Box::new(score),
        }
    }

    /// A baseline.
    pub fn baseline(name: &'a str, baseline: &'a Baseline) -> Self {
        let score = |row: &Row| reduce(baseline.errors(&row.scaled).into_iter(), &row.there);
        Self {
            name,
            score: Box::new(score),
        }
    }
}

/// Largest and mean of the errors of columns that are there.
fn reduce(errors: impl Iterator<Item = f64>, there: &[bool]) -> [f64; 2] {
    let (mut most, mut sum, mut count) = (0.0_f64, 0.0, 0_u32);
    for (error, _) in errors.zip(there).filter(|(_, there)| **there) {
        most = most.max(error);
        sum += error;
        count += 1;
    }
    [most, sum / f64::from(count.max(1))]
}

/// Scores of calibration and test rows.
struct Scored {
    name: String,
    calibration: Vec<f64>,
    test: Vec<f64>,
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
        for (k, kind) in ["max", "mean"].into_iter().enumerate() {
            scored.push(Scored {
                name: format!("{}, {kind}", method.name),
                calibration: a.iter().map(|s: &[f64; 2]| s[k]).collect(),
                test: b.iter().map(|s: &[f64; 2]| s[k]).collect(),
            });
        }
    }
    // What a device would run: the largest errors, of integers and baselines.
    let is_member = |s: &&Scored| s.name.ends_with("max") && !s.name.contains("f32");
    for (name, without) in [("all three, max", ""), ("int8 and PCA-8, max", "|z|")] {
        let members = scored.iter().filter(is_member);
        let members = members.filter(|s| without.is_empty() || !s.name.starts_with(without));
        let members: Vec<&Scored> = members.collect();
        if let Some(together) = ensemble(name, &members, q) {
            scored.push(together);
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

/// The mean of all members' ratios of score and threshold.
fn ensemble(name: &str, members: &[&Scored], q: f64) -> Option<Scored> {
    let thresholds: Option<Vec<f64>> = members
        .iter()
        .map(|m| quantile(&m.calibration, q))
        .collect();
    let thresholds = thresholds.filter(|t| !t.is_empty())?;
    let mean = |scores: &dyn Fn(&Scored) -> Vec<f64>| -> Vec<f64> {
        let all: Vec<Vec<f64>> = members.iter().map(|m| scores(m)).collect();
        let ratio = |m: usize, k: usize| (all[m][k] / thresholds[m].max(1e-9)).min(MOST);
        let count = all.len() as f64;
        let rows = 0..all.first().map_or(0, Vec::len);
        rows.map(|k| (0..all.len()).map(|m| ratio(m, k)).sum::<f64>() / count)
            .collect()
    };
    Some(Scored {
        name: name.to_owned(),
        calibration: mean(&|m| m.calibration.clone()),
        test: mean(&|m| m.test.clone()),
    })
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
        name: scored.name.clone(),
        auc_roc: auc_roc(&scored.test, labels),
        auc_pr: auc_pr(&scored.test, labels),
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
        let number =
            |x: Option<f64>, digits: usize| x.map_or("-".to_owned(), |x| format!("{x:.digits$}"));
        for line in &self.lines {
            writeln!(
                f,
                "{:<24}{:>8}{:>8}{:>8.3}{:>18}",
                line.name,
                number(line.auc_roc, 3),
                number(line.auc_pr, 3),
                line.recall,
                number(line.false_alarms_per_day, 1)
            )?;
        }
        Ok(())
    }
}
