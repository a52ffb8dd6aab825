//! Several methods as one: the mean of their scores' logarithms, each over its own threshold.
//!
//! A ratio to the threshold makes scores of different methods comparable without labels; in
//! logarithms no member decides alone, and a score twice as large counts the same at every size.

use super::evaluate::Scored;
use crate::model::edit::quantile;

/// Lower limit of scores and thresholds.
const LEAST: f64 = 1e-9;

/// Of the members' scores; `None` without members or calibration rows.
pub(super) fn ensemble(members: &[&Scored], q: f64) -> Option<Scored> {
    let thresholds: Option<Vec<f64>> = members
        .iter()
        .map(|member| quantile(&member.calibration, q))
        .collect();
    let thresholds = thresholds.filter(|all| !all.is_empty())?;
    let mean = |all: Vec<&Vec<f64>>| -> Vec<f64> {
        let ratio = |m: usize, row: usize| (all[m][row].max(LEAST) / thresholds[m].max(LEAST)).ln();
        let sum = |row: usize| (0..all.len()).map(|m| ratio(m, row)).sum::<f64>();
        let rows = 0..all.first().map_or(0, |scores| scores.len());
        rows.map(|row| sum(row) / all.len() as f64).collect()
    };
    Some(Scored {
        method: String::new(),
        score: "both",
        calibration: mean(members.iter().map(|m| &m.calibration).collect()),
        test: mean(members.iter().map(|m| &m.test).collect()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: thresholds 2 and 10; (4, 5) is ln 2 above one and ln 2 below the other.
    #[test]
    fn twice_a_threshold_and_half_of_another_are_none() {
        let scored = |calibration: &[f64], test: &[f64]| Scored {
            method: "x".to_owned(),
            score: "max",
            calibration: calibration.to_vec(),
            test: test.to_vec(),
        };
        let (a, b) = (scored(&[2.0], &[4.0, 8.0]), scored(&[10.0], &[5.0, 10.0]));
        let together = ensemble(&[&a, &b], 0.99).unwrap();
        assert!(together.test[0].abs() < 1e-12 && together.calibration[0].abs() < 1e-12);
        assert!((together.test[1] - 4.0_f64.ln() / 2.0).abs() < 1e-12);
        assert!(ensemble(&[], 0.99).is_none());
    }
}
