//! The network that is fitted, as tensors.

use crate::model::float::{FloatDense, FloatLayer, FloatNet, Function};
use crate::random::Random;
use candle_core::{DType, Device, Tensor, Var};

/// A network of dense layers: ReLU between them, linear at the end and, where asked for, at its narrowest.
pub(super) struct Network {
    /// Weights and biases, layer by layer.
    pub(super) parameters: Vec<Var>,
    /// The hidden layer without ReLU.
    linear: Option<usize>,
}

impl Network {
    /// Weights uniform within Glorot's bound, biases 0. With `linear` the narrowest hidden layer has no ReLU,
    /// whose few values might all die.
    pub(super) fn new(
        inputs: usize,
        hidden: &[usize],
        linear: bool,
        random: &mut Random,
    ) -> candle_core::Result<Self> {
        let sizes = [&[inputs], hidden, &[inputs]].concat();
        let mut parameters = Vec::new();
        for pair in sizes.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let bound = (6.0 / (from + to) as f64).sqrt();
            let weights = random.within(bound, from * to);
            let weights = Tensor::from_vec(weights, (from, to), &Device::Cpu)?;
            parameters.push(Var::from_tensor(&weights)?);
            let biases = Tensor::zeros(to, DType::F32, &Device::Cpu)?;
            parameters.push(Var::from_tensor(&biases)?);
        }
        let narrowest = (0..hidden.len()).min_by_key(|k| hidden[*k]);
        Ok(Self {
            parameters,
            linear: narrowest.filter(|_| linear),
        })
    }

    /// Outputs, and the values of the hidden layers.
    pub(super) fn forward(&self, x: &Tensor) -> candle_core::Result<(Tensor, Vec<Tensor>)> {
        let (mut x, mut hidden) = (x.clone(), Vec::new());
        let layers = self.parameters.chunks(2);
        let last = layers.len();
        for (k, layer) in layers.enumerate() {
            x = x.matmul(&layer[0])?.broadcast_add(&layer[1])?;
            if k + 1 < last {
                if self.linear != Some(k) {
                    x = x.relu()?;
                }
                hidden.push(x.clone());
            }
        }
        Ok((x, hidden))
    }

    /// The same as numbers.
    pub(super) fn to_float(&self, inputs: usize) -> candle_core::Result<FloatNet> {
        let layers = self.parameters.chunks(2);
        let last = layers.len();
        let layers = layers.enumerate().map(|(k, layer)| {
            let (from, to) = layer[0].dims2()?;
            Ok(FloatLayer::Dense(FloatDense {
                inputs: from,
                outputs: to,
                weights: layer[0].t()?.contiguous()?.flatten_all()?.to_vec1()?,
                biases: layer[1].to_vec1()?,
                function: if k + 1 < last && self.linear != Some(k) {
                    Function::Relu
                } else {
                    Function::Linear
                },
            }))
        });
        let layers = layers.collect::<candle_core::Result<_>>()?;
        Ok(FloatNet { inputs, layers })
    }
}
