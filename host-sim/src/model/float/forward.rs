//! The network in f32: every sum in f64, every value between layers rounded to f32.

use super::{FloatConv1d, FloatDense, FloatLayer, FloatNet, FloatRecurrent, Function};

impl Function {
    /// The function's value.
    pub fn apply(self, x: f64) -> f64 {
        match self {
            Self::Linear => x,
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    f64::from(slope) * x
                }
            }
            Self::Clamp(low, high) => x.clamp(low.into(), high.into()),
            Self::Tanh => x.tanh(),
            Self::Sigmoid => sigmoid(x),
            Self::Elu(slope) if x < 0.0 => f64::from(slope) * x.exp_m1(),
            Self::Elu(_) => x,
            Self::Selu if x < 0.0 => SELU_SCALE * SELU_SLOPE * x.exp_m1(),
            Self::Selu => SELU_SCALE * x,
            Self::Gelu => x * normal(x),
            Self::GeluTanh => {
                let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044_715 * x.powi(3));
                0.5 * x * (1.0 + inner.tanh())
            }
            Self::Silu => x * sigmoid(x),
            Self::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
            Self::HardSigmoid(slope, shift) => {
                (f64::from(slope) * x + f64::from(shift)).clamp(0.0, 1.0)
            }
            Self::Softplus => softplus(x),
            Self::Softsign => x / (1.0 + x.abs()),
            Self::Mish => x * softplus(x).tanh(),
            Self::Exp => x.exp(),
            Self::Abs => x.abs(),
            Self::Square => x * x,
        }
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

const SELU_SLOPE: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The normal distribution's Φ, by the integral of its density: Simpson's rule, exact to 1e-9 up to 8.
fn normal(x: f64) -> f64 {
    const PARTS: u32 = 128;
    let (end, n) = (x.abs().min(8.0), f64::from(PARTS));
    let density = |t: f64| (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let inner = (1..PARTS).map(|k| {
        let weight = if k % 2 == 1 { 4.0 } else { 2.0 };
        weight * density(end * f64::from(k) / n)
    });
    let area = end / n / 3.0 * (density(0.0) + inner.sum::<f64>() + density(end));
    0.5 + area.copysign(x)
}

#[cfg(test)]
mod functions {
    use super::*;

    /// Values at 1 and -2 from the definitions, by a calculator of 12 digits.
    #[test]
    fn functions_have_their_published_values() {
        for (function, at_one, at_minus_two) in [
            (Function::Elu(1.0), 1.0, -0.864_664_716_763),
            (Function::Selu, 1.050_700_987_355, -1.520_166_468_595),
            (Function::Gelu, 0.841_344_746_069, -0.045_500_263_896),
            (Function::GeluTanh, 0.841_191_990_608, -0.045_402_305_912),
            (Function::Silu, 0.731_058_578_630, -0.238_405_844_044),
            (Function::HardSwish, 0.666_666_666_667, -0.333_333_333_333),
            (
                Function::HardSigmoid(0.2, 0.5),
                0.700_000_002_980,
                0.099_999_994_040,
            ),
            (Function::Softplus, 1.313_261_687_518, 0.126_928_011_043),
            (Function::Softsign, 0.5, -0.666_666_666_667),
            (Function::Mish, 0.865_098_388_267, -0.252_501_483_048),
            (Function::Exp, std::f64::consts::E, 0.135_335_283_237),
            (Function::Abs, 1.0, 2.0),
            (Function::Square, 1.0, 4.0),
        ] {
            for (x, wanted) in [(1.0, at_one), (-2.0, at_minus_two)] {
                let found = function.apply(x);
                assert!(
                    (found - wanted).abs() < 1e-9,
                    "{function:?} of {x}: {found}"
                );
            }
        }
    }
}

impl FloatNet {
    /// The outputs for one vector of inputs.
    pub fn forward(&self, inputs: &[f32]) -> Vec<f32> {
        self.run_layers(inputs, |_, _| ())
    }

    /// As [`forward`](Self::forward), and shows each layer's index and outputs.
    pub fn run_layers(&self, inputs: &[f32], mut show: impl FnMut(usize, &[f32])) -> Vec<f32> {
        let mut x = inputs.to_vec();
        for (k, layer) in self.layers.iter().enumerate() {
            x = layer.forward(&x);
            show(k, &x);
        }
        x
    }
}

impl FloatLayer {
    /// The outputs for one vector of inputs.
    pub fn forward(&self, x: &[f32]) -> Vec<f32> {
        match self {
            Self::Dense(dense) => dense.forward(x),
            Self::Conv1d(conv) => conv.forward(x),
            Self::Lstm(cell) => cell.lstm(x, |_| ()),
            Self::Gru(cell) => cell.gru(x, |_| ()),
        }
    }
}

/// `W x + b`, row by row.
fn sums(weights: &[f32], biases: &[f32], x: &[f32]) -> Vec<f64> {
    let rows = weights.chunks(x.len().max(1)).zip(biases);
    rows.map(|(row, bias)| {
        let products = row
            .iter()
            .zip(x)
            .map(|(w, x)| f64::from(*w) * f64::from(*x));
        f64::from(*bias) + products.sum::<f64>()
    })
    .collect()
}

impl FloatDense {
    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let sums = sums(&self.weights, &self.biases, x);
        let value = |sum| self.function.apply(sum) as f32;
        sums.into_iter().map(value).collect()
    }
}

impl FloatConv1d {
    fn forward(&self, x: &[f32]) -> Vec<f32> {
        let mut padded = vec![0.0; self.before * self.channels];
        padded.extend_from_slice(x);
        padded.resize(padded.len() + self.after * self.channels, 0.0);
        let slices = padded
            .chunks(self.channels * self.stride.max(1))
            .enumerate();
        slices
            .take(self.frames_out())
            .flat_map(|(k, _)| {
                let start = k * self.stride * self.channels;
                let slice = &padded[start..start + self.kernel * self.channels];
                sums(&self.weights, &self.biases, slice)
            })
            .map(|sum| self.function.apply(sum) as f32)
            .collect()
    }
}

impl FloatRecurrent {
    /// Outputs; `show` receives the inputs of sigmoid and tanh, and the cell's state.
    pub(crate) fn lstm(&self, x: &[f32], mut show: impl FnMut(f64)) -> Vec<f32> {
        let units = self.units;
        let mut cell = vec![0.0_f64; units];
        self.over_frames(x, |from_x, from_h, h| {
            for k in 0..units {
                let gate = |g: usize| from_x[g * units + k] + from_h[g * units + k];
                let [i, f, g, o] = [0, 1, 2, 3].map(gate);
                let c = &mut cell[k];
                *c = sigmoid(f) * *c + sigmoid(i) * g.tanh();
                h[k] = (sigmoid(o) * c.tanh()) as f32;
                [i, f, g, o, *c].into_iter().for_each(&mut show);
            }
        })
    }

    /// Outputs; `show` receives the inputs of sigmoid and tanh.
    pub(crate) fn gru(&self, x: &[f32], mut show: impl FnMut(f64)) -> Vec<f32> {
        let units = self.units;
        self.over_frames(x, |from_x, from_h, h| {
            for k in 0..units {
                let at = |g: usize| (from_x[g * units + k], from_h[g * units + k]);
                let [(rx, rh), (zx, zh), (nx, nh)] = [0, 1, 2].map(at);
                let (r, z) = (sigmoid(rx + rh), sigmoid(zx + zh));
                let n = nx + r * nh;
                h[k] = ((1.0 - z) * n.tanh() + z * f64::from(h[k])) as f32;
                [rx + rh, zx + zh, n, nh].into_iter().for_each(&mut show);
            }
        })
    }

    fn over_frames(&self, x: &[f32], mut step: impl FnMut(&[f64], &[f64], &mut [f32])) -> Vec<f32> {
        let mut h = vec![0.0; self.units];
        let mut outputs = Vec::new();
        for frame in x.chunks(self.channels.max(1)) {
            let from_x = sums(&self.kernel, &self.biases, frame);
            let from_h = sums(&self.recurrent, &self.recurrent_biases, &h);
            step(&from_x, &from_h, &mut h);
            if self.sequence {
                outputs.extend_from_slice(&h);
            }
        }
        if self.sequence { outputs } else { h }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: two frames of one channel through one unit whose gates see only their bias.
    #[test]
    fn recurrent_cells_of_constant_gates_are_geometric_sums() {
        let big = 40.0; // sigmoid is 1, tanh is 1
        let cell = |biases: Vec<f32>, gates: usize| FloatRecurrent {
            frames: 2,
            channels: 1,
            units: 1,
            kernel: vec![0.0; gates],
            recurrent: vec![0.0; gates],
            recurrent_biases: vec![0.0; gates],
            biases,
            sequence: true,
        };
        // i 1, f 1/2, g 1, o 1: c is 1, then 1.5.
        let lstm = cell(vec![big, 0.0, big, big], 4).lstm(&[9.0, 9.0], |_| ());
        for (ours, wanted) in lstm.iter().zip([1.0_f64.tanh(), 1.5_f64.tanh()]) {
            assert!((f64::from(*ours) - wanted).abs() < 1e-7, "{ours} {wanted}");
        }
        // z 1/2, n 1: h is 1/2, then 3/4.
        assert_eq!(
            cell(vec![0.0, 0.0, big], 3).gru(&[9.0, 9.0], |_| ()),
            [0.5, 0.75]
        );
    }

    /// By hand: kernel 2, stride 2, one frame of zeros before.
    #[test]
    fn a_convolution_slides_over_frames() {
        let conv = FloatConv1d {
            frames: 3,
            channels: 1,
            filters: 1,
            kernel: 2,
            stride: 2,
            before: 1,
            after: 0,
            weights: vec![10.0, 1.0],
            biases: vec![0.5],
            function: Function::Linear,
        };
        assert_eq!(conv.frames_out(), 2);
        assert_eq!(conv.forward(&[1.0, 2.0, 3.0]), [1.5, 23.5]);
    }
}
