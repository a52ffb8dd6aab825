//! The factor lane: every variable against what all others say of it.
//!
//! ```text
//! L = E √w       eight components E of the rows' covariance C, their variances w
//! ψ_j = max(C_jj - Σ L_j², 0) + 0.01 trace(C) / V + 10^-4
//! A = (1 + L' ψ^-1 L)^-1,   q_j = 1/ψ_j - (ψ^-1 L A L' ψ^-1)_jj
//! f_j = min(|ψ^-1 r - ψ^-1 L A L' ψ^-1 r|_j / √q_j, 50)
//! ```
//!
//! By the matrix inversion lemma, `f_j` is the distance of variable j from its expectation given all others, in
//! deviations that remain then (factor analysis: Lawley and Maxwell, 1962). Loadings are bytes with a step per
//! component. Sums are over components, never over pairs of variables: 32 products per variable and row.

use super::lanes::Scale;
use crate::detector::quartet::surprise::ln;
use crate::error::SnapshotError;
use crate::math::abs;
use crate::wire::snapshot::{Reader, Writer};

/// Components.
pub(super) const COMPONENTS: usize = 8;
/// Largest distance of a variable.
const MOST: f32 = 50.0;

pub(super) type Vector = [f32; COMPONENTS];

/// Components and limits of every variable: 24 bytes each, and 288.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Factor<const V: usize> {
    pub loadings: [[i8; COMPONENTS]; V],
    /// 1/ψ.
    pub weight: [f32; V],
    /// 1/(ψ √q): from a difference to deviations.
    pub inv_own: [f32; V],
    /// Distances up to which a variable says nothing, and the inverse scale of larger ones.
    pub usual: [f32; V],
    pub inv_scale: [f32; V],
    /// A between loadings in steps.
    pub between: [Vector; COMPONENTS],
    /// Squares of the components' steps.
    pub squares: Vector,
}

/// A row's sums along the components.
#[derive(Clone, Copy, Debug)]
pub(super) struct Along {
    /// By which `r` is explained: E' r in squared steps.
    explained: Vector,
    /// By which each variable is expected from all: A L' ψ^-1 r in steps.
    expected: Vector,
}

/// The most surprising variable.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Largest {
    /// Excess over its usual distance, in its scale.
    pub excess: f32,
    pub variable: u16,
}

fn dot(loadings: &[i8; COMPONENTS], by: &Vector) -> f32 {
    let products = loadings.iter().zip(by).map(|(e, x)| f32::from(*e) * x);
    products.fold(0.0, |sum, product| sum + product)
}

impl<const V: usize> Factor<V> {
    pub(super) const NONE: Self = Self {
        loadings: [[0; COMPONENTS]; V],
        weight: [0.0; V],
        inv_own: [0.0; V],
        usual: [0.0; V],
        inv_scale: [0.0; V],
        between: [[0.0; COMPONENTS]; COMPONENTS],
        squares: [0.0; COMPONENTS],
    };

    pub(super) fn forget(&mut self) {
        self.loadings.fill([0; COMPONENTS]);
        for values in [
            &mut self.weight,
            &mut self.inv_own,
            &mut self.usual,
            &mut self.inv_scale,
        ] {
            values.fill(0.0);
        }
        self.between = [[0.0; COMPONENTS]; COMPONENTS];
        self.squares = [0.0; COMPONENTS];
    }

    /// The sums of the last row.
    pub(super) fn along(&self, scale: Scale<'_>) -> Along {
        let (mut plain, mut weighted) = ([0.0; COMPONENTS], [0.0; COMPONENTS]);
        let variables = self.loadings.iter().zip(&self.weight);
        for ((loadings, weight), r) in variables.zip(scale.residuals()) {
            let y = r * weight;
            let sums = plain.iter_mut().zip(&mut weighted);
            for (e, (plain, weighted)) in loadings.iter().zip(sums) {
                let e = f32::from(*e);
                *plain += e * r;
                *weighted += e * y;
            }
        }
        let mut expected = weighted;
        for (place, row) in expected.iter_mut().zip(&self.between) {
            let products = row.iter().zip(&weighted).map(|(a, b)| a * b);
            *place = products.fold(0.0, |sum, product| sum + product);
        }
        let mut explained = plain;
        let squares = explained.iter_mut().zip(&self.squares);
        squares.for_each(|(sum, square)| *sum *= square);
        Along {
            explained,
            expected,
        }
    }

    /// The mean squared residual of the last row beside the components.
    pub(super) fn outside(&self, scale: Scale<'_>, along: &Along) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for (loadings, r) in self.loadings.iter().zip(scale.residuals()) {
            let left = r - dot(loadings, &along.explained);
            sum += left * left;
            count += 1.0;
        }
        sum / if count > 0.0 { count } else { 1.0 }
    }

    /// The distance of each variable of the last row from what all others say of it.
    pub(super) fn distances(&self, scale: Scale<'_>, along: Along) -> impl Iterator<Item = f32> {
        let variables = self.loadings.iter().zip(&self.inv_own);
        let values = variables.zip(scale.residuals().zip(scale.judged()));
        values.map(move |((loadings, inv_own), (r, is_judged))| {
            let far = abs(r - dot(loadings, &along.expected)) * inv_own;
            // 0 for a NaN.
            if is_judged && far > 0.0 {
                far.min(MOST)
            } else {
                0.0
            }
        })
    }

    /// The excess of each variable's distance over its usual one, in its scale.
    fn excesses(&self, scale: Scale<'_>, along: Along) -> impl Iterator<Item = f32> {
        let limits = self.usual.iter().zip(&self.inv_scale);
        let distances = self.distances(scale, along).zip(limits);
        distances.map(|(far, (usual, inv_scale))| {
            if far > *usual {
                (far - usual) * inv_scale
            } else {
                0.0
            }
        })
    }

    /// The variable with the largest excess; the first of equals.
    pub(super) fn largest(&self, scale: Scale<'_>, along: Along) -> Largest {
        let mut largest = Largest::default();
        for (excess, variable) in self.excesses(scale, along).zip(0..) {
            if excess > largest.excess {
                largest = Largest { excess, variable };
            }
        }
        largest
    }

    /// The surprise of each variable of the last row.
    pub(super) fn surprises(&self, scale: Scale<'_>) -> impl Iterator<Item = f32> {
        let along = self.along(scale);
        self.excesses(scale, along).map(|excess| ln(1.0 + excess))
    }

    pub(super) fn save(&self, variables: usize, body: &mut Writer<'_>) {
        let loadings = self.loadings.iter().take(variables).flatten();
        loadings.for_each(|byte| body.put(byte));
        for values in [&self.weight, &self.inv_own, &self.usual, &self.inv_scale] {
            values.iter().take(variables).for_each(|x| body.put(x));
        }
        let numbers = self.squares.iter().chain(self.between.iter().flatten());
        numbers.for_each(|x| body.put(x));
    }

    pub(super) fn restore(
        &mut self,
        variables: usize,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        for place in self.loadings.iter_mut().take(variables).flatten() {
            let byte = body.take()?;
            if commit {
                *place = byte;
            }
        }
        let of_variables = [
            &mut self.weight,
            &mut self.inv_own,
            &mut self.usual,
            &mut self.inv_scale,
        ];
        let of_variables = of_variables.map(|values| values.iter_mut().take(variables));
        let of_variables = of_variables.into_iter().flatten();
        let numbers = of_variables.chain(&mut self.squares);
        let numbers = numbers.map(|place| (place, 0.0));
        let between = self.between.iter_mut().flatten();
        for (place, least) in numbers.chain(between.map(|place| (place, f32::MIN))) {
            let value: f32 = body.take()?;
            if !(least..=f32::MAX).contains(&value) {
                return Err(body.content());
            }
            if commit {
                *place = value;
            }
        }
        Ok(())
    }
}
