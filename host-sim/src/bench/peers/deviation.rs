//! Deviations from a mean, in standard deviations: of a window, of weighted means, of the past.

use super::{Peer, Reduce, deviations, means};
use std::collections::VecDeque;

/// Smallest deviation, as a share of the mean.
const FLOOR_SHARE: f64 = 0.01;
/// Smallest deviation of all.
const FLOOR: f64 = 1e-9;
/// Deviations beyond this count as this.
const CAP: f64 = 50.0;

/// `|x - mean| / deviation`, floor and cap included.
fn deviation(x: f64, mean: f64, deviation: f64) -> f64 {
    scaled(x, mean, deviation).abs()
}

/// The same with its sign.
fn scaled(x: f64, mean: f64, deviation: f64) -> f64 {
    let floor = (FLOOR_SHARE * mean.abs()).max(FLOOR);
    ((x - mean) / deviation.max(floor)).clamp(-CAP, CAP)
}

/// Means and deviations of rows, by which others are scaled.
#[derive(Debug)]
pub struct Scale {
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Scale {
    /// Of rows.
    pub fn of(rows: &[Vec<f64>]) -> Self {
        let means = means(rows);
        let deviations = deviations(rows, &means);
        Self { means, deviations }
    }

    /// A row in deviations from the means, floor and cap included.
    pub fn apply(&self, row: &[f64]) -> Vec<f64> {
        let limits = self.means.iter().zip(&self.deviations);
        let values = row.iter().zip(limits);
        values.map(|(x, (m, d))| scaled(*x, *m, *d)).collect()
    }
}

/// A sliding window per variable, without the assessed row.
#[derive(Debug)]
pub struct WindowGauss {
    length: usize,
    reduce: Reduce,
    rows: VecDeque<Vec<f64>>,
    /// Of each variable.
    sums: Vec<Sums>,
}

/// Sums about a variable's first value, so that they stay exact where it is large.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    origin: f64,
    sum: f64,
    squares: f64,
}

impl WindowGauss {
    /// Over the last `length` rows.
    pub fn new(length: usize, reduce: Reduce) -> Self {
        Self {
            length: length.max(1),
            reduce,
            rows: VecDeque::new(),
            sums: Vec::new(),
        }
    }

    fn push(&mut self, row: &[f64]) {
        if self.sums.is_empty() {
            let origin = |x: &f64| Sums {
                origin: *x,
                ..Sums::default()
            };
            self.sums = row.iter().map(origin).collect();
        }
        let gone = if self.rows.len() == self.length {
            self.rows.pop_front()
        } else {
            None
        };
        for (k, sums) in self.sums.iter_mut().enumerate() {
            let d = row[k] - sums.origin;
            sums.sum += d;
            sums.squares += d * d;
            if let Some(gone) = &gone {
                let d = gone[k] - sums.origin;
                sums.sum -= d;
                sums.squares -= d * d;
            }
        }
        self.rows.push_back(row.to_vec());
    }
}

impl Peer for WindowGauss {
    fn fit(&mut self, _: &[Vec<f64>]) {}

    fn score(&mut self, row: &[f64]) -> f64 {
        let n = self.rows.len() as f64;
        let scores = row.iter().zip(&self.sums).map(|(x, sums)| {
            let mean = sums.sum / n;
            let variance = (sums.squares / n - mean * mean).max(0.0);
            deviation(*x, sums.origin + mean, variance.sqrt())
        });
        let score = if self.rows.len() < 2 {
            0.0
        } else {
            self.reduce.of(scores)
        };
        self.push(row);
        score
    }

    fn state_bytes(&self) -> usize {
        8 * (self.length + 2) * self.sums.len()
    }
}

/// The residual to an exponentially weighted mean, over the root of a weighted mean of squares.
#[derive(Debug)]
pub struct Weighted {
    reduce: Reduce,
    /// Mean and variance of each variable.
    state: Vec<(f64, f64)>,
}

/// Weight of a new value in the mean.
const MEAN_WEIGHT: f64 = 0.1;
/// Weight of a new residual's square in the variance.
const VARIANCE_WEIGHT: f64 = 0.01;

impl Weighted {
    /// Nothing seen.
    pub const fn new(reduce: Reduce) -> Self {
        Self {
            reduce,
            state: Vec::new(),
        }
    }
}

impl Peer for Weighted {
    /// Begins at the first value, with the variance of the rows that fit.
    fn fit(&mut self, rows: &[Vec<f64>]) {
        let variances = deviations(rows, &means(rows)).into_iter().map(|d| d * d);
        let first = rows.first().into_iter().flatten().copied();
        self.state = first.zip(variances).collect();
    }

    fn score(&mut self, row: &[f64]) -> f64 {
        let judged = row
            .iter()
            .zip(&mut self.state)
            .map(|(x, (mean, variance))| {
                let residual = x - *mean;
                let score = deviation(*x, *mean, variance.sqrt());
                *mean += MEAN_WEIGHT * residual;
                *variance += VARIANCE_WEIGHT * (residual * residual - *variance);
                score
            });
        self.reduce.of(judged)
    }

    fn state_bytes(&self) -> usize {
        16 * self.state.len()
    }
}

/// Mean and deviation of the rows that fit: fixed limits, as a ranking.
#[derive(Debug)]
pub struct Fixed {
    reduce: Reduce,
    means: Vec<f64>,
    deviations: Vec<f64>,
}

impl Fixed {
    /// Nothing fitted.
    pub const fn new(reduce: Reduce) -> Self {
        Self {
            reduce,
            means: Vec::new(),
            deviations: Vec::new(),
        }
    }
}

impl Peer for Fixed {
    fn fit(&mut self, rows: &[Vec<f64>]) {
        self.means = means(rows);
        self.deviations = deviations(rows, &self.means);
    }

    fn score(&mut self, row: &[f64]) -> f64 {
        let limits = self.means.iter().zip(&self.deviations);
        let scores = row.iter().zip(limits);
        self.reduce
            .of(scores.map(|(x, (mean, d))| deviation(*x, *mean, *d)))
    }

    fn state_bytes(&self) -> usize {
        16 * self.means.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: the window 1, 3 has mean 2 and deviation 1, so 5 is 3 deviations off.
    #[test]
    fn a_window_judges_before_it_learns() {
        let mut peer = WindowGauss::new(2, Reduce::Largest);
        let scores = [9.0, 1.0, 3.0, 5.0].map(|x| peer.score(&[x]));
        assert_eq!(scores[0], 0.0, "nothing to compare with");
        assert_eq!(scores[3], 3.0);
        // 3 and 5: 4 ± 1.
        assert_eq!(peer.score(&[4.0]), 0.0);
        assert_eq!(peer.state_bytes(), 32);
    }

    /// By hand: from mean 0 and variance 1, 2 is 2 deviations off; then the mean is 0.2 and the
    /// variance 1.03.
    #[test]
    fn weights_are_a_tenth_and_a_hundredth() {
        let mut peer = Weighted::new(Reduce::Largest);
        peer.fit(&[vec![0.0], vec![2.0]]);
        assert_eq!(peer.score(&[2.0]), 2.0);
        let expected = 0.8 / 1.03_f64.sqrt();
        assert!((peer.score(&[1.0]) - expected).abs() < 1e-12);
    }

    #[test]
    fn fixed_limits_are_of_the_rows_that_fit_and_capped() {
        let mut peer = Fixed::new(Reduce::Mean);
        peer.fit(&[vec![0.0, 7.0], vec![2.0, 7.0]]);
        // 3 deviations, and 0.07 at least: 0.7 is 10 floors off.
        assert!((peer.score(&[4.0, 7.7]) - 6.5).abs() < 1e-9);
        assert_eq!(peer.score(&[1e9, 7.0]), 25.0);
    }

    /// By hand: 1 ± 1, and 7 with a floor of 0.07. Broken by a scale that loses the sign or
    /// the cap.
    #[test]
    fn rows_are_scaled_by_those_that_fit() {
        let scale = Scale::of(&[vec![0.0, 7.0], vec![2.0, 7.0]]);
        let scaled = scale.apply(&[-2.0, 7.7]);
        assert_eq!(scaled[0], -3.0);
        assert!((scaled[1] - 10.0).abs() < 1e-9);
        assert_eq!(scale.apply(&[1e9, -1e9]), [50.0, -50.0]);
    }
}
