//! Areas under curves of counts: every distinct score is a threshold, rows count one by one.
//!
//! Both hide time: an event of a thousand rows weighs a thousand times one of a single row, and
//! a detection a row early is as wrong as one a day early.

use super::{f_measure, is_series};

/// Rows whose score reaches a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reached {
    /// Labelled rows among them.
    pub(super) labelled: u64,
    /// Other rows among them.
    pub(super) other: u64,
}

/// The distinct scores, from the highest down, with the counts reached at each. Time O(n log n).
pub(super) fn steps(scores: &[f64], labels: &[bool]) -> Vec<(f64, Reached)> {
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut reached = Reached::default();
    rows.chunk_by(|a, b| a.0 == b.0)
        .map(|step| {
            let labelled = step.iter().filter(|(_, label)| *label).count();
            reached.labelled += labelled as u64;
            reached.other += (step.len() - labelled) as u64;
            (step[0].0, reached)
        })
        .collect()
}

/// Area under the receiver operating characteristic: the chance that a labelled row scores
/// higher than another one, ties counting one half. 0 to 1, 0.5 by chance.
///
/// Source: Hanley and McNeil 1982; equal to scikit-learn's `roc_auc_score`. Hides how rare
/// anomalies are: 0.99 may mean ten false alarms for each true one. `None` too if all rows
/// are labelled, or none.
///
/// ```
/// use bellwether_sim::metrics::auc_roc;
/// let labels = [false, false, true, true];
/// assert_eq!(auc_roc(&[0.1, 0.4, 0.35, 0.8], &labels), Some(0.75));
/// ```
pub fn auc_roc(scores: &[f64], labels: &[bool]) -> Option<f64> {
    if !is_series(scores, labels) {
        return None;
    }
    let steps = steps(scores, labels);
    let (_, all) = *steps.last()?;
    if all.labelled == 0 || all.other == 0 {
        return None;
    }
    let (mut before, mut twice_area) = (Reached::default(), 0u128);
    for (_, step) in steps {
        let width = u128::from(step.other - before.other);
        twice_area += width * u128::from(step.labelled + before.labelled);
        before = step;
    }
    Some(twice_area as f64 / 2.0 / (all.labelled as f64 * all.other as f64))
}

/// Average precision: the precision at each threshold, weighted by the recall it adds. 0 to 1,
/// by chance the labelled share of the rows.
///
/// Source: scikit-learn's `average_precision_score`; no interpolation between thresholds.
/// Hides by its baseline: compare it only between detectors on the same rows. `None` too if no
/// row is labelled.
///
/// ```
/// use bellwether_sim::metrics::auc_pr;
/// let labels = [false, false, true, true];
/// assert_eq!(auc_pr(&[0.1, 0.4, 0.35, 0.8], &labels), Some((1.0 + 2.0 / 3.0) / 2.0));
/// ```
pub fn auc_pr(scores: &[f64], labels: &[bool]) -> Option<f64> {
    if !is_series(scores, labels) {
        return None;
    }
    let steps = steps(scores, labels);
    let all = steps.last()?.1.labelled;
    if all == 0 {
        return None;
    }
    let (mut found, mut sum) = (0, 0.0);
    for (_, step) in steps {
        let precision = step.labelled as f64 / (step.labelled + step.other) as f64;
        sum += (step.labelled - found) as f64 * precision;
        found = step.labelled;
    }
    Some(sum / all as f64)
}

/// The threshold with the highest F1 by row, of equal ones the highest, and that F1. Rows that
/// reach it are detections. It is fitted to the labels, so what follows from it flatters.
/// `None` too if no row is labelled.
pub fn best_f1(scores: &[f64], labels: &[bool]) -> Option<(f64, f64)> {
    if !is_series(scores, labels) {
        return None;
    }
    let steps = steps(scores, labels);
    let all = steps.last()?.1.labelled as f64;
    let mut best = None;
    for (threshold, step) in steps {
        let found = step.labelled as f64;
        let f1 = f_measure(found / (step.labelled + step.other) as f64, found / all);
        // Not a number if nothing is labelled.
        if f1 > best.map_or(0.0, |(_, f1)| f1) {
            best = Some((threshold, f1));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_order_is_one_and_its_reverse_is_none_of_it() {
        let labels = [false, false, false, true];
        assert_eq!(auc_roc(&[1.0, 2.0, 3.0, 4.0], &labels), Some(1.0));
        assert_eq!(auc_pr(&[1.0, 2.0, 3.0, 4.0], &labels), Some(1.0));
        assert_eq!(auc_roc(&[4.0, 3.0, 2.0, 1.0], &labels), Some(0.0));
        assert_eq!(auc_pr(&[4.0, 3.0, 2.0, 1.0], &labels), Some(0.25));
    }

    #[test]
    fn equal_scores_are_one_step() {
        let labels = [true, false, false, true, false];
        assert_eq!(auc_roc(&[7.0; 5], &labels), Some(0.5));
        assert_eq!(auc_pr(&[7.0; 5], &labels), Some(0.4));
        // One labelled row above a tie of one each: 1.5 of 2 pairs, and 1/2 + 1/2 * 2/3.
        assert_eq!(auc_roc(&[2.0, 1.0, 1.0], &[true, true, false]), Some(0.75));
        let pr = auc_pr(&[2.0, 1.0, 1.0], &[true, true, false]);
        assert_eq!(pr, Some((1.0 + 2.0 / 3.0) / 2.0));
        assert_eq!(auc_roc(&[0.0, -0.0], &[true, false]), Some(0.5));
    }

    #[test]
    fn the_best_threshold_is_the_highest_of_equals() {
        // F1 is 2/3 at 4 and again at 1.
        let labels = [true, false, false, true];
        assert_eq!(
            best_f1(&[4.0, 3.0, 2.0, 1.0], &labels),
            Some((4.0, 2.0 / 3.0))
        );
        assert_eq!(best_f1(&[4.0, 3.0], &[false, false]), None);
    }

    #[test]
    fn what_is_undefined_is_none() {
        for (scores, labels) in [
            (&[][..], &[][..]),
            (&[1.0], &[]),
            (&[1.0, f64::NAN], &[true, false]),
            (&[1.0, f64::INFINITY], &[true, false]),
            (&[1.0, 2.0], &[false, false]),
        ] {
            assert_eq!(auc_roc(scores, labels), None, "{scores:?}");
            assert_eq!(auc_pr(scores, labels), None, "{scores:?}");
        }
        assert_eq!(auc_roc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(auc_pr(&[1.0, 2.0], &[true, true]), Some(1.0));
    }
}
