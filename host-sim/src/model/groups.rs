//! Scores of rows that should be healthy, in two groups: the upper one may be of faults.
//!
//! ```text
//! x = score, but at least the smallest score above 0
//! gap:  the first pair of neighbours a, b in the upper quarter with b >= 3 a and b >= 8 median
//! tail: 2 % and more beyond ln x > q3 + max(2 (q3 - q1), ln 3), q1 and q3 the quartiles of ln x
//! ```

use super::edit::quantile;

/// Two groups of scores lie so many times apart.
const GAP: f64 = 3.0;
/// The upper group begins at so many times the median.
const GROUP: f64 = 8.0;
/// Spans between the quartiles beyond the upper one.
const SPANS: f64 = 2.0;
/// Share of the scores beyond that is a group, and not the end of a tail.
const SHARE: f64 = 0.02;
/// Smallest number of scores that has groups.
const FEW: usize = 20;

/// Two groups of scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Groups {
    /// Largest score of the lower group.
    pub below: f64,
    /// Smallest score of the upper group.
    pub above: f64,
    /// Number of scores in the upper group.
    pub upper: usize,
    /// Number of all scores.
    pub all: usize,
    /// Median of all.
    pub median: f64,
}

impl Groups {
    /// The groups of scores; `None` if they are one.
    pub fn of(scores: &[f64]) -> Option<Self> {
        let above_0 = scores.iter().copied().filter(|x| *x > 0.0);
        let least = above_0.min_by(f64::total_cmp)?;
        let mut sorted: Vec<f64> = scores.iter().map(|x| x.max(least)).collect();
        sorted.sort_by(f64::total_cmp);
        let median = *sorted.get(sorted.len() / 2)?;
        let at = gap(&sorted, median).or_else(|| tail(&sorted))?;
        Some(Self {
            below: *sorted.get(at.checked_sub(1)?)?,
            above: *sorted.get(at)?,
            upper: sorted.len() - at,
            all: sorted.len(),
            median,
        })
    }

    /// Whether the upper group is one, and not a row or two.
    pub fn are_two(&self) -> bool {
        self.upper >= 3 && self.upper as f64 >= 0.01 * self.all as f64
    }

    /// The scores of the lower group, in their order.
    pub fn lower(&self, scores: &[f64]) -> Vec<f64> {
        let own = scores.iter().copied();
        own.filter(|score| *score < self.above).collect()
    }

    /// The groups in words.
    pub fn said(&self) -> String {
        format!(
            "warning: {} of {} scores are {:.3} and more, {:.0} times the median and apart from all below \
             {:.3}: are these rows healthy?",
            self.upper,
            self.all,
            self.above,
            self.above / self.median,
            self.below
        )
    }
}

/// Place of the first score behind a gap.
fn gap(sorted: &[f64], median: f64) -> Option<usize> {
    let upper = (sorted.len() - sorted.len() / 4).max(1);
    let wide = |at: &usize| sorted[*at] >= GAP * sorted[at - 1] && sorted[*at] >= GROUP * median;
    (upper..sorted.len()).find(wide)
}

/// Place of the first score of a tail that is a group.
fn tail(sorted: &[f64]) -> Option<usize> {
    let logs: Vec<f64> = sorted.iter().map(|x| x.ln()).collect();
    let (lower, upper) = (quantile(&logs, 0.25)?, quantile(&logs, 0.75)?);
    let limit = upper + (SPANS * (upper - lower)).max(GAP.ln());
    let at = logs.partition_point(|x| *x <= limit);
    let beyond = sorted.len() - at;
    (sorted.len() >= FEW && beyond as f64 >= SHARE * sorted.len() as f64).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> Vec<f64> {
        (0..348).map(|k| 0.04 + 0.0001 * f64::from(k)).collect()
    }

    /// Twelve faults of forty times the usual error; without them, and with one row at three times.
    #[test]
    fn faults_are_a_group_and_a_tail_is_none() {
        assert_eq!(Groups::of(&healthy()), None);
        let mut faulty = healthy();
        faulty.splice(100..100, [2.2; 12]);
        let groups = Groups::of(&faulty).unwrap();
        assert_eq!((groups.upper, groups.all, groups.above), (12, 360, 2.2));
        assert_eq!(groups.lower(&faulty), healthy());
        let mut tailed = healthy();
        tailed.push(0.2);
        assert_eq!(Groups::of(&tailed), None);
        assert_eq!(Groups::of(&[]), None);
        assert_eq!(Groups::of(&[0.0; 40]), None);
    }

    /// Broken by gaps alone: faults of every size from eight times the usual error on leave none.
    #[test]
    fn faults_of_all_sizes_are_a_group() {
        let mut faulty = healthy();
        faulty.extend((0..30).map(|k| 0.4 * 1.1_f64.powi(k)));
        assert_eq!(Groups::of(&faulty).unwrap().upper, 30);
        // Five rows of 353 are the end of a tail.
        let mut tailed = healthy();
        tailed.extend((0..5).map(|k| 0.2 * 1.1_f64.powi(k)));
        assert_eq!(Groups::of(&tailed), None);
    }
}
