//! The training that RePAD2's public implementation really performs.
//!
//! The network's input is the time index (0, 0.5, 1 for the three values), a batch of three
//! sequences of length one: the state starts at zero each time, so the recurrent weights and
//! the forget gate have no effect, and 101 parameters are live. The forecast is read at 1.5.

use super::adam::Moments;
use super::{EPOCHS, HIDDEN, Weights};
use crate::detector::repad2::CONTEXT;
use crate::math::Math;

/// Live gates: i, g, o.
const LIVE: [usize; 3] = [0, 2, 3];
const INDEX: [f32; CONTEXT] = [0.0, 0.5, 1.0];
/// Time index of the forecast.
const AHEAD: f32 = 1.5;

type LiveGates<T> = [[T; HIDDEN]; 3];

/// A training in progress; 1.4 KiB. All zeros when idle.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Training {
    /// Completed epochs.
    epoch: u16,
    targets: [f32; CONTEXT],
    w: LiveGates<f32>,
    b_in: LiveGates<f32>,
    b_rec: LiveGates<f32>,
    fc: [f32; HIDDEN],
    fc_b: f32,
    w_moments: LiveGates<Moments>,
    /// Both biases get the same gradient and share their moments.
    b_moments: LiveGates<Moments>,
    fc_moments: [Moments; HIDDEN],
    fc_b_moments: Moments,
}

/// Results of a forward pass for the backward pass.
struct Activation {
    i: [f32; HIDDEN],
    g: [f32; HIDDEN],
    o: [f32; HIDDEN],
    cell: [f32; HIDDEN],
    out: f32,
}

impl Training {
    /// No training.
    pub const IDLE: Self = Self {
        epoch: 0,
        targets: [0.0; CONTEXT],
        w: [[0.0; HIDDEN]; 3],
        b_in: [[0.0; HIDDEN]; 3],
        b_rec: [[0.0; HIDDEN]; 3],
        fc: [0.0; HIDDEN],
        fc_b: 0.0,
        w_moments: [[Moments::ZERO; HIDDEN]; 3],
        b_moments: [[Moments::ZERO; HIDDEN]; 3],
        fc_moments: [Moments::ZERO; HIDDEN],
        fc_b_moments: Moments::ZERO,
    };

    /// Starts over, towards three scaled targets.
    pub fn start(&mut self, targets: [f32; CONTEXT]) {
        static INITIAL: Weights = Weights::INITIAL;
        *self = Self::IDLE;
        self.targets = targets;
        for (k, gate) in LIVE.into_iter().enumerate() {
            let copy = |to: &mut LiveGates<f32>, from: &super::Gates| {
                if let (Some(to), Some(from)) = (to.get_mut(k), from.get(gate)) {
                    *to = *from;
                }
            };
            copy(&mut self.w, &INITIAL.w_ih);
            copy(&mut self.b_in, &INITIAL.b_ih);
            copy(&mut self.b_rec, &INITIAL.b_hh);
        }
        self.fc = INITIAL.fc_w;
        self.fc_b = INITIAL.fc_b;
    }

    /// Remaining epochs.
    pub fn left(&self) -> u16 {
        EPOCHS.saturating_sub(self.epoch)
    }

    fn forward<M: Math>(&self, x: f32) -> Activation {
        let [mut i, mut g, mut o] = [[0.0f32; HIDDEN]; 3];
        for (((a, w), b), c) in [&mut i, &mut g, &mut o]
            .into_iter()
            .zip(&self.w)
            .zip(&self.b_in)
            .zip(&self.b_rec)
        {
            for (((a, w), b), c) in a.iter_mut().zip(w).zip(b).zip(c) {
                *a = x * w + b + c;
            }
        }
        i.iter_mut().for_each(|z| *z = M::sigmoid(*z));
        g.iter_mut().for_each(|z| *z = M::tanh(*z));
        o.iter_mut().for_each(|z| *z = M::sigmoid(*z));
        let mut cell = [0.0; HIDDEN];
        let mut out = 0.0;
        for ((((cell, i), g), o), fc) in cell.iter_mut().zip(&i).zip(&g).zip(&o).zip(&self.fc) {
            *cell = M::tanh(i * g);
            out += o * *cell * fc;
        }
        Activation {
            i,
            g,
            o,
            cell,
            out: out + self.fc_b,
        }
    }

    /// One epoch of full-batch Adam on the mean squared error.
    pub fn step<M: Math>(&mut self) {
        let [mut d_w, mut d_b] = [[[0.0f32; HIDDEN]; 3]; 2];
        let (mut d_fc, mut d_fc_b) = ([0.0f32; HIDDEN], 0.0f32);
        for (x, target) in INDEX.into_iter().zip(self.targets) {
            let a = self.forward::<M>(x);
            let d_out = 2.0 * (a.out - target) / 3.0;
            d_fc_b += d_out;
            let [w_i, w_g, w_o] = &mut d_w;
            let [b_i, b_g, b_o] = &mut d_b;
            let units =
                a.i.iter()
                    .zip(&a.g)
                    .zip(&a.o)
                    .zip(&a.cell)
                    .zip(&self.fc)
                    .zip(&mut d_fc);
            let slots = w_i.iter_mut().zip(w_g).zip(w_o).zip(b_i).zip(b_g).zip(b_o);
            for ((((((i, g), o), cell), fc), d_fc), (((((w_i, w_g), w_o), b_i), b_g), b_o)) in
                units.zip(slots)
            {
                *d_fc += o * cell * d_out;
                let d_h = d_out * fc;
                let d_cell = d_h * o * (1.0 - cell * cell);
                let d_i = d_cell * g * i * (1.0 - i);
                let d_g = d_cell * i * (1.0 - g * g);
                let d_o = d_h * cell * o * (1.0 - o);
                *w_i += d_i * x;
                *w_g += d_g * x;
                *w_o += d_o * x;
                *b_i += d_i;
                *b_g += d_g;
                *b_o += d_o;
            }
        }
        let epoch = self.epoch;
        let w = self
            .w
            .as_flattened_mut()
            .iter_mut()
            .zip(self.w_moments.as_flattened_mut());
        for ((w, moments), d) in w.zip(d_w.as_flattened()) {
            *w -= moments.step::<M>(*d, epoch);
        }
        let b = self
            .b_in
            .as_flattened_mut()
            .iter_mut()
            .zip(self.b_rec.as_flattened_mut());
        for (((b, c), moments), d) in b
            .zip(self.b_moments.as_flattened_mut())
            .zip(d_b.as_flattened())
        {
            let change = moments.step::<M>(*d, epoch);
            *b -= change;
            *c -= change;
        }
        for ((fc, moments), d) in self.fc.iter_mut().zip(&mut self.fc_moments).zip(d_fc) {
            *fc -= moments.step::<M>(d, epoch);
        }
        self.fc_b -= self.fc_b_moments.step::<M>(d_fc_b, epoch);
        self.epoch += 1;
    }

    /// The output one step ahead, scaled like the targets.
    pub fn forecast<M: Math>(&self) -> f32 {
        self.forward::<M>(AHEAD).out
    }

    /// Mean squared error of the batch.
    #[cfg(test)]
    fn loss<M: Math>(&self) -> f32 {
        let squares = INDEX.into_iter().zip(self.targets).map(|(x, target)| {
            let d = self.forward::<M>(x).out - target;
            d * d
        });
        squares.sum::<f32>() / 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Libm;

    /// Broken by a gradient of the wrong sign or a stuck optimiser.
    #[test]
    fn every_training_lowers_the_loss_and_takes_fifty_epochs() {
        for targets in [[0.0, 0.3, 1.0], [1.0, 0.0, 0.7], [0.0, 0.0, 0.0]] {
            let mut training = Training::IDLE;
            training.start(targets);
            let before = training.loss::<Libm>();
            while training.left() > 0 {
                training.step::<Libm>();
            }
            assert_eq!(training.epoch, EPOCHS);
            assert!(training.loss::<Libm>() < before, "{targets:?}");
        }
    }
}
