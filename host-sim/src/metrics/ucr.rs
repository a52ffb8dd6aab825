//! UCR score: the highest score of a series lies at its anomaly, or not.

use super::is_series;
use super::runs::runs;

/// Rows before and after an anomaly that count as hits.
pub const UCR_MARGIN: usize = 100;

/// Whether the row with the highest score (of equal ones the first) lies within
/// [`UCR_MARGIN`] rows of a labelled one. The score of an archive is the share of its series
/// where it does.
///
/// Source: Wu and Keogh, "Current Time Series Anomaly Detection Benchmarks are Flawed", TKDE
/// 2021. For series with one anomaly. Hides everything but one row: whether a threshold could
/// have been set before, and how many others score nearly as high. `None` too if no row is
/// labelled. Time O(n).
pub fn ucr_hit(scores: &[f64], labels: &[bool]) -> Option<bool> {
    let events = runs(labels);
    if !is_series(scores, labels) || events.is_empty() {
        return None;
    }
    let (mut row, mut best) = (0, f64::NEG_INFINITY);
    for (k, score) in scores.iter().enumerate() {
        if *score > best {
            (row, best) = (k, *score);
        }
    }
    let near = events
        .iter()
        .any(|event| row + UCR_MARGIN >= event.first && row <= event.last + UCR_MARGIN);
    Some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_rows_are_near_and_the_first_of_equals_counts() {
        let labels: Vec<bool> = (0..1000).map(|k| (400..=420).contains(&k)).collect();
        for (row, hit) in [(299, false), (300, true), (520, true), (521, false)] {
            let mut scores = vec![0.0; 1000];
            scores[row] = 1.0;
            assert_eq!(ucr_hit(&scores, &labels), Some(hit), "row {row}");
            scores[100] = 1.0;
            assert_eq!(ucr_hit(&scores, &labels), Some(false), "row {row}, tie");
        }
        assert_eq!(ucr_hit(&[1.0], &[false]), None);
    }
}
