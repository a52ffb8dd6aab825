//! The tiny LSTMs that lanes may train: initial weights, optimiser, and two ways to train.
//!
//! Cell (Hochreiter and Schmidhuber, 1997; gates in the order i f g o), `x` one input:
//!
//! ```text
//! z = w_ih·x + w_hh·h' + b_ih + b_hh
//! c = sig(z_f)·c' + sig(z_i)·tanh(z_g)      h = sig(z_o)·tanh(c)      out = fc_w·h + fc_b
//! ```

pub mod adam;
pub mod sequence;
pub mod time_index;

use crate::rng::mersenne_twister;

/// Hidden units.
pub const HIDDEN: usize = 10;
/// Full-batch training epochs.
pub const EPOCHS: u16 = 50;
/// Seed of every training.
pub const SEED: u32 = 140;

/// One value per gate (i f g o) and hidden unit.
pub type Gates = [[f32; HIDDEN]; 4];

/// Parameters of the network.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Weights {
    /// Input weights.
    pub w_ih: Gates,
    /// Recurrent weights: gate, unit, previous unit.
    pub w_hh: [[[f32; HIDDEN]; HIDDEN]; 4],
    /// Input bias.
    pub b_ih: Gates,
    /// Recurrent bias.
    pub b_hh: Gates,
    /// Read-out weights.
    pub fc_w: [f32; HIDDEN],
    /// Read-out bias.
    pub fc_b: f32,
}

impl Weights {
    /// All zeros.
    pub const ZERO: Self = Self {
        w_ih: [[0.0; HIDDEN]; 4],
        w_hh: [[[0.0; HIDDEN]; HIDDEN]; 4],
        b_ih: [[0.0; HIDDEN]; 4],
        b_hh: [[0.0; HIDDEN]; 4],
        fc_w: [0.0; HIDDEN],
        fc_b: 0.0,
    };

    /// The seed-140 weights, uniform in [-1/√10, 1/√10), drawn at compile time.
    pub const INITIAL: Self = Self::draw();

    const fn draw() -> Self {
        const DRAWS: [u32; 531] = mersenne_twister(SEED);
        const A: f32 = 0.316_227_77;
        const fn uniform(draw: u32) -> f32 {
            let unit = (draw & 0x00ff_ffff) as f32 / 16_777_216.0;
            unit * (A + A) - A
        }
        let mut w = Self::ZERO;
        let mut k = 0;
        while k < 4 * HIDDEN {
            let (gate, unit) = (k / HIDDEN, k % HIDDEN);
            w.w_ih[gate][unit] = uniform(DRAWS[k]);
            let mut previous = 0;
            while previous < HIDDEN {
                w.w_hh[gate][unit][previous] = uniform(DRAWS[40 + k * HIDDEN + previous]);
                previous += 1;
            }
            w.b_ih[gate][unit] = uniform(DRAWS[440 + k]);
            w.b_hh[gate][unit] = uniform(DRAWS[480 + k]);
            k += 1;
        }
        k = 0;
        while k < HIDDEN {
            w.fc_w[k] = uniform(DRAWS[520 + k]);
            k += 1;
        }
        w.fc_b = uniform(DRAWS[530]);
        w
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published first weights (rola algorithm description, recipe).
    #[test]
    fn initial_weights_are_the_published_ones() {
        let w = &Weights::INITIAL;
        let pairs = [
            (w.w_ih[0][0], -0.02288708),
            (w.w_ih[0][1], 0.18886665),
            (w.b_ih[0][0], 0.26241258),
            (w.b_hh[0][0], 0.02535975),
            (w.fc_w[0], 0.05460188),
            (w.fc_b, -0.2077571),
        ];
        for (ours, published) in pairs {
            assert!((ours - published).abs() < 1e-8, "{ours} {published}");
        }
    }
}
