//! Detectors of others, as references to compare with. On the host only, and never shipped.
//!
//! Each is written after its description, with the settings that docs/measured/bench.md lists. A row
//! has one value per variable; the caller fills missing values forward, because no peer knows them.

pub mod components;
pub mod consensus;
pub mod deviation;
pub mod forest;

/// A detector that learns from rows in front and scores the rows that follow.
pub trait Peer {
    /// Learns from rows, oldest first, all of them before the first score.
    fn fit(&mut self, rows: &[Vec<f64>]);

    /// The next row's score: the larger, the more anomalous.
    fn score(&mut self, row: &[f64]) -> f64;

    /// Bytes of all that is kept between rows.
    fn state_bytes(&self) -> usize;
}

/// One score of several variables'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduce {
    /// The largest.
    Largest,
    /// The mean.
    Mean,
}

impl Reduce {
    /// Over the scores of all variables; 0 of none.
    pub fn of(self, scores: impl Iterator<Item = f64>) -> f64 {
        let (mut most, mut sum, mut count) = (f64::NEG_INFINITY, 0.0, 0_u32);
        for score in scores {
            most = most.max(score);
            sum += score;
            count += 1;
        }
        match self {
            _ if count == 0 => 0.0,
            Self::Largest => most,
            Self::Mean => sum / f64::from(count),
        }
    }
}

/// Mean of each column.
pub(crate) fn means(rows: &[Vec<f64>]) -> Vec<f64> {
    let columns = rows.first().map_or(0, Vec::len);
    let mean = |k: usize| rows.iter().map(|row| row[k]).sum::<f64>() / rows.len() as f64;
    (0..columns).map(mean).collect()
}

/// Standard deviation of each column about its mean.
pub(crate) fn deviations(rows: &[Vec<f64>], means: &[f64]) -> Vec<f64> {
    let variance = |(k, mean): (usize, &f64)| {
        let squares = rows.iter().map(|row| (row[k] - mean).powi(2));
        squares.sum::<f64>() / rows.len() as f64
    };
    means
        .iter()
        .enumerate()
        .map(variance)
        .map(f64::sqrt)
        .collect()
}
