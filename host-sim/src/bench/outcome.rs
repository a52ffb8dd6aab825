//! What one detector reached on one series: a line of the results.

use super::{Detector, Series};
use crate::metrics::{auc_pr, auc_roc, pate, vus, window};
use serde::{Deserialize, Serialize};
use std::time::Instant;

/// A line of `results.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The set.
    pub set: String,
    /// The series in it.
    pub series: String,
    /// The detector.
    pub detector: String,
    /// What it was seeded with.
    pub seed: u64,
    /// Proximity-aware evaluation.
    pub pate: f64,
    /// Volume under the surface of precision and recall.
    pub vus_pr: f64,
    /// Average precision.
    pub auc_pr: f64,
    /// Volume under the surface of ROC curves.
    pub vus_roc: f64,
    /// Area under the ROC curve.
    pub auc_roc: f64,
    /// Bytes that the detector keeps between rows.
    pub state_bytes: usize,
    /// Microseconds per row that was streamed, fitting included; one thread of a busy machine.
    pub us_per_row: f64,
    /// Rows scored.
    pub rows: usize,
    /// Of these anomalous.
    pub anomalous: usize,
}

impl Outcome {
    /// Scores a series, and what the scores are worth. The series must have an anomalous row.
    ///
    /// # Errors
    /// The detector cannot take the series.
    pub fn of(detector: &Detector, series: &Series, seed: u64) -> anyhow::Result<(Self, Vec<f64>)> {
        let start = Instant::now();
        let judged = detector.judge(series, seed)?;
        let seconds = start.elapsed().as_secs_f64();
        let (scores, labels) = (judged.scores, series.labels());
        let rows = window(labels);
        let volumes = vus(&scores, labels, rows);
        let outcome = Self {
            set: series.set.clone(),
            series: series.name.clone(),
            detector: detector.name.to_owned(),
            seed,
            pate: pate(&scores, labels, rows, rows).unwrap_or(f64::NAN),
            vus_pr: volumes.map_or(f64::NAN, |v| v.pr),
            auc_pr: auc_pr(&scores, labels).unwrap_or(f64::NAN),
            vus_roc: volumes.map_or(f64::NAN, |v| v.roc),
            auc_roc: auc_roc(&scores, labels).unwrap_or(f64::NAN),
            state_bytes: judged.state_bytes,
            us_per_row: 1e6 * seconds / (series.rows.len() - series.begin) as f64,
            rows: labels.len(),
            anomalous: labels.iter().filter(|label| **label).count(),
        };
        Ok((outcome, scores))
    }

    /// What is ranked by.
    pub fn get(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Pate => self.pate,
            Metric::VusPr => self.vus_pr,
            Metric::AucPr => self.auc_pr,
            Metric::VusRoc => self.vus_roc,
            Metric::AucRoc => self.auc_roc,
        }
    }
}

/// A figure that detectors are ranked by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Proximity-aware evaluation.
    Pate,
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
    /// All, the most telling first.
    pub const ALL: [Self; 5] = [
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
            Self::VusPr => "VUS-PR",
            Self::AucPr => "AUC-PR",
            Self::VusRoc => "VUS-ROC",
            Self::AucRoc => "AUC-ROC",
        }
    }
}
