//! Variant S: a true recurrent reading of "look-back". Inputs (D1, D2), targets (D2, D3), both
//! scaled on the three values; back-propagation through the two steps; all weights live.

use super::adam::Moments;
use super::{EPOCHS, Gates, HIDDEN, Weights};
use crate::detector::repad2::CONTEXT;
use crate::math::Math;

const STEPS: usize = CONTEXT - 1;

/// A training in progress; about 10.5 KiB with its gradients on the stack.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Training {
    epoch: u16,
    values: [f32; CONTEXT],
    /// The parameters being trained.
    pub weights: Weights,
    w_ih: [[Moments; HIDDEN]; 4],
    w_hh: [[[Moments; HIDDEN]; HIDDEN]; 4],
    bias: [[Moments; HIDDEN]; 4],
    fc_w: [Moments; HIDDEN],
    fc_b: Moments,
}

/// State and gates of one step.
#[derive(Clone, Copy)]
struct Step {
    x: f32,
    h_before: [f32; HIDDEN],
    c_before: [f32; HIDDEN],
    /// Activated gates.
    gates: Gates,
    tanh_c: [f32; HIDDEN],
    h: [f32; HIDDEN],
    c: [f32; HIDDEN],
    out: f32,
}

impl Step {
    const START: Self = Self {
        x: 0.0,
        h_before: [0.0; HIDDEN],
        c_before: [0.0; HIDDEN],
        gates: [[0.0; HIDDEN]; 4],
        tanh_c: [0.0; HIDDEN],
        h: [0.0; HIDDEN],
        c: [0.0; HIDDEN],
        out: 0.0,
    };
}

impl Weights {
    fn forward<M: Math>(&self, x: f32, before: &Step) -> Step {
        let mut step = Step {
            x,
            h_before: before.h,
            c_before: before.c,
            ..Step::START
        };
        let rows = self
            .w_ih
            .iter()
            .zip(&self.w_hh)
            .zip(&self.b_ih)
            .zip(&self.b_hh);
        for (k, (gate, (((w_ih, w_hh), b_ih), b_hh))) in step.gates.iter_mut().zip(rows).enumerate()
        {
            let units = w_ih.iter().zip(w_hh).zip(b_ih).zip(b_hh);
            for (a, (((w, recurrent), b), c)) in gate.iter_mut().zip(units) {
                let inner: f32 = recurrent.iter().zip(&before.h).map(|(w, h)| w * h).sum();
                let z = w * x + inner + b + c;
                *a = if k == 2 { M::tanh(z) } else { M::sigmoid(z) };
            }
        }
        let [i, f, g, o] = &step.gates;
        let gates = i.iter().zip(f).zip(g).zip(o).zip(&before.c);
        let state = step.c.iter_mut().zip(&mut step.h).zip(&mut step.tanh_c);
        let mut out = 0.0;
        for ((((((i, f), g), o), c_before), ((c, h), tanh_c)), fc) in
            gates.zip(state).zip(&self.fc_w)
        {
            *c = f * c_before + i * g;
            *tanh_c = M::tanh(*c);
            *h = o * *tanh_c;
            out += fc * *h;
        }
        step.out = out + self.fc_b;
        step
    }

    /// The output after a run over scaled values from a zero state.
    pub fn run<M: Math>(&self, scaled: &[f32]) -> f32 {
        let mut step = Step::START;
        for x in scaled {
            step = self.forward::<M>(*x, &step);
        }
        step.out
    }

    /// Gradient of the mean squared error over the steps; `b_hh`'s equals `b_ih`'s.
    fn gradient<M: Math>(&self, values: &[f32; CONTEXT]) -> Weights {
        let mut steps = [Step::START; STEPS];
        let mut before = Step::START;
        for (step, x) in steps.iter_mut().zip(values) {
            *step = self.forward::<M>(*x, &before);
            before = *step;
        }
        let mut grad = Weights::ZERO;
        let (mut d_h, mut d_c) = ([0.0f32; HIDDEN], [0.0f32; HIDDEN]);
        for (step, target) in steps.iter().zip(values.iter().skip(1)).rev() {
            let d_out = 2.0 * (step.out - target) / STEPS as f32;
            grad.fc_b += d_out;
            let mut d_z: Gates = [[0.0; HIDDEN]; 4];
            {
                let [i, f, g, o] = &step.gates;
                let [z_i, z_f, z_g, z_o] = &mut d_z;
                let gates = i.iter().zip(f).zip(g).zip(o);
                let state = step.h.iter().zip(&step.tanh_c).zip(&step.c_before);
                let out = z_i.iter_mut().zip(z_f).zip(z_g).zip(z_o);
                let flow = d_h
                    .iter_mut()
                    .zip(&mut d_c)
                    .zip(&self.fc_w)
                    .zip(&mut grad.fc_w);
                for (((gates, state), out), flow) in gates.zip(state).zip(out).zip(flow) {
                    let (((i, f), g), o) = gates;
                    let ((h, tanh_c), c_before) = state;
                    let (((z_i, z_f), z_g), z_o) = out;
                    let (((d_h, d_c), fc), d_fc) = flow;
                    *d_fc += d_out * h;
                    *d_h += d_out * fc;
                    *d_c += *d_h * o * (1.0 - tanh_c * tanh_c);
                    *z_i = *d_c * g * i * (1.0 - i);
                    *z_f = *d_c * c_before * f * (1.0 - f);
                    *z_g = *d_c * i * (1.0 - g * g);
                    *z_o = *d_h * tanh_c * o * (1.0 - o);
                    *d_c *= f;
                }
            }
            d_h = [0.0; HIDDEN];
            let gates = d_z.as_flattened().iter().zip(self.w_hh.as_flattened());
            let slots = grad
                .w_ih
                .as_flattened_mut()
                .iter_mut()
                .zip(grad.b_ih.as_flattened_mut());
            for (((d_z, w_hh), (w_ih, b_ih)), d_w_hh) in
                gates.zip(slots).zip(grad.w_hh.as_flattened_mut())
            {
                *w_ih += d_z * step.x;
                *b_ih += d_z;
                for (((d_w, h), d_h), w) in d_w_hh
                    .iter_mut()
                    .zip(&step.h_before)
                    .zip(&mut d_h)
                    .zip(w_hh)
                {
                    *d_w += d_z * h;
                    *d_h += w * d_z;
                }
            }
        }
        grad.b_hh = grad.b_ih;
        grad
    }
}

impl Training {
    /// No training.
    pub const IDLE: Self = Self {
        epoch: 0,
        values: [0.0; CONTEXT],
        weights: Weights::ZERO,
        w_ih: [[Moments::ZERO; HIDDEN]; 4],
        w_hh: [[[Moments::ZERO; HIDDEN]; HIDDEN]; 4],
        bias: [[Moments::ZERO; HIDDEN]; 4],
        fc_w: [Moments::ZERO; HIDDEN],
        fc_b: Moments::ZERO,
    };

    /// Starts over, on three scaled values.
    pub fn start(&mut self, values: [f32; CONTEXT]) {
        static INITIAL: Weights = Weights::INITIAL;
        *self = Self::IDLE;
        self.values = values;
        self.weights.clone_from(&INITIAL);
    }

    /// Epochs still to do.
    pub fn left(&self) -> u16 {
        EPOCHS.saturating_sub(self.epoch)
    }

    /// One epoch of Adam.
    pub fn step<M: Math>(&mut self) {
        let grad = self.weights.gradient::<M>(&self.values);
        let (w, epoch) = (&mut self.weights, self.epoch);
        let slots = w
            .w_ih
            .as_flattened_mut()
            .iter_mut()
            .zip(self.w_ih.as_flattened_mut());
        for ((p, moments), d) in slots.zip(grad.w_ih.as_flattened()) {
            *p -= moments.step::<M>(*d, epoch);
        }
        let slots = w.w_hh.as_flattened_mut().as_flattened_mut().iter_mut();
        let slots = slots.zip(self.w_hh.as_flattened_mut().as_flattened_mut());
        for ((p, moments), d) in slots.zip(grad.w_hh.as_flattened().as_flattened()) {
            *p -= moments.step::<M>(*d, epoch);
        }
        let slots = w
            .b_ih
            .as_flattened_mut()
            .iter_mut()
            .zip(w.b_hh.as_flattened_mut());
        let slots = slots.zip(self.bias.as_flattened_mut());
        for (((b, c), moments), d) in slots.zip(grad.b_ih.as_flattened()) {
            let change = moments.step::<M>(*d, epoch);
            *b -= change;
            *c -= change;
        }
        for ((p, moments), d) in w.fc_w.iter_mut().zip(&mut self.fc_w).zip(grad.fc_w) {
            *p -= moments.step::<M>(d, epoch);
        }
        w.fc_b -= self.fc_b.step::<M>(grad.fc_b, epoch);
        self.epoch += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Libm;
    use std::vec::Vec;

    /// Loss in f64, written apart from the code under test, over a flat parameter vector in
    /// drawing order.
    fn loss(p: &[f64], values: &[f32; CONTEXT]) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let (mut h, mut c) = ([0.0; HIDDEN], [0.0; HIDDEN]);
        let mut total = 0.0;
        for t in 0..STEPS {
            let x = f64::from(values[t]);
            let z: Vec<f64> = (0..40)
                .map(|r| {
                    let inner: f64 = (0..10).map(|k| p[40 + 10 * r + k] * h[k]).sum();
                    p[r] * x + inner + p[440 + r] + p[480 + r]
                })
                .collect();
            for k in 0..HIDDEN {
                c[k] = sigmoid(z[10 + k]) * c[k] + sigmoid(z[k]) * z[20 + k].tanh();
                h[k] = sigmoid(z[30 + k]) * c[k].tanh();
            }
            let out = p[530] + (0..10).map(|k| p[520 + k] * h[k]).sum::<f64>();
            total += (out - f64::from(values[t + 1])).powi(2);
        }
        total / STEPS as f64
    }

    fn flat(w: &Weights) -> Vec<f64> {
        let parts: [&[f32]; 6] = [
            w.w_ih.as_flattened(),
            w.w_hh.as_flattened().as_flattened(),
            w.b_ih.as_flattened(),
            w.b_hh.as_flattened(),
            &w.fc_w,
            &[w.fc_b],
        ];
        parts
            .iter()
            .flat_map(|p| p.iter().map(|x| f64::from(*x)))
            .collect()
    }

    /// Broken by any wrong term in the backward pass.
    #[test]
    fn gradient_equals_central_differences_of_every_parameter() {
        let values = [0.2, 1.0, 0.4];
        let analytic = flat(&Weights::INITIAL.gradient::<Libm>(&values));
        let point = flat(&Weights::INITIAL);
        for k in 0..point.len() {
            let at = |d: f64| {
                let mut p = point.clone();
                p[k] += d;
                loss(&p, &values)
            };
            let numeric = (at(1e-5) - at(-1e-5)) / 2e-5;
            assert!(
                (numeric - analytic[k]).abs() < 1e-6,
                "{k}: {numeric} {}",
                analytic[k]
            );
        }
    }
}
