//! The Cholesky factor of a covariance, kept by rotations: no covariance is formed, so that rounding
//! cannot make it indefinite.
//!
//! ```text
//! C = R'R, R upper triangular          k C + u u' = T'T,  T from √k R and u by a Givens rotation per row
//! C without variable j                 the rows behind j take up row j as such a u
//! ```

use crate::math::{abs, sqrt};

/// Largest absolute value of a deviation, so that no sum of squares exceeds f32.
pub(super) const FAR: f32 = 2e18;
/// Length below which a rotation has no digits.
const TINY: f32 = 1e-15;
/// Largest solution of a row.
const MOST: f32 = 1e9;
/// Largest weight of a variable.
const STEEP: f32 = 1e18;

/// R, by rows.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Factor<const V: usize>(pub [[f32; V]; V]);

/// The deviations of a row; those of variables without a value are not looked at.
#[derive(Clone, Debug)]
pub(super) struct Deviations<const V: usize> {
    pub of: [f32; V],
    pub present: [bool; V],
    /// Smallest standard deviations.
    pub least: [f32; V],
}

impl<const V: usize> Deviations<V> {
    pub(super) fn count(&self) -> usize {
        self.present.iter().filter(|present| **present).count()
    }
}

/// The solution of R'z = d.
pub(super) struct Solved<const V: usize> {
    z: [f32; V],
    pivots: [f32; V],
}

impl<const V: usize> Factor<V> {
    pub(super) const NEW: Self = Self([[0.0; V]; V]);

    /// Becomes the factor of keep² R'R + u u'; `u` is used up. Rows before `from` stay.
    pub(super) fn update(&mut self, keep: f32, mut u: [f32; V], from: usize) {
        for (k, row) in self.0.iter_mut().enumerate().skip(from) {
            let mut pairs = row.iter_mut().zip(&mut u).skip(k);
            let Some((pivot, first)) = pairs.next() else {
                continue;
            };
            let kept = *pivot * keep;
            let length = sqrt(kept * kept + *first * *first);
            let (cos, sin) = if length < TINY {
                (1.0, 0.0)
            } else {
                (kept / length, *first / length)
            };
            *pivot = if length < TINY { kept } else { length };
            for (x, u) in pairs {
                let kept = *x * keep;
                *x = cos * kept + sin * *u;
                *u = cos * *u - sin * kept;
            }
        }
    }

    /// The factor of the covariance of the present variables; rows of the others are zeros.
    pub(super) fn of_present(&self, present: &[bool; V]) -> Self {
        let mut left = self.clone();
        for (k, present) in present.iter().enumerate() {
            let Some(row) = left.0.get_mut(k).filter(|_| !present) else {
                continue;
            };
            let gone = core::mem::replace(row, [0.0; V]);
            left.update(1.0, gone, k + 1);
        }
        left
    }

    /// Solves R'z = d over the present variables. A pivot is at least `ridge` of its variable's deviation.
    pub(super) fn solve(&self, d: &Deviations<V>, ridge: f32) -> Solved<V> {
        if d.present.iter().all(|present| *present) {
            self.solve_present(d, ridge)
        } else {
            self.solve_others(d, ridge)
        }
    }

    /// Not inlined: only incomplete rows need the stack for a copy.
    #[inline(never)]
    fn solve_others(&self, d: &Deviations<V>, ridge: f32) -> Solved<V> {
        self.of_present(&d.present).solve_present(d, ridge)
    }

    fn solve_present(&self, d: &Deviations<V>, ridge: f32) -> Solved<V> {
        let (mut rest, mut squares) = (d.of, [0.0_f32; V]);
        let mut solved = Solved {
            z: [0.0; V],
            pivots: [1.0; V],
        };
        let results = solved.z.iter_mut().zip(&mut solved.pivots);
        let rows = self.0.iter().zip(results).zip(&d.present).zip(&d.least);
        for (k, (((row, (z, pivot)), present), least)) in rows.enumerate() {
            let columns = row.iter().zip(&mut rest).zip(&mut squares);
            let mut columns = columns.skip(k);
            let Some(((own, rest), squares)) = columns.next().filter(|_| *present) else {
                continue;
            };
            let whole = sqrt(*squares + own * own);
            *pivot = own.max(ridge * whole).max(*least);
            *z = (*rest / *pivot).clamp(-MOST, MOST);
            for ((x, rest), squares) in columns {
                *rest -= x * *z;
                *squares += x * x;
            }
        }
        solved
    }

    /// Of every present variable d_j (C⁻¹ d)_j; their sum is d²; 0 of others.
    pub(super) fn parts(&self, d: &Deviations<V>, ridge: f32) -> [f32; V] {
        if d.present.iter().all(|present| *present) {
            self.parts_of_present(d, ridge)
        } else {
            self.parts_of_others(d, ridge)
        }
    }

    #[inline(never)]
    fn parts_of_others(&self, d: &Deviations<V>, ridge: f32) -> [f32; V] {
        self.of_present(&d.present).parts_of_present(d, ridge)
    }

    fn parts_of_present(&self, d: &Deviations<V>, ridge: f32) -> [f32; V] {
        let Solved { z: mut y, pivots } = self.solve_present(d, ridge);
        for (k, (row, pivot)) in self.0.iter().zip(&pivots).enumerate().rev() {
            let behind = row.iter().zip(&y).skip(k + 1);
            let sum = behind.fold(0.0, |sum, (x, y)| sum + x * y);
            if let Some(y) = y.get_mut(k) {
                *y = ((*y - sum) / pivot).clamp(-STEEP, STEEP);
            }
        }
        let parts = y.iter_mut().zip(&d.of).zip(&d.present);
        parts.for_each(|((y, d), present)| *y *= if *present { *d } else { 0.0 });
        y
    }
}

impl<const V: usize> Solved<V> {
    /// d² = z'z.
    pub(super) fn square(&self) -> f32 {
        self.z.iter().fold(0.0, |sum, z| sum + z * z)
    }
}

/// Whether updates can have made this number of a factor.
pub(super) fn possible(x: f32, is_pivot: bool) -> bool {
    abs(x) <= 2.0 * FAR && (!is_pivot || x >= 0.0)
}
