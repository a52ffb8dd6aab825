//! Detection quality: scores or detections against labels, one metric per file.
//!
//! A series is `scores: &[f64]`, higher is more anomalous, and `labels: &[bool]`, one of each
//! per row, in time order. Every metric says what it hides: none is enough alone.
//!
//! `None` is the answer of every metric that the series does not define: no row, lengths that
//! differ, a score that is not finite, or labels without which there is nothing to count
//! (each function says which).

mod curve;

pub use curve::{auc_pr, auc_roc};

/// Whether a series is one at all: as many labels as scores, at least one, all finite.
fn is_series(scores: &[f64], labels: &[bool]) -> bool {
    !scores.is_empty() && scores.len() == labels.len() && scores.iter().all(|s| s.is_finite())
}
