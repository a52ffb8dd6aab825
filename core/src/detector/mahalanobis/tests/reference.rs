//! Mean and covariance in two passes, and distances by elimination, in f64.

use std::vec::Vec;

pub(super) struct Reference {
    means: Vec<f64>,
    covariance: Vec<Vec<f64>>,
}

impl Reference {
    pub(super) fn of<const V: usize>(rows: &[[f32; V]]) -> Self {
        let n = rows.len() as f64;
        let mean = |k: usize| rows.iter().map(|row| f64::from(row[k])).sum::<f64>() / n;
        let means: Vec<f64> = (0..V).map(mean).collect();
        let moment = |i: usize, j: usize| {
            let products = rows
                .iter()
                .map(|row| (f64::from(row[i]) - means[i]) * (f64::from(row[j]) - means[j]));
            products.sum::<f64>() / n
        };
        let row = |i: usize| (0..V).map(|j| moment(i, j)).collect();
        let covariance = (0..V).map(row).collect();
        Self { means, covariance }
    }

    /// The largest ratio of a variable's deviation to the one that is left where the others are known.
    pub(super) fn ratio(&self) -> f64 {
        let unit = |k: usize| (0..self.means.len()).map(move |j| f64::from(u8::from(j == k)));
        let ratios = (0..self.means.len()).map(|k| {
            let inverse = solve(self.covariance.clone(), unit(k).collect())[k];
            (self.covariance[k][k] * inverse).sqrt()
        });
        ratios.fold(1.0, f64::max)
    }

    /// d² over the values that are not NaN, and each one's part.
    pub(super) fn distance(&self, row: &[f32]) -> (f64, Vec<f64>) {
        let present: Vec<usize> = (0..row.len()).filter(|k| !row[*k].is_nan()).collect();
        let deviations: Vec<f64> = present
            .iter()
            .map(|k| f64::from(row[*k]) - self.means[*k])
            .collect();
        let of = |i: &usize| present.iter().map(|j| self.covariance[*i][*j]).collect();
        let solved = solve(present.iter().map(of).collect(), deviations.clone());
        let parts: Vec<f64> = deviations.iter().zip(solved).map(|(d, y)| d * y).collect();
        (parts.iter().sum(), parts)
    }
}

/// Gauss' elimination with pivots by column.
fn solve(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for k in 0..n {
        let largest = (k..n).max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()));
        let largest = largest.expect("a row");
        a.swap(k, largest);
        b.swap(k, largest);
        for i in k + 1..n {
            let share = a[i][k] / a[k][k];
            let above = a[k].clone();
            for (x, above) in a[i].iter_mut().zip(above).skip(k) {
                *x -= share * above;
            }
            b[i] -= share * b[k];
        }
    }
    for k in (0..n).rev() {
        let known: f64 = (k + 1..n).map(|j| a[k][j] * b[j]).sum();
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}
