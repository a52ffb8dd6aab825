//! Two rates and their harmonic mean.

/// Precision and recall, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// The share of detections that are right.
    pub precision: f64,
    /// The share of anomalies that are detected.
    pub recall: f64,
}

impl PrecisionRecall {
    /// Harmonic mean; 0 if both are.
    pub fn f1(&self) -> f64 {
        f_measure(self.precision, self.recall)
    }
}

/// Harmonic mean of precision and recall; 0 if both are.
pub fn f_measure(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 {
        0.0
    } else {
        2.0 * precision * recall / (precision + recall)
    }
}
