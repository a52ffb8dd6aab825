//! The part of a row that the main components of the fit do not explain.
//!
//! ```text
//! r'M r    M = I - P P'    the columns of P are the components with 99 % of the variance
//! ```
//!
//! `M` is symmetric; its lower triangle is kept, row by row.

/// The form r'M r, 0 or more. D(D + 1)/2 products and sums, in this order.
pub(super) fn form(lower: &[f32], r: &[f32]) -> f32 {
    let mut sum = 0.0;
    for ((row, diagonal), ri) in rows(lower).zip(r) {
        let products = row.iter().zip(r).map(|(m, rj)| m * rj);
        let t = products.reduce(|t, product| t + product).unwrap_or(0.0);
        sum += ri * ((t + t) + diagonal * ri);
    }
    if sum > 0.0 { sum } else { 0.0 }
}

/// Variables whose losses are found in one pass over the triangle.
pub(super) const BLOCK: usize = 16;

/// The losses of the form if variable `first` were free, or one of those after it: (M r)_j² / M_jj. 0 beyond
/// the last variable.
pub(super) fn losses(lower: &[f32], r: &[f32], first: usize) -> [f32; BLOCK] {
    let (mut products, mut own) = ([0.0; BLOCK], [0.0; BLOCK]);
    for (i, ((row, diagonal), ri)) in rows(lower).zip(r).enumerate().skip(first) {
        // Of a variable its own row comes first, then its column: the order of the whole matrix.
        let of_columns = row.iter().skip(first).zip(&mut products);
        for (m, product) in of_columns {
            *product += m * ri;
        }
        let places = products.get_mut(i - first).zip(own.get_mut(i - first));
        if let Some((product, own)) = places {
            for (m, rj) in row.iter().zip(r) {
                *product += m * rj;
            }
            *product += diagonal * ri;
            *own = *diagonal;
        }
    }
    let known = r.len().saturating_sub(first);
    for (product, own) in products.iter_mut().zip(own).take(known) {
        *product = if own > 1e-6 {
            *product * *product / own
        } else {
            0.0
        };
    }
    products
}

/// Rows of a lower triangle, each without and with its diagonal.
fn rows(lower: &[f32]) -> impl Iterator<Item = (&[f32], &f32)> {
    let (mut rest, mut length) = (lower, 0);
    core::iter::from_fn(move || {
        let (row, further) = rest.split_at_checked(length + 1)?;
        (rest, length) = (further, length + 1);
        let (diagonal, before) = row.split_last()?;
        Some((before, diagonal))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 3 x 3, by hand.
    #[test]
    fn the_form_and_its_losses_are_those_of_the_whole_matrix() {
        let lower = [0.5, 0.25, 0.75, -0.125, 0.0, 1.0];
        let whole = [[0.5, 0.25, -0.125], [0.25, 0.75, 0.0], [-0.125, 0.0, 1.0]];
        let r = [1.0, -2.0, 4.0];
        let product = whole.map(|row: [f32; 3]| row.iter().zip(&r).map(|(m, r)| m * r).sum());
        let wanted: f32 = product.iter().zip(&r).map(|(p, r): (&f32, _)| p * r).sum();
        assert_eq!(form(&lower, &r), wanted);
        for first in 0..3 {
            let mut wanted = [0.0; BLOCK];
            let each = product.iter().enumerate().skip(first);
            each.for_each(|(j, p)| wanted[j - first] = p * p / whole[j][j]);
            assert_eq!(losses(&lower, &r, first), wanted);
        }
        assert_eq!(form(&[-1.0], &[3.0]), 0.0, "rounding below 0");
        assert_eq!(form(&[f32::MAX], &[f32::MAX]), f32::INFINITY);
    }
}
