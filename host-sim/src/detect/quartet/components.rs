//! The part that principal components do not explain: I - P P', P the fewest components with 99 % of the variance.

/// Share of the variance that components explain.
const KEPT: f64 = 0.99;
/// Variance below which there are no components.
const NONE: f64 = 1e-12;
/// Rotations of all pairs until the matrix is diagonal, at most.
const SWEEPS: usize = 60;

/// Means and the residual projection of values in deviations.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    pub center: Vec<f64>,
    /// The projection, whole.
    pub outside: Vec<Vec<f64>>,
}

impl Components {
    /// Of rows of equal length.
    pub fn of(rows: &[Vec<f64>]) -> Self {
        let n = rows.len().max(1) as f64;
        let d = rows.first().map_or(0, Vec::len);
        let mut center = vec![0.0; d];
        for row in rows {
            center.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        center.iter_mut().for_each(|sum| *sum /= n);
        let mut covariance = vec![vec![0.0; d]; d];
        let mut r = vec![0.0; d];
        for row in rows {
            for (r, (x, center)) in r.iter_mut().zip(row.iter().zip(&center)) {
                *r = x - center;
            }
            for (i, of) in covariance.iter_mut().enumerate() {
                let ri = r[i];
                of[..=i]
                    .iter_mut()
                    .zip(&r)
                    .for_each(|(c, rj)| *c += ri * rj);
            }
        }
        for i in 0..d {
            let (above, rest) = covariance.split_at_mut(i);
            let row = &mut rest[0];
            row[..=i].iter_mut().for_each(|c| *c /= n);
            for (of, c) in above.iter_mut().zip(&row[..i]) {
                of[i] = *c;
            }
        }
        Self {
            center,
            outside: outside(covariance),
        }
    }

    /// The lower triangle of the projection, row by row.
    pub fn lower(&self) -> Vec<f32> {
        let rows = self.outside.iter().enumerate();
        rows.flat_map(|(i, row)| row[..=i].iter().map(|m| *m as f32))
            .collect()
    }
}

fn outside(covariance: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let d = covariance.len();
    let trace: f64 = (0..d).map(|k| covariance[k][k]).sum();
    let mut outside: Vec<Vec<f64>> = (0..d)
        .map(|i| (0..d).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    if trace < NONE {
        return outside;
    }
    let (values, vectors) = eigen(covariance);
    let values: Vec<f64> = values.iter().map(|v| v.max(0.0)).collect();
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|a, b| values[*b].total_cmp(&values[*a]));
    let total: f64 = values.iter().sum();
    let mut explained = 0.0;
    for (count, k) in order.into_iter().enumerate() {
        if explained / total >= KEPT {
            return outside;
        }
        if count + 1 == d {
            break;
        }
        explained += values[k];
        let axis: Vec<f64> = vectors.iter().map(|row| row[k]).collect();
        for (row, a) in outside.iter_mut().zip(&axis) {
            row.iter_mut().zip(&axis).for_each(|(m, b)| *m -= a * b);
        }
    }
    // All components: nothing is left, and rounding must not be taken for something.
    vec![vec![0.0; d]; d]
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix, by rotations of Jacobi (1846).
fn eigen(mut a: Vec<Vec<f64>>) -> (Vec<f64>, Vec<Vec<f64>>) {
    let d = a.len();
    let mut v: Vec<Vec<f64>> = (0..d)
        .map(|i| (0..d).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    let whole: f64 = a.iter().flatten().map(|x| x * x).sum();
    for _ in 0..SWEEPS {
        let off: f64 = (0..d).flat_map(|i| a[i][..i].iter().map(|x| x * x)).sum();
        if off <= 1e-28 * whole {
            break;
        }
        for p in 0..d {
            for q in p + 1..d {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    ((0..d).map(|k| a[k][k]).collect(), v)
}

/// Makes the entry (p, q) zero.
fn rotate(a: &mut [Vec<f64>], v: &mut [Vec<f64>], p: usize, q: usize) {
    let apq = a[p][q];
    if apq == 0.0 {
        return;
    }
    let theta = (a[q][q] - a[p][p]) / (2.0 * apq);
    let t = theta.signum() / (theta.abs() + (theta * theta + 1.0).sqrt());
    let t = if theta == 0.0 { 1.0 } else { t };
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for row in a.iter_mut().chain(v.iter_mut()) {
        let (x, y) = (row[p], row[q]);
        row[p] = c * x - s * y;
        row[q] = s * x + c * y;
    }
    let (front, back) = a.split_at_mut(q);
    for (x, y) in front[p].iter_mut().zip(&mut back[0]) {
        (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// Broken by a wrong rotation: the decomposition no longer gives the matrix.
    #[test]
    fn eigenvectors_rebuild_the_matrix() {
        let mut random = Random::new(3);
        for d in [1, 2, 3, 8, 20] {
            let b: Vec<Vec<f64>> = (0..d)
                .map(|_| (0..d).map(|_| random.noise()).collect())
                .collect();
            let product = |i: usize, j: usize| (0..d).map(|k| b[k][i] * b[k][j]).sum();
            let a: Vec<Vec<f64>> = (0..d)
                .map(|i| (0..d).map(|j| product(i, j)).collect())
                .collect();
            let (values, v) = eigen(a.clone());
            for i in 0..d {
                for j in 0..d {
                    let again: f64 = (0..d).map(|k| v[i][k] * values[k] * v[j][k]).sum();
                    assert!((again - a[i][j]).abs() < 1e-10, "{d} {i} {j}");
                }
            }
        }
    }

    /// On the line y = x one component explains all, and (1, -1) is residual.
    #[test]
    fn a_line_leaves_what_is_across_it() {
        let line: Vec<Vec<f64>> = (0..9).map(|k| vec![f64::from(k); 2]).collect();
        let line = Components::of(&line);
        assert_eq!(line.center, [4.0, 4.0]);
        for (found, wanted) in line.lower().iter().zip([0.5, -0.5, 0.5]) {
            assert!((found - wanted).abs() < 1e-6);
        }
        let still = Components::of(&vec![vec![3.0, 4.0]; 5]);
        assert_eq!(still.lower(), [1.0, 0.0, 1.0], "no component");
        let mut random = Random::new(3);
        let noise: Vec<Vec<f64>> = (0..500)
            .map(|_| vec![random.noise(), random.noise()])
            .collect();
        assert_eq!(Components::of(&noise).lower(), [0.0; 3], "all components");
    }
}
