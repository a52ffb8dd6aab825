//! The residual of a row after the principal components of the fitted rows.

use super::Peer;
use nalgebra::{DMatrix, SymmetricEigen};

/// Share of the variance that is kept.
const KEPT: f64 = 0.95;

/// Batch PCA of rows that are scaled already; the score is the mean squared residual.
#[derive(Debug, Default)]
pub struct Components {
    columns: usize,
    axes: Vec<Vec<f64>>,
}

impl Peer for Components {
    fn fit(&mut self, rows: &[Vec<f64>]) {
        let d = rows.first().map_or(0, Vec::len);
        self.columns = d;
        let mut products = DMatrix::<f64>::zeros(d, d);
        for z in rows {
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
        let mut left = row.to_vec();
        for axis in &self.axes {
            let along: f64 = axis.iter().zip(row).map(|(a, x)| a * x).sum();
            for (left, a) in left.iter_mut().zip(axis) {
                *left -= along * a;
            }
        }
        left.iter().map(|x| x * x).sum::<f64>() / left.len().max(1) as f64
    }

    /// With the means and deviations that rows are scaled by.
    fn state_bytes(&self) -> usize {
        8 * self.columns * (2 + self.axes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: on the line y = x nothing is left; (1, -1) is all residual.
    #[test]
    fn a_line_is_one_component() {
        let mut peer = Components::default();
        peer.fit(&[vec![-1.0, -1.0], vec![1.0, 1.0]]);
        assert!(peer.score(&[3.0, 3.0]) < 1e-12);
        assert!((peer.score(&[1.0, -1.0]) - 1.0).abs() < 1e-12);
        assert_eq!(peer.state_bytes(), 8 * 2 * 3);
    }
}
