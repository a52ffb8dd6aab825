//! Limits of a model's score, from its scores of healthy rows that were not fitted.
//!
//! ```text
//! u = 0.9 quantile    c = 4 · max(mean excess above u, 0.05 u, 0.01)
//! threshold = max(1.5, q quantile of the surprise over these rows), or 2 of fewer than 300 rows
//! ```

use super::edit::quantile;
use super::groups::Groups;
use crate::detect::quartet::calibration;
use crate::text::number::counted;
use bellwether::model::{Head, Limits, Score};
use bellwether::threshold::surprise::{Rules, Surprise};
use bellwether::{Assessment, State, quartet};

/// Smallest mean excess, in scaled units.
const LEAST: f64 = 0.01;
/// Smallest threshold that rows can set.
const LOWEST: f64 = 1.5;
/// The threshold of too few rows.
const FIXED: f32 = 2.0;
/// Number of rows below which a quantile is luck.
pub const FEW: usize = 300;

/// The score that limits are of: the largest error where the head has one, else the head's own.
pub fn score_of(head: Head) -> Option<Score> {
    let scores = head.scores();
    let largest = scores.iter().find(|score| **score == Score::MaxAbsolute);
    largest.or(scores.first()).copied()
}

/// The limits of a score from its values in rows that were not fitted, in their order. `fitted` is the
/// number of rows that were, which says how long a surprise is held. `None` without a value.
pub fn limits(score: Score, values: &[f64], fitted: usize, q: f64) -> Option<Limits> {
    let (usual, scale) = calibration::limits(values.to_vec(), LEAST);
    let hold = quartet::hold(u32::try_from(fitted).unwrap_or(u32::MAX)) as u16;
    let rules = |threshold| Rules::new(usual as f32, scale as f32, hold, threshold).ok();
    let limits = |rules| Limits {
        score,
        rules,
        rows: values.len() as u32,
    };
    let fixed = rules(FIXED)?;
    if values.len() < FEW {
        return (!values.is_empty()).then_some(limits(fixed));
    }
    let mut surprise = Surprise::new();
    let mut total = |value: &f64| {
        let answer = Assessment::judged(State::Normal, *value as f32, FIXED);
        surprise.observe(fixed, answer);
        f64::from(surprise.total())
    };
    let totals: Vec<f64> = values.iter().map(&mut total).collect();
    Some(limits(rules(quantile(&totals, q)?.max(LOWEST) as f32)?))
}

/// Limits in words.
pub fn said(limits: &Limits) -> String {
    let Limits { score, rules, rows } = limits;
    let origin = if (*rows as usize) < FEW {
        format!("fixed: {rows} rows that were not fitted are fewer than {FEW}")
    } else {
        format!("of {rows} rows that were not fitted")
    };
    format!(
        "surprise of {} > {:.2} ({origin}): usual up to {:.4}, scale {:.4}, held for {} rows",
        score.name(),
        rules.threshold(),
        rules.usual(),
        rules.scale(),
        rules.hold()
    )
}

/// Doubts about the scores of rows that should be healthy, in lines: few, or in two groups.
pub fn doubts(scores: &[f64]) -> Vec<String> {
    let mut lines = Vec::new();
    if scores.len() < FEW {
        lines.push(format!(
            "warning: thresholds of {}: a quantile of fewer than {FEW} is a few rows' luck",
            counted(scores.len() as u64, "row")
        ));
    }
    lines.extend(Groups::of(scores).map(|groups| groups.said()));
    lines
}

#[cfg(test)]
mod tests {
    /// Twelve faults of forty times the usual error among 240 rows; without them, and one large row.
    #[test]
    fn scores_in_two_groups_are_doubted() {
        let usual = (0..348).map(|k| 0.04 + 0.0001 * f64::from(k));
        let healthy: Vec<f64> = usual.collect();
        assert!(doubts(&healthy).is_empty());
        let mut faulty = healthy.clone();
        faulty.extend([2.2; 12]);
        let said = doubts(&faulty);
        assert!(said[0].contains("12 of 360 scores are 2.200"), "{said:?}");
        assert!(doubts(&healthy[..5])[0].contains("fewer than 300"));
    }

    use super::*;

    /// 0 to 10 in steps of 1: u is 9, one excess of 1, c is 4.
    #[test]
    fn few_rows_have_the_fixed_threshold() {
        let values: Vec<f64> = (0..=10).map(f64::from).collect();
        let few = limits(Score::MaxAbsolute, &values, 80, 0.99).unwrap();
        assert_eq!((few.rules.usual(), few.rules.scale()), (9.0, 4.0));
        assert_eq!((few.rules.threshold(), few.rules.hold()), (2.0, 10));
        assert!(said(&few).contains("fixed: 11 rows"), "{}", said(&few));
        assert_eq!(limits(Score::MaxAbsolute, &[], 80, 0.99), None);
    }

    /// By hand: 37 rows are above the quantile, the excess of the one jump is 37 times the mean one, ln(1 +
    /// 37 / 4) is 2.33, and four rows later 2.33 · (63/64)^4 of it is still held: 2.19.
    #[test]
    fn many_rows_set_the_threshold_but_not_below_one_and_a_half() {
        let still = vec![1.0; 400];
        let rules = limits(Score::MaxAbsolute, &still, 10_000, 0.99)
            .unwrap()
            .rules;
        assert_eq!((rules.threshold(), rules.hold()), (1.5, 64));
        let mut jump: Vec<f64> = (0..400).map(|k| f64::from(k % 100) / 100.0).collect();
        jump[50] = 1e4;
        let rules = limits(Score::MaxAbsolute, &jump, 10_000, 0.99)
            .unwrap()
            .rules;
        assert!((2.18..2.19).contains(&rules.threshold()), "{rules:?}");
    }

    #[test]
    fn the_largest_error_is_judged_where_there_is_one() {
        assert_eq!(score_of(Head::Likelihood), Some(Score::MaxAbsolute));
        assert_eq!(score_of(Head::Distance), Some(Score::Distance));
        assert_eq!(score_of(Head::Outputs), None);
    }
}
