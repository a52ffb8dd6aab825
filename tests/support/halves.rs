//! Models small enough to compute by hand: one dense layer whose weights are halves.

use bellwether::model::{Activation, Head, Order, QuantParams, Rounding, Score, Threshold};
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::{Blob, DenseLayer, Judging};

/// One step is 1/4.
pub const GRID: QuantParams = QuantParams {
    scale: 0.25,
    zero_point: 0,
    wide: false,
};

/// Weights in halves: output by output, bias in quarters of an eighth.
pub fn halves(inputs: usize, weights: &[i8], biases: &[i32]) -> DenseLayer {
    DenseLayer {
        inputs,
        outputs: biases.len(),
        weights: weights.to_vec(),
        biases: biases.to_vec(),
        multipliers: vec![(1 << 30, 0)],
        output: GRID,
        activation: Activation::Linear,
        low: -128,
        high: 127,
        order: Order::Rows,
        rounding: None,
        wide_inputs: false,
    }
}

/// A model of one layer, by its head.
pub fn model(head: Head, layer: DenseLayer, window: usize, thresholds: &[(Score, f32)]) -> Blob {
    let features = layer.inputs / window;
    let by_hand = |(score, value): &(Score, f32)| Threshold::by_hand(*score, *value);
    Blob {
        rounding: Rounding::Single,
        head,
        features: Variables::numbered(features).features,
        scales: Vec::new(),
        window,
        input: GRID,
        layers: vec![layer.into()],
        thresholds: thresholds.iter().map(by_hand).collect(),
        saturation_limit: None,
        training: None,
        judging: Judging::default(),
    }
}
