//! A dense layer in a model.

use super::{bits, put};
use bellwether::model::layer::LAYER_BYTES;
use bellwether::model::{Activation, Grid};

/// A dense layer, quantised; the input's zero point is folded into the biases.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseLayer {
    /// Values it takes.
    pub inputs: usize,
    /// Values it gives.
    pub outputs: usize,
    /// Weights, output by output.
    pub weights: Vec<i8>,
    /// One bias per output.
    pub biases: Vec<i32>,
    /// (31-bit multiplier, shift): one, or one per output.
    pub multipliers: Vec<(i32, i32)>,
    /// What its outputs mean.
    pub output: Grid,
    /// What follows the sums.
    pub activation: Activation,
    /// Smallest output.
    pub low: i16,
    /// Largest output.
    pub high: i16,
}

impl DenseLayer {
    pub(super) fn block(&self, out: &mut Vec<u8>) {
        for bias in &self.biases {
            put(out, bias.to_le_bytes());
        }
        for (q31, shift) in &self.multipliers {
            put(out, q31.to_le_bytes());
            put(out, shift.to_le_bytes());
        }
        out.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
    }

    pub(super) fn record(&self, offset: usize, length: usize) -> Vec<u8> {
        let activation = match self.activation {
            Activation::Linear => 0,
            Activation::Relu => 1,
            _ => 2,
        };
        let per_output = u8::from(self.multipliers.len() > 1);
        let mut out = vec![1, activation, per_output, 0];
        put(&mut out, (self.inputs as u16).to_le_bytes());
        put(&mut out, (self.outputs as u16).to_le_bytes());
        put(&mut out, self.output.zero_point.to_le_bytes());
        put(&mut out, self.low.to_le_bytes());
        put(&mut out, self.high.to_le_bytes());
        put(&mut out, [bits(&self.output), 0]);
        put(&mut out, self.output.scale.to_le_bytes());
        put(&mut out, (offset as u32).to_le_bytes());
        put(&mut out, (length as u32).to_le_bytes());
        out.resize(LAYER_BYTES, 0);
        out
    }
}
