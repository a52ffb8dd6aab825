//! What the principal components of the rows that fit leave of a row.

use super::deviation::floor;
use super::{Peer, deviations, means};
use nalgebra::{DMatrix, SymmetricEigen};

/// Share of the variance that is kept.
const KEPT: f64 = 0.95;

/// Batch PCA of scaled rows; the score is the mean squared residual.
#[derive(Debug, Default)]
pub struct Components {
    means: Vec<f64>,
    deviations: Vec<f64>,
    axes: Vec<Vec<f64>>,
}

impl Components {
    fn scaled(&self, row: &[f64]) -> Vec<f64> {
        let limits = self.means.iter().zip(&self.deviations);
        row.iter()
            .zip(limits)
            .map(|(x, (m, d))| (x - m) / d)
            .collect()
    }
}

impl Peer for Components {
    fn fit(&mut self, rows: &[Vec<f64>]) {
        self.means = means(rows);
        let deviations = deviations(rows, &self.means);
        let floored = deviations
            .iter()
            .zip(&self.means)
            .map(|(d, m)| d.max(floor(*m)));
        self.deviations = floored.collect();
        let d = self.means.len();
        let mut products = DMatrix::<f64>::zeros(d, d);
        for row in rows {
            let z = self.scaled(row);
            for (k, a) in z.iter().enumerate() {
                for (l, b) in z.iter().enumerate() {
                    products[(k, l)] += a * b;
                }
            }
        }
        let eigen = SymmetricEigen::new(products);
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let all: f64 = eigen.eigenvalues.iter().map(|v| v.max(0.0)).sum();
        let mut kept = 0.0;
        for k in order {
            if kept >= KEPT * all {
                break;
            }
            kept += eigen.eigenvalues[k].max(0.0);
            self.axes
                .push(eigen.eigenvectors.column(k).iter().copied().collect());
        }
    }

    fn score(&mut self, row: &[f64]) -> f64 {
        let z = self.scaled(row);
        let mut left = z.clone();
        for axis in &self.axes {
            let along: f64 = axis.iter().zip(&z).map(|(a, x)| a * x).sum();
            for (left, a) in left.iter_mut().zip(axis) {
                *left -= along * a;
            }
        }
        left.iter().map(|x| x * x).sum::<f64>() / left.len().max(1) as f64
    }

    fn state_bytes(&self) -> usize {
        8 * self.means.len() * (2 + self.axes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: on the line y = x nothing is left; (1, -1) in deviations is all residual.
    #[test]
    fn a_line_is_one_component() {
        let mut peer = Components::default();
        peer.fit(&[vec![-1.0, -10.0], vec![1.0, 10.0]]);
        assert!(peer.score(&[3.0, 30.0]) < 1e-12);
        assert!((peer.score(&[1.0, -10.0]) - 1.0).abs() < 1e-12);
        assert_eq!(peer.state_bytes(), 8 * 2 * 3);
    }
}
