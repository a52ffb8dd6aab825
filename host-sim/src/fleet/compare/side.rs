//! One way of looking at a node, its own or beyond its peers: verdicts, counted and against known faults.

use super::truth::proximity;
use crate::detect::Record;

/// Verdicts of a node so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    /// Judged rows.
    judged: u64,
    /// Anomalous ones.
    pub(super) rows: u64,
    /// Runs of them.
    pub(super) alarms: u64,
    /// Anomalous rows without a fault.
    false_rows: u64,
    last: bool,
    scores: Vec<f64>,
    labels: Vec<bool>,
}

impl Side {
    /// Takes the verdict of the next row, and whether it is known to be faulty.
    pub(super) fn take(&mut self, record: &Record, label: bool) {
        let Some(score) = record.assessment.score else {
            return;
        };
        self.push(score.into(), record.assessment.is_anomalous(), label);
    }

    /// Takes a score and a verdict.
    pub(super) fn push(&mut self, score: f64, anomalous: bool, label: bool) {
        self.judged += 1;
        self.rows += u64::from(anomalous);
        self.alarms += u64::from(anomalous && !self.last);
        self.false_rows += u64::from(anomalous && !label);
        self.last = anomalous;
        self.scores.push(score);
        self.labels.push(label);
    }

    /// PATE; `None` without a fault.
    pub(super) fn pate(&self) -> Option<f64> {
        proximity(&self.scores, &self.labels)
    }

    /// False rows of a day with this number of rows.
    pub(super) fn false_per_day(&self, day: f64) -> f64 {
        self.false_rows as f64 * day / self.judged.max(1) as f64
    }
}
