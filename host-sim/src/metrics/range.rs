//! Range-based precision and recall: how much of each range is overlapped, where, and by how
//! many ranges.
//!
//! The recall of an event is `alpha * [it is touched] + (1 - alpha) * cardinality * overlap`.
//! The overlap is the share of its rows that are detected, each weighed by its position; the
//! cardinality is 1 / x if x alarms overlap the event. Recall is the mean over events;
//! precision is the same with the roles exchanged.
//!
//! Source: Tatbul and others, "Precision and Recall for Time Series", NeurIPS 2018; equal to
//! the package `prts` 1.0.0.3 (cardinality `reciprocal`) and, with alpha 0.2 for recall and 0
//! for precision, to the range-based measures of TSB-AD.

use super::runs::{Run, overlapping, runs};

/// The position of the weight within a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bias {
    /// Everywhere the same.
    Flat,
    /// At its start: weights n, n-1, .. 1. For early detection.
    Front,
    /// In its middle: weights 1, 2, .. 2, 1.
    Middle,
    /// At its end: weights 1, 2, .. n.
    Back,
}

impl Bias {
    /// Weight of the first `count` rows of a range of `rows`.
    fn weight(self, count: u64, rows: u64) -> u64 {
        let rising = |n: u64| n * (n + 1) / 2;
        match self {
            Self::Flat => count,
            Self::Front => rising(rows) - rising(rows - count),
            Self::Middle if count <= rows / 2 => rising(count),
            Self::Middle => rising(rows / 2) + rising(rows - rows / 2) - rising(rows - count),
            Self::Back => rising(count),
        }
    }
}

/// Mean recall of the runs of `labels` by the runs of `detected`, with the weight `alpha`
/// (0 to 1) of being touched at all. Exchange the two flags for precision. 0 to 1; by chance it
/// depends on how long alarms are.
///
/// Hides rows: an event of one row weighs as much as one of a thousand. And one alarm over the
/// whole series has recall 1. `None` if lengths differ or nothing is labelled. Time O(n).
pub fn range_recall(detected: &[bool], labels: &[bool], alpha: f64, bias: Bias) -> Option<f64> {
    let (alarms, events) = (runs(detected), runs(labels));
    if detected.len() != labels.len() || events.is_empty() {
        return None;
    }
    let (mut sum, mut from) = (0.0, 0);
    for event in &events {
        let touching = overlapping(&alarms, *event, from);
        from = touching.start;
        let touching = &alarms[touching];
        if touching.is_empty() {
            continue;
        }
        let overlap: u64 = touching
            .iter()
            .map(|alarm| weight(*event, *alarm, bias))
            .sum();
        let rows = event.rows() as u64;
        let overlap = overlap as f64 / bias.weight(rows, rows) as f64;
        sum += alpha + (1.0 - alpha) * overlap / touching.len() as f64;
    }
    Some(sum / events.len() as f64)
}

/// Weight of the rows of a range that another, overlapping one covers.
fn weight(range: Run, other: Run, bias: Bias) -> u64 {
    let upto = |row: usize| bias.weight((row - range.first) as u64, range.rows() as u64);
    upto(other.last.min(range.last) + 1) - upto(other.first.max(range.first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_weigh_as_defined() {
        let weights = |bias: Bias, rows| -> Vec<u64> {
            let upto = |k| bias.weight(k, rows);
            (0..rows).map(|k| upto(k + 1) - upto(k)).collect()
        };
        assert_eq!(weights(Bias::Flat, 4), [1, 1, 1, 1]);
        assert_eq!(weights(Bias::Front, 4), [4, 3, 2, 1]);
        assert_eq!(weights(Bias::Middle, 5), [1, 2, 3, 2, 1]);
        assert_eq!(weights(Bias::Middle, 4), [1, 2, 2, 1]);
        assert_eq!(weights(Bias::Back, 4), [1, 2, 3, 4]);
    }

    #[test]
    fn two_alarms_in_an_event_halve_its_overlap() {
        let labels = [false, true, true, true, true, false];
        let detected = [true, true, false, false, true, false];
        let recall = range_recall(&detected, &labels, 0.0, Bias::Flat);
        assert_eq!(recall, Some(0.25));
        let touched = range_recall(&detected, &labels, 0.2, Bias::Flat);
        assert_eq!(touched, Some(0.2 + 0.8 * 0.25));
        // Precision: half of the first alarm, all of the second.
        assert_eq!(
            range_recall(&labels, &detected, 0.0, Bias::Flat),
            Some(0.75)
        );
    }

    #[test]
    fn no_event_is_undefined_and_no_alarm_is_zero() {
        assert_eq!(range_recall(&[true], &[false], 0.0, Bias::Flat), None);
        assert_eq!(range_recall(&[true], &[], 0.0, Bias::Flat), None);
        assert_eq!(range_recall(&[false], &[true], 0.2, Bias::Flat), Some(0.0));
    }
}
