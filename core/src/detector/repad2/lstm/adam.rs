//! Adam (Kingma and Ba, 2015): β₁ = 0.9, β₂ = 0.999, ε = 1e-8, rate 0.005, with bias
//! correction. The per-epoch corrections are constants, so a step is adds, multiplies, one
//! division and one root.

use super::EPOCHS;
use crate::math::Math;

const RATE: f64 = 0.005;

/// Per epoch: rate / (1 - β₁^t), and √(1 - β₂^t).
const CORRECTIONS: [(f32, f32); EPOCHS as usize] = corrections();

const fn corrections() -> [(f32, f32); EPOCHS as usize] {
    let mut out = [(0.0, 0.0); EPOCHS as usize];
    let (mut power1, mut power2) = (1.0f64, 1.0f64);
    let mut t = 0;
    while t < EPOCHS as usize {
        power1 *= 0.9;
        power2 *= 0.999;
        let square = 1.0 - power2;
        // Newton's root, at compile time: quadratic convergence from above.
        let mut root = 1.0;
        let mut k = 0;
        while k < 60 {
            root = 0.5 * (root + square / root);
            k += 1;
        }
        out[t] = ((RATE / (1.0 - power1)) as f32, root as f32);
        t += 1;
    }
    out
}

/// The two moments of one parameter.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Moments {
    first: f32,
    second: f32,
}

impl Moments {
    /// No gradient seen.
    pub const ZERO: Self = Self {
        first: 0.0,
        second: 0.0,
    };

    /// Notes a gradient and returns what to subtract from the parameter; `epoch` from 0.
    pub fn step<M: Math>(&mut self, gradient: f32, epoch: u16) -> f32 {
        let (rate, root) = CORRECTIONS
            .get(usize::from(epoch))
            .copied()
            .unwrap_or((0.0, 1.0));
        self.first = self.first * 0.9 + gradient * (1.0 - 0.9f64) as f32;
        self.second = self.second * 0.999 + gradient * gradient * (1.0 - 0.999f64) as f32;
        rate * self.first / (M::sqrt(self.second) / root + 1e-8)
    }
}
