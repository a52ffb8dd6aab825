//! Small models for tests of commands.

use bellwether::model::{Activation, Head, Order, QuantParams, Rounding, Scale, Score, Threshold};
use bellwether_sim::model::{Blob, BlobLayer, DenseLayer, Judging, NamedFeature};

/// Every value is halved, each by itself, 127 steps of `step` to either side: the error of a
/// value is half of it. 127 · (2^30 / 2^31) / 127.
pub fn halving(names: &[&str], window: usize, step: f32) -> Blob {
    let grid = QuantParams {
        scale: step,
        zero_point: 0,
        wide: false,
    };
    let inputs = names.len() * window;
    let weight = |k: usize| i8::from(k % inputs == k / inputs);
    let feature = |name: &&str| NamedFeature {
        name: (*name).to_owned(),
        unit: "K".to_owned(),
    };
    Blob {
        rounding: Rounding::Single,
        head: Head::Reconstruction,
        features: names.iter().map(feature).collect(),
        scales: vec![Scale::IDENTITY; names.len()],
        window,
        input: grid,
        layers: vec![BlobLayer::from(DenseLayer {
            inputs,
            outputs: inputs,
            weights: (0..inputs * inputs).map(weight).collect(),
            biases: vec![0; inputs],
            multipliers: vec![(1 << 30, 0)],
            output: grid,
            activation: Activation::Linear,
            low: -128,
            high: 127,
            order: Order::Rows,
            rounding: None,
            wide_inputs: false,
        })],
        thresholds: vec![Threshold {
            score: Score::MaxAbsolute,
            value: 3.0,
            quantile: 0.99,
            rows: 400,
        }],
        saturation_limit: Some(0),
        training: Some([0xab; 32]),
        judging: Judging::default(),
    }
}
