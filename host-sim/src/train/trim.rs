//! Rows that are left out of a training because the network reconstructs them worst.
//!
//! ```text
//! after 1/10, 1/4, 1/2 and 3/4 of the epochs, of the largest errors e of all rows:
//! q1, q3 = quartiles of ln e
//! left out: ln e > q3 + max(q3 - q1, ln 1.5), at most a share of the rows, the worst first
//! ```
//!
//! Each time all rows are looked at, so that one may come back. Of log-normal errors the rule leaves out 2 %: narrower, and
//! faults in a tenth of the rows are learned.
//!
//! Differs from Borghesi et al. 2018 and others, whose training rows are healthy by their labels.

use crate::model::edit::quantile;

/// Epochs below which nothing is left out: the network knows too little.
const EPOCHS: usize = 10;
/// Rows below which nothing is left out.
const ROWS: usize = 50;
/// Spans between quartiles beyond the upper one.
const SPANS: f64 = 1.0;
/// Least factor beyond the upper quartile.
const FACTOR: f64 = 1.5;
/// Smallest error that counts.
const LEAST: f64 = 1e-9;

/// Whether rows are looked at before this epoch, of so many.
pub(super) fn is_due(epoch: usize, epochs: usize) -> bool {
    let due = [epochs / 10, epochs / 4, epochs / 2, 3 * epochs / 4];
    epochs >= EPOCHS && due.contains(&epoch)
}

/// Rows with errors far beyond those of the others, in order; at most a share of all.
pub(super) fn odd(errors: &[f64], share: f64) -> Vec<usize> {
    let logs: Vec<f64> = errors.iter().map(|e| e.max(LEAST).ln()).collect();
    let (Some(lower), Some(upper)) = (quantile(&logs, 0.25), quantile(&logs, 0.75)) else {
        return Vec::new();
    };
    if errors.len() < ROWS {
        return Vec::new();
    }
    let limit = upper + (SPANS * (upper - lower)).max(FACTOR.ln());
    let mut odd: Vec<usize> = (0..logs.len()).filter(|row| logs[*row] > limit).collect();
    odd.sort_by(|a, b| logs[*b].total_cmp(&logs[*a]));
    odd.truncate((share * errors.len() as f64) as usize);
    odd.sort_unstable();
    odd
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a fence that healthy rows of ordinary spread cross, or a limit that is not kept.
    #[test]
    fn rows_beyond_the_fence_are_left_out_up_to_the_limit() {
        let mut errors: Vec<f64> = (0..1000).map(|k| 0.02 + 0.0001 * f64::from(k)).collect();
        assert!(odd(&errors, 0.15).is_empty());
        for k in 0..100 {
            errors[10 * k] = 2.0 + k as f64;
        }
        let all: Vec<usize> = (0..100).map(|k| 10 * k).collect();
        assert_eq!(odd(&errors, 0.15), all);
        // The worst fifty.
        assert_eq!(odd(&errors, 0.05), all[50..]);
        assert!(odd(&errors, 0.0).is_empty());
        assert!(odd(&errors[..40], 0.5).is_empty(), "few rows say nothing");
    }

    #[test]
    fn a_short_training_leaves_out_nothing() {
        assert!((0..9).all(|epoch| !is_due(epoch, 9)));
        let due: Vec<usize> = (0..100).filter(|epoch| is_due(*epoch, 100)).collect();
        assert_eq!(due, [10, 25, 50, 75]);
    }
}
