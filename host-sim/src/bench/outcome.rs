//! The result of one detector on one recording: a line of the results.

use super::entrant::DEFAULT;
use super::{Entrant, ScoredRun, Series};
use crate::metrics::{auc_pr, auc_roc, pate, untied, vus, window};
use parquet_derive::ParquetRecordWriter;
use serde::{Deserialize, Serialize};

/// A line of `results.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ParquetRecordWriter)]
pub struct Outcome {
    /// The set.
    pub set: String,
    /// The series in it.
    pub series: String,
    /// The detector.
    pub detector: String,
    /// Its settings: `default`, or the changed ones.
    pub settings: String,
    /// Its seed.
    pub seed: u64,
    /// Proximity-aware evaluation.
    pub pate: f64,
    /// The same without ties.
    pub pate_untied: f64,
    /// Volume under the surface of precision and recall.
    pub vus_pr: f64,
    /// Average precision.
    pub auc_pr: f64,
    /// Volume under the surface of ROC curves.
    pub vus_roc: f64,
    /// Area under the ROC curve.
    pub auc_roc: f64,
    /// Bytes that the detector keeps between rows.
    pub state_bytes: u64,
    /// Microseconds per row that was streamed; one thread of a busy machine.
    pub us_per_row: f64,
    /// Seconds of fitting to the rows in front.
    pub fit_seconds: f64,
    /// Rows scored.
    pub rows: u64,
    /// Anomalous rows among these.
    pub anomalous: u64,
}

impl Outcome {
    /// Evaluates the scores of a recording, which must have an anomalous row.
    pub fn of(entrant: &Entrant, series: &Series, seed: u64, run: &ScoredRun) -> Self {
        let (scores, labels) = (&run.scores, series.labels());
        let rows = window(labels);
        let volumes = vus(scores, labels, rows);
        Self {
            set: series.set.clone(),
            series: series.name.clone(),
            detector: entrant.name().to_owned(),
            settings: entrant.settings(),
            seed,
            pate: pate(scores, labels, rows, rows).unwrap_or(f64::NAN),
            pate_untied: pate(&untied(scores), labels, rows, rows).unwrap_or(f64::NAN),
            vus_pr: volumes.map_or(f64::NAN, |v| v.pr),
            auc_pr: auc_pr(scores, labels).unwrap_or(f64::NAN),
            vus_roc: volumes.map_or(f64::NAN, |v| v.roc),
            auc_roc: auc_roc(scores, labels).unwrap_or(f64::NAN),
            state_bytes: run.state_bytes as u64,
            us_per_row: 1e6 * run.seconds / (series.rows.len() - series.begin) as f64,
            fit_seconds: run.fit_seconds,
            rows: labels.len() as u64,
            anomalous: labels.iter().filter(|label| **label).count() as u64,
        }
    }

    /// The detector, with its settings if anybody changed them.
    pub fn label(&self) -> String {
        label(&self.detector, &self.settings)
    }

    /// The value of a metric.
    pub fn get(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Pate => self.pate,
            Metric::PateUntied => self.pate_untied,
            Metric::VusPr => self.vus_pr,
            Metric::AucPr => self.auc_pr,
            Metric::VusRoc => self.vus_roc,
            Metric::AucRoc => self.auc_roc,
        }
    }
}

/// A detector's name, with its settings if anybody changed them.
pub(super) fn label(detector: &str, settings: &str) -> String {
    match settings {
        DEFAULT => detector.to_owned(),
        settings => format!("{detector} ({settings})"),
    }
}

/// A figure that detectors are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Proximity-aware evaluation.
    Pate,
    /// The same without ties, which flatter it.
    PateUntied,
    /// Volume under the surface of precision and recall.
    VusPr,
    /// Average precision.
    AucPr,
    /// Volume under the surface of ROC curves.
    VusRoc,
    /// Area under the ROC curve.
    AucRoc,
}

impl Metric {
    /// The metric of the ranks, the plots and the terminal.
    pub const RANKED: Self = Self::PateUntied;

    /// All, the most telling first.
    pub const ALL: [Self; 6] = [
        Self::PateUntied,
        Self::Pate,
        Self::VusPr,
        Self::AucPr,
        Self::VusRoc,
        Self::AucRoc,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pate => "PATE",
            Self::PateUntied => "PATE, ties broken",
            Self::VusPr => "VUS-PR",
            Self::AucPr => "AUC-PR",
            Self::VusRoc => "VUS-ROC",
            Self::AucRoc => "AUC-ROC",
        }
    }
}
