//! Areas under curves over all thresholds: no threshold has to be chosen, and none is judged.

/// Area under the receiver operating characteristic: the chance that an anomalous row scores
/// above a normal one, ties counted half. `None` where a class is absent, lengths differ or a
/// score is NaN. `n log n`.
pub fn auc_roc(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let (mut below, mut wins) = (0_u64, 0.0);
    let (positives, negatives) = sizes(scores, labels)?;
    for tie in ties(scores, labels).into_iter().rev() {
        wins += tie.anomalous as f64 * (below as f64 + tie.normal as f64 / 2.0);
        below += tie.normal;
    }
    Some(wins / (positives as f64 * negatives as f64))
}

/// Average precision: precision at each distinct score, weighted by the recall it adds, as in
/// scikit-learn. `None` as for [`auc_roc`]. What a random score gets is the share of anomalies.
pub fn auc_pr(scores: &[f64], labels: &[bool]) -> Option<f64> {
    let (positives, _) = sizes(scores, labels)?;
    let (mut found, mut alarms, mut area) = (0_u64, 0_u64, 0.0);
    for tie in ties(scores, labels) {
        found += tie.anomalous;
        alarms += tie.anomalous + tie.normal;
        let precision = found as f64 / alarms as f64;
        area += precision * tie.anomalous as f64;
    }
    Some(area / positives as f64)
}

/// Anomalous and normal rows, if there are both.
fn sizes(scores: &[f64], labels: &[bool]) -> Option<(u64, u64)> {
    let anomalous = labels.iter().filter(|label| **label).count();
    let normal = labels.len() - anomalous;
    let usable = scores.len() == labels.len() && !scores.iter().any(|score| score.is_nan());
    (usable && anomalous > 0 && normal > 0).then_some((anomalous as u64, normal as u64))
}

/// Rows of one score.
struct Tie {
    score: f64,
    anomalous: u64,
    normal: u64,
}

/// Distinct scores, largest first.
fn ties(scores: &[f64], labels: &[bool]) -> Vec<Tie> {
    let mut rows: Vec<(f64, bool)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    rows.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut all: Vec<Tie> = Vec::new();
    for (score, anomalous) in rows {
        match all.last_mut() {
            Some(tie) if tie.score == score => tie.count(anomalous),
            _ => {
                let mut tie = Tie {
                    score,
                    anomalous: 0,
                    normal: 0,
                };
                tie.count(anomalous);
                all.push(tie);
            }
        }
    }
    all
}

impl Tie {
    const fn count(&mut self, anomalous: bool) {
        if anomalous {
            self.anomalous += 1;
        } else {
            self.normal += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, and as scikit-learn's documentation has it for these four rows.
    #[test]
    fn four_rows_by_hand() {
        let (scores, labels) = ([0.1, 0.4, 0.35, 0.8], [false, false, true, true]);
        assert_eq!(auc_roc(&scores, &labels), Some(0.75));
        let average = 0.5 * (1.0 + 2.0 / 3.0);
        assert!((auc_pr(&scores, &labels).unwrap() - average).abs() < 1e-15);
    }

    #[test]
    fn equal_scores_say_nothing() {
        let labels = [true, false, false, false];
        assert_eq!(auc_roc(&[3.0; 4], &labels), Some(0.5));
        assert_eq!(auc_pr(&[3.0; 4], &labels), Some(0.25));
    }

    #[test]
    fn what_has_no_area_has_none() {
        assert_eq!(auc_roc(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(auc_pr(&[1.0], &[true, false]), None);
        assert_eq!(auc_roc(&[f64::NAN, 2.0], &[true, false]), None);
    }
}
