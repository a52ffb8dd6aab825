//! The factor lane against its definition: a variable's expectation given all others, from the inverse of the
//! whole matrix; and what is broken.

use super::series::{FITTED, V, fitted, rules, series};
use crate::node::Lanes as _;
use crate::node::factor::COMPONENTS;
use crate::{Reading, Tick};

type Matrix = [[f64; V]; V];

/// By Gauss and Jordan, the largest pivot first.
fn inverse(mut a: Matrix) -> Matrix {
    let mut b: Matrix =
        core::array::from_fn(|i| core::array::from_fn(|j| f64::from(u8::from(i == j))));
    for k in 0..V {
        let pivot = (k..V).max_by(|i, j| a[*i][k].abs().total_cmp(&a[*j][k].abs()));
        let pivot = pivot.expect("a row");
        a.swap(k, pivot);
        b.swap(k, pivot);
        let per = a[k][k];
        for j in 0..V {
            a[k][j] /= per;
            b[k][j] /= per;
        }
        for i in (0..V).filter(|i| *i != k) {
            let times = a[i][k];
            for j in 0..V {
                a[i][j] -= times * a[k][j];
                b[i][j] -= times * b[k][j];
            }
        }
    }
    b
}

/// Broken by an error in the lemma.
#[test]
fn distances_are_those_of_the_whole_matrix() {
    let mut node = fitted();

    let factor = node.factor.clone();
    let loadings = factor.loadings.map(|bytes| bytes.map(f64::from));
    let weight = factor.weight.map(f64::from);
    let between = factor.between.map(|row| row.map(f64::from));
    let precision: Matrix = core::array::from_fn(|i| {
        core::array::from_fn(|j| {
            let form: f64 = (0..COMPONENTS)
                .map(|a| {
                    (0..COMPONENTS)
                        .map(|b| loadings[i][a] * between[a][b] * loadings[j][b])
                        .sum::<f64>()
                })
                .sum();
            let own = if i == j { weight[i] } else { 0.0 };
            own - weight[i] * form * weight[j]
        })
    });
    // The model's covariance: its own part is what components leave, so every diagonal is that of the rows.
    let model = inverse(precision);
    for (j, row) in model.iter().enumerate() {
        assert!((row[j] - 1.0).abs() < 0.05, "{j}: {}", row[j]);
    }
    for row in &series(FITTED + 50)[FITTED..] {
        node.decide(&rules(), Tick(node.clock.next().0), &row.map(Reading::from));
        let scale = node.lanes.scale();
        let r: [f64; V] = core::array::from_fn(|j| {
            f64::from((scale.last[j] - scale.mean[j]) * scale.inv_deviation[j] - scale.center[j])
        });
        let along = node.factor.along(scale);
        for (j, far) in node.factor.distances(scale, along).enumerate() {
            let sum: f64 = (0..V).map(|i| precision[j][i] * r[i]).sum();
            let wanted = sum.abs() / precision[j][j].sqrt();
            assert!(
                (f64::from(far) - wanted).abs() <= 1e-3 * wanted + 1e-3,
                "{j}: {far} {wanted}"
            );
        }
    }
}

/// Broken by a name that is that of a variable beside.
#[test]
fn a_variable_that_leaves_the_others_is_named() {
    for broken in 0..V {
        let mut node = fitted();
        let mut rows = series(FITTED + 30).split_off(FITTED);
        let mut named = 0;
        for (row, tick) in rows.iter_mut().zip(1_000..) {
            row[broken] += 6.0;
            let verdict = node.decide(&rules(), Tick(tick), &row.map(Reading::from));
            let score = verdict.score.expect("judged");
            named += u32::from(score.variable == Some(broken as u16));
            let most = node.surprises().fold(0.0, f32::max);
            assert_eq!(most, score.broken);
        }
        assert!(named > 25, "{broken}: {named}");
    }
}
