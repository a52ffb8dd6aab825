//! Baselines that an autoencoder must beat: deviations of single columns, and principal components.

use nalgebra::{DMatrix, SymmetricEigen};

/// Errors per column of a scaled row.
#[derive(Clone, Debug, PartialEq)]
pub enum Baseline {
    /// `|x - mean| / (deviation + 0.001)`.
    Deviations {
        /// Of the rows that fit.
        mean: Vec<f64>,
        /// With 0.001 added.
        deviation: Vec<f64>,
    },
    /// The residual after the first principal components.
    Components {
        /// Of the rows that fit.
        mean: Vec<f64>,
        /// One unit vector each.
        basis: Vec<Vec<f64>>,
    },
}

impl Baseline {
    /// Deviations of single columns.
    pub fn deviations(rows: &[Vec<f32>]) -> Self {
        let mean = mean(rows);
        let n = rows.len().max(1) as f64;
        let deviation = mean.iter().enumerate().map(|(k, mean)| {
            let squares = rows.iter().map(|row| (f64::from(row[k]) - mean).powi(2));
            (squares.sum::<f64>() / n).sqrt() + 1e-3
        });
        Self::Deviations {
            deviation: deviation.collect(),
            mean,
        }
    }

    /// The first `count` principal components.
    pub fn components(rows: &[Vec<f32>], count: usize) -> Self {
        let mean = mean(rows);
        let d = mean.len();
        let centred = DMatrix::from_fn(rows.len(), d, |r, c| f64::from(rows[r][c]) - mean[c]);
        let eigen = SymmetricEigen::new(centred.transpose() * centred);
        let mut order: Vec<usize> = (0..d).collect();
        order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
        let vector = |k: &usize| eigen.eigenvectors.column(*k).iter().copied().collect();
        Self::Components {
            basis: order.iter().take(count).map(vector).collect(),
            mean,
        }
    }

    /// Absolute error of each column.
    pub fn errors(&self, row: &[f32]) -> Vec<f64> {
        match self {
            Self::Deviations { mean, deviation } => {
                let columns = row.iter().zip(mean).zip(deviation);
                columns
                    .map(|((x, m), d)| (f64::from(*x) - m).abs() / d)
                    .collect()
            }
            Self::Components { mean, basis } => {
                let mut left: Vec<f64> = row
                    .iter()
                    .zip(mean)
                    .map(|(x, m)| f64::from(*x) - m)
                    .collect();
                let centred = left.clone();
                for axis in basis {
                    let along: f64 = axis.iter().zip(&centred).map(|(a, x)| a * x).sum();
                    for (left, a) in left.iter_mut().zip(axis) {
                        *left -= along * a;
                    }
                }
                left.iter().map(|x| x.abs()).collect()
            }
        }
    }
}

fn mean(rows: &[Vec<f32>]) -> Vec<f64> {
    let n = rows.len().max(1) as f64;
    let columns = 0..rows.first().map_or(0, Vec::len);
    columns
        .map(|k| rows.iter().map(|row| f64::from(row[k])).sum::<f64>() / n)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: points on a line leave nothing behind one component but what is beside the line.
    #[test]
    fn components_leave_what_is_beside_them() {
        let rows: Vec<Vec<f32>> = (-5..=5).map(|k| vec![k as f32, 2.0 * k as f32]).collect();
        let errors = Baseline::components(&rows, 1).errors(&[1.0, 2.0]);
        assert!(errors.iter().all(|e| *e < 1e-9), "{errors:?}");
        // (2, -1) is at right angles to (1, 2): it stays whole.
        let errors = Baseline::components(&rows, 1).errors(&[2.0, -1.0]);
        assert!(
            (errors[0] - 2.0).abs() < 1e-9 && (errors[1] - 1.0).abs() < 1e-9,
            "{errors:?}"
        );
    }

    #[test]
    fn deviations_are_of_the_fitted_rows() {
        let rows = vec![vec![0.0], vec![2.0]];
        let errors = Baseline::deviations(&rows).errors(&[4.0]);
        assert!((errors[0] - 3.0 / 1.001).abs() < 1e-12);
    }
}
