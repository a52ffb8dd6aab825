//! Concordance of grades with the severity of faults.

/// Concordance index: the share of pairs of different severity whose grades are in the same
/// order; equal grades count one half. 0 to 1, 0.5 by chance.
///
/// Source: Harrell and others 1982, without censoring; (D + 1) / 2 for Somers' D of the grade
/// given the severity. Hides distances: a grade that is monotone in the severity has 1, however
/// uneven. `None` if lengths differ, a value is not finite, or all severities are equal. Time
/// O(n log n).
///
/// ```
/// use bellwether_sim::metrics::concordance;
/// // Of three pairs one is in order, one tied, one reversed.
/// assert_eq!(concordance(&[0.2, 0.5, 0.2], &[1.0, 2.0, 3.0]), Some(0.5));
/// ```
pub fn concordance(grades: &[f64], severities: &[f64]) -> Option<f64> {
    let finite = |values: &[f64]| values.iter().all(|v| v.is_finite());
    if grades.len() != severities.len() || !finite(grades) || !finite(severities) {
        return None;
    }
    let mut sorted = grades.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.dedup();
    let mut items: Vec<(f64, usize)> = severities
        .iter()
        .zip(grades)
        .map(|(severity, grade)| (*severity, sorted.partition_point(|g| g < grade)))
        .collect();
    items.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut milder = Counts(vec![0; sorted.len() + 1]);
    let (mut seen, mut pairs, mut twice) = (0u128, 0u128, 0u128);
    for same in items.chunk_by(|a, b| a.0 == b.0) {
        for (_, grade) in same {
            // Pairs below count two halves, ties one.
            twice += u128::from(milder.below(*grade) + milder.below(grade + 1));
            pairs += seen;
        }
        for (_, grade) in same {
            milder.add(*grade);
        }
        seen += same.len() as u128;
    }
    (pairs > 0).then(|| twice as f64 / 2.0 / pairs as f64)
}

/// Counts by rank with sums in logarithmic time: a Fenwick tree.
struct Counts(Vec<u64>);

impl Counts {
    fn add(&mut self, rank: usize) {
        let mut k = rank + 1;
        while let Some(count) = self.0.get_mut(k) {
            *count += 1;
            k += k & k.wrapping_neg();
        }
    }

    fn below(&self, rank: usize) -> u64 {
        let (mut k, mut sum) = (rank, 0);
        while k > 0 {
            sum += self.0[k];
            k &= k - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_all_that_counts() {
        let severities = [3.0, 1.0, 2.0, 2.0];
        assert_eq!(
            concordance(&[30.0, -1.0, 9.0, 10.0], &severities),
            Some(1.0)
        );
        assert_eq!(
            concordance(&[-30.0, 1.0, -9.0, -9.0], &severities),
            Some(0.0)
        );
        assert_eq!(concordance(&[7.0; 4], &severities), Some(0.5));
    }

    #[test]
    fn no_pair_is_undefined() {
        assert_eq!(concordance(&[], &[]), None);
        assert_eq!(concordance(&[1.0, 2.0], &[5.0, 5.0]), None);
        assert_eq!(concordance(&[1.0, f64::NAN], &[5.0, 6.0]), None);
        assert_eq!(concordance(&[1.0], &[]), None);
    }
}
