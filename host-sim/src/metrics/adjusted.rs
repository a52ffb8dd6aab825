//! Point-adjusted counts: an event with one detected row counts as detected in all its rows.

use super::events::Exact;
use super::runs::{overlapping, runs};

/// The warning beside every point-adjusted score.
pub const WARNING: &str = "point adjustment rates chance highly: compare the plain F1 beside it";

/// Counts by row after adjustment; `Exact::rates` makes precision, recall and F1 of them.
///
/// Source: Xu and others 2018 (Donut). Differs from TSB-AD's: its loop leaves out row 0, so
/// that an event that begins there keeps one missed row. Hides nearly everything: a detector
/// that fires at random once per long event scores close to 1 (Kim and others, "Towards a
/// Rigorous Evaluation of Time-Series Anomaly Detection", AAAI 2022). Only for comparison with
/// published figures. `None` if lengths differ.
pub fn point_adjusted(detected: &[bool], labels: &[bool]) -> Option<Exact> {
    if detected.len() != labels.len() {
        return None;
    }
    let mut counts = Exact::default();
    let rows = detected.iter().zip(labels);
    counts.false_positives = rows
        .filter(|(detected, label)| **detected && !**label)
        .count() as u64;
    let (alarms, mut from) = (runs(detected), 0);
    for event in runs(labels) {
        let touching = overlapping(&alarms, event, from);
        from = touching.start;
        if touching.is_empty() {
            counts.false_negatives += event.rows() as u64;
        } else {
            counts.true_positives += event.rows() as u64;
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_finds_the_whole_event() {
        let labels = [true, true, true, false, true, true];
        let counts = point_adjusted(&[false, false, true, true, false, false], &labels);
        let expected = Exact {
            true_positives: 3,
            false_positives: 1,
            false_negatives: 2,
        };
        assert_eq!(counts, Some(expected));
        assert_eq!(point_adjusted(&[true], &labels), None);
    }
}
