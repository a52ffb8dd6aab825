//! Scores sorted into a few thresholds, so that counts at a threshold are sums over levels.

/// Thresholds along a curve, in VUS and PATE: the protocol's and both packages' default.
pub const THRESHOLDS: usize = 250;

/// For each score, the index of the first of the falling `thresholds` that it reaches, or
/// `thresholds.len()` if it reaches none. Time O(n log thresholds).
pub(super) fn levels(scores: &[f64], thresholds: &[f64]) -> Vec<u32> {
    let level = |score: &f64| thresholds.partition_point(|threshold| threshold > score) as u32;
    scores.iter().map(level).collect()
}

/// Number of `levels` at or above each threshold.
pub(super) fn reached(levels: impl Iterator<Item = u32>) -> Vec<u64> {
    let mut counts = vec![0; THRESHOLDS];
    for level in levels {
        if let Some(count) = counts.get_mut(level as usize) {
            *count += 1;
        }
    }
    accumulate(&mut counts);
    counts
}

/// Replaces each value by the sum up to it.
pub(super) fn accumulate<T: Copy + Default + std::ops::AddAssign>(values: &mut [T]) {
    let mut sum = T::default();
    for value in values {
        sum += *value;
        *value = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reaching_a_threshold_is_enough() {
        let thresholds = [3.0, 2.0, 2.0, -0.0];
        let found = levels(&[4.0, 3.0, 2.9, 2.0, 1.0, 0.0, -1.0], &thresholds);
        assert_eq!(found, [0, 0, 1, 1, 3, 3, 4]);
        let counts = reached(found.into_iter());
        assert_eq!(counts[..4], [2, 4, 4, 6]);
    }
}
