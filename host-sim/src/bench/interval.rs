//! Bootstrap intervals: series are drawn again within their sets.

use crate::random::Random;

/// Draws.
const DRAWS: usize = 2_000;
/// The seed of the draws: the same figures give the same interval.
const SEED: u64 = 20_080;

/// A mean over sets and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Mean over sets of the mean over series.
    pub mean: f64,
    /// 2.5 % of the draws are below.
    pub low: f64,
    /// 2.5 % of the draws are above.
    pub high: f64,
}

impl Interval {
    /// Of one figure per series, set by set; `None` without any.
    pub fn of(sets: &[Vec<f64>]) -> Option<Self> {
        let sets: Vec<&Vec<f64>> = sets.iter().filter(|set| !set.is_empty()).collect();
        if sets.is_empty() {
            return None;
        }
        let count = sets.len() as f64;
        let mean = sets
            .iter()
            .map(|set| mean(set.iter().copied(), set.len()))
            .sum::<f64>()
            / count;
        let mut random = Random::new(SEED);
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let again = sets.iter().map(|set| {
                    let picked =
                        (0..set.len()).map(|_| set[random.below(set.len() as u64) as usize]);
                    self::mean(picked.collect::<Vec<_>>().into_iter(), set.len())
                });
                again.sum::<f64>() / count
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |share: f64| drawn[(share * (DRAWS - 1) as f64).round() as usize];
        Some(Self {
            mean,
            low: at(0.025),
            high: at(0.975),
        })
    }
}

fn mean(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    values.sum::<f64>() / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: sets count alike, however many series they have.
    #[test]
    fn sets_count_alike() {
        let interval = Interval::of(&[vec![1.0, 1.0, 1.0], vec![0.0], vec![]]).unwrap();
        assert_eq!(
            (interval.mean, interval.low, interval.high),
            (0.5, 0.5, 0.5)
        );
        assert_eq!(Interval::of(&[vec![]]), None);
    }

    /// The interval of a mean of 400 coins is close to ±2 deviations of 1/40.
    #[test]
    fn an_interval_is_as_wide_as_the_mean_is_uncertain() {
        let coins: Vec<f64> = (0..400).map(|k| f64::from(k % 2)).collect();
        let interval = Interval::of(&[coins]).unwrap();
        assert!(
            (interval.mean - interval.low - 0.049).abs() < 0.006,
            "{interval:?}"
        );
        assert!(
            (interval.high - interval.mean - 0.049).abs() < 0.006,
            "{interval:?}"
        );
    }
}
