//! Rounding of weights: later weights compensate the error of each one, as far as the observed
//! inputs allow (optimal brain quantisation, in a fixed order: Frantar et al. 2022).

use nalgebra::DMatrix;

/// Largest absolute weight. Not 128: kernels that multiply pairs rely on it.
pub(super) const MOST: f32 = 127.0;
/// Added to every input's power, as a share of the mean power: inputs that never moved, or moved
/// together, stay tame.
const DAMPING: f64 = 0.01;

/// The second moments of a layer's inputs and of the 1 that its bias is multiplied by: the lower
/// Cholesky factor of their inverse, whose columns are the rows of the upper one, each in one piece.
#[derive(Clone, Debug)]
pub(super) struct Inputs(DMatrix<f64>);

impl Inputs {
    /// Of the observed inputs; `None` if there were none or their moments cannot be inverted.
    pub(super) fn of(rows: &[Vec<f32>]) -> Option<Self> {
        let d = rows.first()?.len();
        let all = DMatrix::from_fn(rows.len(), d + 1, |row, k| {
            rows[row].get(k).map_or(1.0, |x| f64::from(*x))
        });
        let mut moments = all.tr_mul(&all);
        let damping = DAMPING * moments.trace() / (d + 1) as f64;
        for k in 0..=d {
            moments[(k, k)] += damping;
        }
        let inverse = moments.cholesky()?.inverse();
        Some(Self(inverse.cholesky()?.l()))
    }

    /// The weights of one output in steps of `scale`, and the bias that makes good the rest.
    pub(super) fn round(&self, weights: &[f32], bias: f32, scale: f32) -> (Vec<i8>, f64) {
        let mut left: Vec<f64> = weights.iter().map(|w| f64::from(*w)).collect();
        left.push(f64::from(bias));
        let mut rounded = Vec::with_capacity(weights.len());
        for k in 0..weights.len() {
            let steps = nearest(left[k] as f32, scale);
            rounded.push(steps);
            let error = (left[k] - f64::from(steps) * f64::from(scale)) / self.0[(k, k)];
            let column = self.0.column(k);
            for (weight, factor) in left.iter_mut().zip(&column).skip(k + 1) {
                *weight -= error * factor;
            }
        }
        (rounded, left[weights.len()])
    }
}

/// The nearest weight.
pub(super) fn nearest(weight: f32, scale: f32) -> i8 {
    (weight / scale).round().clamp(-MOST, MOST) as i8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    /// By hand: two inputs that are always equal. 0.4 and 0.4 round to 0 and 0 each by itself,
    /// but what the first loses the second takes: 0 and 0.8, which is 1.
    #[test]
    fn what_one_weight_loses_the_next_makes_good() {
        let rows: Vec<Vec<f32>> = (-50..=50).map(|k| vec![k as f32, k as f32]).collect();
        let (weights, bias) = Inputs::of(&rows).unwrap().round(&[0.4, 0.4], 0.0, 1.0);
        assert_eq!(weights, [0, 1]);
        assert!(bias.abs() < 1e-9, "{bias}");
    }

    /// By hand: an input that is always 1 is a bias.
    #[test]
    fn what_a_constant_input_loses_the_bias_makes_good() {
        let rows: Vec<Vec<f32>> = (0..100).map(|_| vec![1.0]).collect();
        let (weights, bias) = Inputs::of(&rows).unwrap().round(&[0.4], 0.25, 1.0);
        assert_eq!(weights, [0]);
        // But for the damping.
        assert!((bias - 0.65).abs() < 0.01, "{bias}");
    }

    /// Broken by a wrong factor or order: over inputs that move together, sums are closer than
    /// with every weight rounded by itself.
    #[test]
    fn sums_are_closer_than_with_nearest_weights() {
        let mut random = Random::new(5);
        let row = |random: &mut Random| -> Vec<f32> {
            let common: [f64; 3] = std::array::from_fn(|_| random.noise());
            let of = |k: usize| common[k % 3] + 0.2 * random.noise() + 0.5;
            (0..24).map(of).map(|x| x as f32).collect()
        };
        let rows: Vec<Vec<f32>> = (0..400).map(|_| row(&mut random)).collect();
        let inputs = Inputs::of(&rows).unwrap();
        let (mut ours, mut plain) = (0.0, 0.0);
        for _ in 0..20 {
            let weights: Vec<f32> = (0..24).map(|_| random.noise() as f32).collect();
            let scale = 0.2;
            let (rounded, bias) = inputs.round(&weights, 0.3, scale);
            let sum = |w: &dyn Fn(usize) -> f64, row: &[f32]| -> f64 {
                row.iter()
                    .enumerate()
                    .map(|(k, x)| w(k) * f64::from(*x))
                    .sum()
            };
            for row in &rows {
                let exact = 0.3 + sum(&|k| f64::from(weights[k]), row);
                let step = f64::from(scale);
                let own = bias + sum(&|k| f64::from(rounded[k]) * step, row);
                let near = 0.3 + sum(&|k| f64::from(nearest(weights[k], scale)) * step, row);
                ours += (own - exact).powi(2);
                plain += (near - exact).powi(2);
            }
        }
        assert!(ours < 0.5 * plain, "{ours} {plain}");
    }

    #[test]
    fn inputs_that_never_moved_do_no_harm() {
        let rows = vec![vec![0.0, 2.0]; 10];
        let (weights, _) = Inputs::of(&rows).unwrap().round(&[9.4, 0.6], 0.0, 1.0);
        assert_eq!(weights[0], 9);
        assert!(Inputs::of(&[]).is_none());
    }
}
