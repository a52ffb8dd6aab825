//! Components of the variance by rotations (Jacobi, 1846), a few at a time.
//!
//! The covariance is in its lower triangle; axes are rows, rotated with it. When it is diagonal, the axes
//! with 99 % of the variance are taken off the identity, a few at a time as well.

use serde::{Deserialize, Serialize};

/// Rotations of all pairs.
const SWEEPS: u32 = 10;
/// Share of the variance that components explain.
const KEPT: f32 = 0.99;
/// Variance below which there are no components.
const NONE: f32 = 1e-12;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Stage {
    #[default]
    Rotate,
    Build,
    Ready,
}

/// Progress of the work.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Progress {
    stage: Stage,
    rotations: u32,
    /// The next pair; 0 and 0 before the first one, so that all is zero when new.
    p: u16,
    q: u16,
    axes: u16,
    explained: f32,
    total: f32,
}

/// The matrices of the work: `lower` is the covariance first and the projection in the end.
#[derive(Debug)]
pub(in crate::detector) struct Components<'a> {
    pub lower: &'a mut [f32],
    /// Row by row, D values each.
    pub axes: &'a mut [f32],
    /// Eigenvalues once they are known, below 0 once used.
    pub values: &'a mut [f32],
}

impl Progress {
    pub(super) const fn new() -> Self {
        Self {
            stage: Stage::Rotate,
            rotations: 0,
            p: 0,
            q: 0,
            axes: 0,
            explained: 0.0,
            total: 0.0,
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        self.stage == Stage::Ready
    }

    /// Whether indices are those of `d` values.
    pub(super) fn is_within(&self, d: usize) -> bool {
        let before = (self.p, self.q) == (0, 0);
        let pair = before || self.p < self.q && (usize::from(self.q) < d || d == 1);
        pair && usize::from(self.axes) <= d && self.total.is_finite() && self.explained.is_finite()
    }

    /// Works for one row of `rows` in which it must be done: a part of the rotations, or of the axes.
    /// `count` is the number of rows that the covariance is a sum over.
    pub(super) fn work(&mut self, of: &mut Components<'_>, rows: u32, count: f32) {
        let d = of.values.len();
        let pairs = (d * d.saturating_sub(1) / 2) as u32;
        let part = (rows / 8).max(1);
        match self.stage {
            Stage::Rotate => {
                let all = SWEEPS * pairs;
                self.q = self.q.max(1);
                for _ in 0..all.div_ceil(part) {
                    if self.rotations == all {
                        break;
                    }
                    of.rotate(self.p.into(), self.q.into());
                    self.rotations += 1;
                    self.next_pair(d);
                }
                if self.rotations >= all {
                    self.total = of.begin();
                    let is_still = self.total < NONE * count;
                    self.stage = if is_still { Stage::Ready } else { Stage::Build };
                }
            }
            Stage::Build => {
                for _ in 0..d.div_ceil(part as usize) {
                    if self.stage == Stage::Build {
                        self.take_off(of, d);
                    }
                }
            }
            Stage::Ready => {}
        }
    }

    fn next_pair(&mut self, d: usize) {
        self.q += 1;
        if usize::from(self.q) >= d {
            self.p += 1;
            self.q = self.p + 1;
            if usize::from(self.q) >= d {
                (self.p, self.q) = (0, 1);
            }
        }
    }

    fn take_off(&mut self, of: &mut Components<'_>, d: usize) {
        self.explained += of.take_off();
        self.axes += 1;
        if usize::from(self.axes) >= d {
            // All components: nothing is left, and rounding must not be taken for something.
            of.lower.fill(0.0);
            self.stage = Stage::Ready;
        } else if self.explained >= KEPT * self.total {
            self.stage = Stage::Ready;
        }
    }
}

/// Place of the entry of row `i` and column `j`.
pub(in crate::detector) const fn at(i: usize, j: usize) -> usize {
    let (low, high) = if i < j { (i, j) } else { (j, i) };
    high * (high + 1) / 2 + low
}

/// Turns two numbers by an angle.
fn turn(values: &mut [f32], x: usize, y: usize, (c, s): (f32, f32)) {
    let (a, b) = (get(values, x), get(values, y));
    set(values, x, c * a - s * b);
    set(values, y, s * a + c * b);
}

fn get(values: &[f32], at: usize) -> f32 {
    values.get(at).copied().unwrap_or_default()
}

fn set(values: &mut [f32], at: usize, value: f32) {
    if let Some(place) = values.get_mut(at) {
        *place = value;
    }
}

impl Components<'_> {
    /// Makes axes those of the variables.
    pub(in crate::detector) fn identity(&mut self) {
        let d = self.values.len();
        self.axes.fill(0.0);
        for k in 0..d {
            set(self.axes, k * d + k, 1.0);
        }
    }

    /// Makes the entry of `p` and `q` zero.
    pub(in crate::detector) fn rotate(&mut self, p: usize, q: usize) {
        let d = self.values.len();
        let apq = get(self.lower, at(p, q));
        if apq == 0.0 {
            return;
        }
        let (app, aqq) = (get(self.lower, at(p, p)), get(self.lower, at(q, q)));
        let theta = (aqq - app) / (2.0 * apq);
        let t = 1.0 / (crate::math::abs(theta) + crate::math::sqrt(theta * theta + 1.0));
        let t = if theta < 0.0 { -t } else { t };
        let c = 1.0 / crate::math::sqrt(t * t + 1.0);
        let angle = (c, t * c);
        for k in (0..d).filter(|k| *k != p && *k != q) {
            turn(self.lower, at(k, p), at(k, q), angle);
        }
        set(self.lower, at(p, p), app - t * apq);
        set(self.lower, at(q, q), aqq + t * apq);
        set(self.lower, at(p, q), 0.0);
        for k in 0..d {
            turn(self.axes, p * d + k, q * d + k, angle);
        }
    }

    /// Keeps the eigenvalues, makes the projection the identity, and returns the whole variance.
    fn begin(&mut self) -> f32 {
        let mut total = 0.0;
        for (k, value) in self.values.iter_mut().enumerate() {
            *value = get(self.lower, at(k, k)).max(0.0);
            total += *value;
        }
        self.lower.fill(0.0);
        for k in 0..self.values.len() {
            set(self.lower, at(k, k), 1.0);
        }
        total
    }

    /// Takes the largest component that is left off the projection, and returns its variance.
    fn take_off(&mut self) -> f32 {
        let d = self.values.len();
        let all = self.values.iter().copied().enumerate();
        let largest = all.reduce(|a, b| if b.1 > a.1 { b } else { a });
        let (k, value) = largest.unwrap_or_default();
        set(self.values, k, -1.0);
        let axis = self.axes.get(k * d..).unwrap_or_default();
        for i in 0..d {
            for j in 0..=i {
                let m = get(self.lower, at(i, j)) - get(axis, i) * get(axis, j);
                set(self.lower, at(i, j), m);
            }
        }
        value.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;
    use std::vec::Vec;

    fn outside(lower: &[f32], d: usize, rows: u32) -> (Vec<f32>, u32) {
        let (mut lower, mut axes, mut values) = (lower.to_vec(), vec![0.0; d * d], vec![0.0; d]);
        let mut components = Components {
            lower: &mut lower,
            axes: &mut axes,
            values: &mut values,
        };
        components.identity();
        let (mut progress, mut taken) = (Progress::new(), 0);
        while !progress.is_ready() {
            progress.work(&mut components, rows, 1.0);
            taken += 1;
        }
        (lower, taken)
    }

    /// Two variables that move together, and one that hardly does: by hand.
    #[test]
    fn what_is_left_is_across_the_components() {
        let (left, _) = outside(&[1.0, 1.0, 1.0, 0.0, 0.0, 0.001], 3, 9);
        let wanted = [0.5, -0.5, 0.5, 0.0, 0.0, 1.0];
        for (found, wanted) in left.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{left:?}");
        }
        assert_eq!(outside(&[1.0, 0.0, 1.0], 2, 9).0, [0.0; 3], "all");
        assert_eq!(outside(&[0.0; 3], 2, 9).0, [1.0, 0.0, 1.0], "none");
        assert_eq!(outside(&[2.0], 1, 9).0, [0.0]);
    }

    /// However work is spread, the bits are the same, and it is done in time.
    #[test]
    fn work_that_is_spread_is_the_same_work() {
        let d = 12;
        let b = |i: usize, k: usize| ((i * 31 + k * 17) % 23) as f32 / 7.0 - 1.5;
        let entry = |i, j| (0..5).map(|k| b(i, k) * b(j, k)).sum::<f32>();
        let lower: Vec<f32> = (0..d)
            .flat_map(|i| (0..=i).map(move |j| entry(i, j)))
            .collect();
        let (once, _) = outside(&lower, d, 3);
        for rows in [5, 9, 30, 100, 5_000] {
            let (spread, taken) = outside(&lower, d, rows);
            assert_eq!(once, spread);
            assert!(taken <= rows / 4 + 2, "{taken} of {rows}");
        }
        // A projection: its trace is the number of axes that are left.
        let trace: f32 = (0..d).map(|k| once[at(k, k)]).sum();
        assert!(
            (trace - trace.round()).abs() < 1e-4 && trace > 6.9,
            "{trace}"
        );
    }
}
