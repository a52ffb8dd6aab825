//! A dense layer in a model.

use super::record::Record;
use super::{put, tiles};
use bellwether::model::{Activation, Order, QuantParams, Rounding};

/// A dense layer, quantised; the input's zero point is folded into the biases.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseLayer {
    /// Values it takes.
    pub inputs: usize,
    /// Values it gives.
    pub outputs: usize,
    /// Weights, output by output, independent of their stored order.
    pub weights: Vec<i8>,
    /// One bias per output, without the offsets added by tiles.
    pub biases: Vec<i32>,
    /// (31-bit multiplier, shift): one, or one per output.
    pub multipliers: Vec<(i32, i32)>,
    /// The quantisation of its outputs.
    pub output: QuantParams,
    /// The function of the sums.
    pub activation: Activation,
    /// Smallest output.
    pub low: i16,
    /// Largest output.
    pub high: i16,
    /// In which order weights are stored; tiles only where no weight is -128.
    pub order: Order,
    /// Its own rounding; none: the model's.
    pub rounding: Option<Rounding>,
    /// Whether its inputs take 16 bits.
    pub wide_inputs: bool,
}

impl DenseLayer {
    /// Stores the weights in tiles, where tiles can hold them: every target gains, and none pays.
    #[must_use]
    pub fn in_tiles(mut self) -> Self {
        if tiles::can_hold(&self) {
            self.order = Order::Tiles;
        }
        self
    }

    pub(super) fn block(&self, out: &mut Vec<u8>) {
        let stored = match self.order {
            Order::Tiles => tiles::store(self),
            _ => tiles::Stored {
                biases: self.biases.clone(),
                weights: self.weights.iter().map(|w| w.cast_unsigned()).collect(),
            },
        };
        for bias in &stored.biases {
            put(out, bias.to_le_bytes());
        }
        for (q31, shift) in &self.multipliers {
            put(out, q31.to_le_bytes());
            put(out, shift.to_le_bytes());
        }
        out.extend(stored.weights);
    }

    pub(super) fn record(&self) -> Record {
        Record {
            own: vec![Record::bits(self.wide_inputs)],
            ..self.sums(1, self.inputs, self.outputs)
        }
    }

    /// The record of a layer of a kind that ends in these sums.
    pub(super) fn sums(&self, kind: u8, inputs: usize, outputs: usize) -> Record {
        Record {
            kind,
            activation: match self.activation {
                Activation::Linear => 0,
                Activation::Relu => 1,
                _ => 2,
            },
            multipliers: u8::from(self.multipliers.len() > 1),
            order: u8::from(self.order == Order::Tiles),
            inputs,
            outputs,
            output: self.output,
            range: (self.low, self.high),
            rounding: self.rounding,
            own: Vec::new(),
        }
    }
}
