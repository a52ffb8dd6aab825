//! Components by subspace iteration (Bauer, 1957) over the stored rows: the covariance is never made.
//!
//! ```text
//! Y = 1/n Σ_t r_t (r_t' Q)        a pass over the rows: 16 V products per row
//! Q = Y made orthonormal          Gram and Schmidt, twice
//! Q' Y = U w U',   E = Q U        in the end (Rayleigh and Ritz; Jacobi's rotations of 8 x 8)
//! ```

use super::work::{Axes, Cell};
use super::{Rows, Work};
use crate::detector::node::factor::{COMPONENTS, Factor, Vector};
use crate::detector::node::lanes::Lanes;
use crate::detector::node::projection::{signed, signs};
use crate::detector::quartet::fitting::components::{Components, at};
use crate::math::{abs, root, sqrt};

/// Passes over the rows.
pub(super) const PASSES: usize = 30;
/// Sweeps of all pairs of eight.
const SWEEPS: usize = 10;
/// Variance of its own that every variable has: a share of the mean one, and at all.
const OWN: f32 = 0.01;
const LEAST: f32 = 1e-4;
/// Length below which nothing is left of a direction.
const SHORTEST: f32 = 1e-12;
/// Smallest conditional precision, as a share of the precision.
const CLOSEST: f64 = 1e-12;

/// Fits components to the first `fitted` rows.
pub(super) fn fit<L: Lanes, const V: usize>(
    (lanes, factor): (&mut L, &mut Factor<V>),
    variables: usize,
    rows: &mut impl Rows,
    fitted: u32,
    work: &mut Work<V>,
) {
    let active = variables.saturating_sub(2).min(COMPONENTS);
    work.fill(Cell::Axes(Axes::default()));
    for (axes, j) in work.axes().zip(0..).take(variables) {
        let signs = signs(j);
        for (product, d) in axes.product.iter_mut().zip(0..).take(active) {
            *product = signed(1.0, signs, d);
        }
    }
    for _ in 0..PASSES {
        work.axes().for_each(|axes| {
            axes.direction = axes.product;
            axes.product = [0.0; COMPONENTS];
        });
        (0..active).for_each(|k| straighten(work, k));
        factor.weight.fill(0.0);
        for row in 0..fitted {
            let frame = work.read(rows, row);
            if row == 0 {
                lanes.begin(frame);
            } else {
                lanes.pass(frame);
            }
            multiply(work, &mut factor.weight, lanes.scale().residuals());
        }
    }
    let per_row = 1.0 / fitted as f32;
    let variances = ritz(work, per_row);
    let steps = quantise(work, &mut factor.loadings);
    factor.squares = steps.map(|step| step * step);
    let mut scales = steps;
    let pairs = scales.iter_mut().zip(variances);
    pairs.for_each(|(scale, variance)| *scale *= sqrt(variance));
    own(factor, scales, variables, per_row);
}

/// Makes direction `k` of length 1 and orthogonal to those before it; 0 if nothing of it is left.
fn straighten<const V: usize>(work: &mut Work<V>, k: usize) {
    for _ in 0..2 {
        for before in 0..k {
            let shared = dot(work, before, k);
            for axes in work.axes() {
                let from = shared * get(&axes.direction, before);
                if let Some(to) = axes.direction.get_mut(k) {
                    *to -= from;
                }
            }
        }
        let length = sqrt(dot(work, k, k));
        let inverse = if length > SHORTEST { 1.0 / length } else { 0.0 };
        for axes in work.axes() {
            if let Some(to) = axes.direction.get_mut(k) {
                *to *= inverse;
            }
        }
    }
}

fn get(of: &Vector, k: usize) -> f32 {
    of.get(k).copied().unwrap_or_default()
}

fn dot<const V: usize>(work: &mut Work<V>, a: usize, b: usize) -> f32 {
    let products = work
        .axes()
        .map(|axes| get(&axes.direction, a) * get(&axes.direction, b));
    products.fold(0.0, |sum, product| sum + product)
}

/// Adds a row to the products, and to the squares of each variable.
fn multiply<const V: usize>(
    work: &mut Work<V>,
    squares: &mut [f32; V],
    residuals: impl Iterator<Item = f32> + Clone,
) {
    let mut along = [0.0; COMPONENTS];
    for (axes, r) in work.axes().zip(residuals.clone()) {
        let sums = along.iter_mut().zip(&axes.direction);
        sums.for_each(|(sum, q)| *sum += r * q);
    }
    for ((axes, square), r) in work.axes().zip(squares).zip(residuals) {
        let sums = axes.product.iter_mut().zip(&along);
        sums.for_each(|(sum, along)| *sum += r * along);
        *square += r * r;
    }
}

/// Turns the directions into components; their variances.
fn ritz<const V: usize>(work: &mut Work<V>, per_row: f32) -> Vector {
    const PAIRS: usize = COMPONENTS * (COMPONENTS + 1) / 2;
    let mut lower = [0.0; PAIRS];
    for i in 0..COMPONENTS {
        for j in 0..=i {
            let products = work.axes();
            let products = products.map(|axes| get(&axes.direction, i) * get(&axes.product, j));
            let sum = products.fold(0.0, |sum, product| sum + product);
            if let Some(place) = lower.get_mut(at(i, j)) {
                *place = sum * per_row;
            }
        }
    }
    let (mut axes, mut values) = ([0.0; COMPONENTS * COMPONENTS], [0.0; COMPONENTS]);
    let mut components = Components {
        lower: &mut lower,
        axes: &mut axes,
        values: &mut values,
    };
    components.identity();
    for _ in 0..SWEEPS {
        for p in 0..COMPONENTS {
            (p + 1..COMPONENTS).for_each(|q| components.rotate(p, q));
        }
    }
    for (k, value) in values.iter_mut().enumerate() {
        *value = lower.get(at(k, k)).copied().unwrap_or_default().max(0.0);
    }
    let (turns, _) = axes.as_chunks::<COMPONENTS>();
    for of in work.axes() {
        let mut turned = [0.0; COMPONENTS];
        for (turned, turn) in turned.iter_mut().zip(turns) {
            let products = turn.iter().zip(&of.direction).map(|(u, q)| u * q);
            *turned = products.fold(0.0, |sum, product| sum + product);
        }
        of.direction = turned;
    }
    values
}

/// Loadings as bytes; the step of each component.
fn quantise<const V: usize>(work: &mut Work<V>, loadings: &mut [[i8; COMPONENTS]; V]) -> Vector {
    let mut steps = [0.0_f32; COMPONENTS];
    for axes in work.axes() {
        let largest = steps.iter_mut().zip(&axes.direction);
        largest.for_each(|(step, e)| *step = step.max(abs(*e) / 127.0));
    }
    for (axes, bytes) in work.axes().zip(loadings) {
        let places = bytes.iter_mut().zip(&axes.direction).zip(&steps);
        for ((byte, e), step) in places {
            let scaled = if *step > 0.0 { e / step } else { 0.0 };
            let half = if scaled < 0.0 { -0.5 } else { 0.5 };
            *byte = (scaled + half) as i8;
        }
    }
    steps
}

/// Own and conditional variance of every variable, from its variance in [`Factor::weight`].
fn own<const V: usize>(factor: &mut Factor<V>, scales: Vector, variables: usize, per_row: f32) {
    let loading = |bytes: &[i8; COMPONENTS]| {
        let mut loading = scales;
        let bytes = loading.iter_mut().zip(bytes);
        bytes.for_each(|(scale, byte)| *scale *= f32::from(*byte));
        loading
    };
    let trace = factor
        .weight
        .iter()
        .take(variables)
        .fold(0.0, |sum, c| sum + c * per_row);
    let least = OWN * trace / variables.max(1) as f32 + LEAST;
    let mut matrix = [[0.0_f64; COMPONENTS]; COMPONENTS];
    for (k, row) in matrix.iter_mut().enumerate() {
        if let Some(place) = row.get_mut(k) {
            *place = 1.0;
        }
    }
    let each = factor.loadings.iter().zip(&mut factor.weight);
    for (bytes, weight) in each.take(variables) {
        let loading = loading(bytes);
        let common = loading.iter().fold(0.0, |sum, l| sum + l * l);
        *weight = 1.0 / ((*weight * per_row - common).max(0.0) + least);
        for (row, a) in matrix.iter_mut().zip(loading) {
            for (place, b) in row.iter_mut().zip(loading) {
                *place += f64::from(a) * f64::from(b) * f64::from(*weight);
            }
        }
    }
    let between = inverse(matrix);
    let each = factor.loadings.iter().zip(&factor.weight);
    for ((bytes, weight), inv_own) in each.zip(&mut factor.inv_own).take(variables) {
        let loading = loading(bytes);
        let mut form = 0.0;
        for (row, a) in between.iter().zip(loading) {
            let products = row.iter().zip(loading).map(|(g, b)| g * f64::from(b));
            form += f64::from(a) * products.fold(0.0, |sum, product| sum + product);
        }
        let weight = f64::from(*weight);
        let precision = (weight * (1.0 - form * weight)).max(CLOSEST * weight);
        *inv_own = (weight / root(precision)) as f32;
    }
    let rows = factor.between.iter_mut().zip(between).zip(scales);
    for ((row, from), a) in rows {
        for ((place, g), b) in row.iter_mut().zip(from).zip(scales) {
            *place = a * g as f32 * b;
        }
    }
}

type Matrix = [[f64; COMPONENTS]; COMPONENTS];

/// The inverse of a symmetric matrix with eigenvalues of 1 and more, by Gauss and Jordan in place.
fn inverse(mut matrix: Matrix) -> Matrix {
    for k in 0..COMPONENTS {
        let Some(pivot) = matrix.get_mut(k) else {
            break;
        };
        let Some(own) = pivot.get_mut(k) else { break };
        let per = 1.0 / core::mem::replace(own, 1.0);
        pivot.iter_mut().for_each(|x| *x *= per);
        let pivot = *pivot;
        for (i, row) in matrix.iter_mut().enumerate() {
            let Some(own) = row.get_mut(k).filter(|_| i != k) else {
                continue;
            };
            let times = core::mem::replace(own, 0.0);
            row.iter_mut().zip(pivot).for_each(|(x, p)| *x -= times * p);
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_times_its_matrix_is_one() {
        let mut matrix = [[0.0; COMPONENTS]; COMPONENTS];
        for (i, row) in matrix.iter_mut().enumerate() {
            for (j, x) in row.iter_mut().enumerate() {
                *x = f64::from(u8::from(i == j)) * 2.0 + 1.0 / (i + j + 1) as f64;
            }
        }
        let inverse = inverse(matrix);
        for (i, row) in matrix.iter().enumerate() {
            let mut product = [0.0; COMPONENTS];
            for (x, column) in row.iter().zip(inverse) {
                product
                    .iter_mut()
                    .zip(column)
                    .for_each(|(sum, y)| *sum += x * y);
            }
            for (j, x) in product.into_iter().enumerate() {
                assert!((x - f64::from(u8::from(i == j))).abs() < 1e-12);
            }
        }
    }
}
