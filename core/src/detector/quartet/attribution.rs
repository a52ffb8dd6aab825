//! Each variable's part in the surprise of a row.

use super::residual::{BLOCK, losses};

/// The findings of a row's lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribution<'a> {
    pub surprises: [f32; 4],
    /// The row as bytes.
    pub now: &'a [i8],
    /// The vector of the short memory that is nearest to it.
    pub nearest: &'a [i8],
    pub outside: &'a [f32],
    pub residuals: &'a [f32],
}

impl Attribution<'_> {
    /// Replaces the differences of a row's `variables` by their parts in its surprise. The long window
    /// adds none: its distance is one of shapes.
    pub(super) fn share(self, variables: usize, parts: &mut [f32]) {
        let [short, long, difference, residual] = self.surprises;
        if variables == 1 {
            let all = short + long + difference + residual;
            parts.iter_mut().take(1).for_each(|part| *part = all);
            return;
        }
        // In usual rows most lanes are not surprised.
        if difference > 0.0 {
            let total: f32 = parts.iter().take(variables).sum();
            let scale = per(difference, total);
            parts.iter_mut().for_each(|part| *part *= scale);
        } else {
            parts.fill(0.0);
        }
        if short > 0.0 {
            let bytes = || {
                let pairs = self.now.iter().zip(self.nearest);
                pairs.map(|(a, b)| (i32::from(*a) - i32::from(*b)).pow(2) as f32)
            };
            add(parts, per(short, bytes().sum()), bytes());
        }
        if residual > 0.0 {
            self.share_residual(residual, variables, parts);
        }
    }

    /// Adds each variable's part in the surprise of the residual lane.
    fn share_residual(self, surprise: f32, variables: usize, parts: &mut [f32]) {
        let of = |first| losses(self.outside, self.residuals, first);
        let mut block = of(0);
        let mut total: f32 = block.iter().take(variables).sum();
        for first in (BLOCK..variables).step_by(BLOCK) {
            block = of(first);
            let rest = block.iter().take(variables - first);
            total = rest.fold(total, |sum, loss| sum + loss);
        }
        let scale = per(surprise, total);
        for (k, parts) in parts.chunks_mut(BLOCK).enumerate() {
            if variables > BLOCK {
                block = of(k * BLOCK);
            }
            add(parts, scale, block.into_iter());
        }
    }
}

/// The factor from weights that add up to `total` to parts of a surprise.
fn per(surprise: f32, total: f32) -> f32 {
    if total > 0.0 && total.is_finite() {
        surprise / total
    } else {
        0.0
    }
}

fn add(parts: &mut [f32], scale: f32, weights: impl Iterator<Item = f32>) {
    for (part, weight) in parts.iter_mut().zip(weights) {
        *part += scale * weight;
    }
}
