//! Networks for tests, and the arithmetic of a dense layer in 64 and 128 bits, straight from
//! its equation.

use bellwether::model::{Activation, Grid, Head, Order, Rounding, Scale, Score, Threshold};
use bellwether_sim::model::{Blob, DenseLayer, NamedFeature};

/// A dense layer with everything the same but for its shape: weights count up and down.
pub fn layer(inputs: usize, outputs: usize) -> DenseLayer {
    let weight = |k: usize| (k * 37 % 255) as i16 - 127;
    DenseLayer {
        inputs,
        outputs,
        weights: (0..inputs * outputs).map(|k| weight(k) as i8).collect(),
        biases: (0..outputs).map(|k| 100 - 40 * k as i32).collect(),
        multipliers: vec![(1_518_500_250, -7)],
        output: Grid {
            scale: 0.25,
            zero_point: 3,
            wide: false,
        },
        activation: Activation::Linear,
        low: -128,
        high: 127,
        order: Order::Rows,
        wide_inputs: false,
    }
}

/// Two variables through one hidden value: a model with one of everything.
pub fn blob() -> Blob {
    let feature = |name: &str, unit: &str| NamedFeature {
        name: name.to_owned(),
        unit: unit.to_owned(),
    };
    let mut hidden = layer(2, 1);
    (hidden.activation, hidden.low) = (Activation::Relu, 3);
    Blob {
        rounding: Rounding::Single,
        head: Head::Reconstruction,
        features: vec![feature("temperature", "°C"), feature("fan", "rpm")],
        scales: vec![
            Scale {
                offset: 20.0,
                divisor: 40.0,
                mean: 45.0,
            },
            Scale {
                offset: 1000.0,
                divisor: 4000.0,
                mean: 2200.0,
            },
        ],
        window: 1,
        input: Grid {
            scale: 0.25,
            zero_point: 3,
            wide: false,
        },
        layers: vec![hidden.into(), layer(1, 2).into()],
        thresholds: vec![Threshold {
            score: Score::MaxAbsolute,
            value: 1.5,
            quantile: 0.99,
            rows: 400,
        }],
        outside_limit: Some(1),
        training: Some([0xab; 32]),
    }
}

/// `R(accumulator · q31 · 2^(shift - 31))` as the conventions are written, in 128 bits.
pub fn rescale(accumulator: i64, q31: i32, shift: i32, rounding: Rounding) -> i64 {
    let right = shift.unsigned_abs();
    let product = i128::from(accumulator) * i128::from(q31);
    let high = (product + (1 << 30)) >> 31;
    let rescaled = match rounding {
        Rounding::Single => (product + (1 << (30 + right))) >> (31 + right),
        Rounding::DoubleHalfUp => (high + ((1 << right) >> 1)) >> right,
        Rounding::DoubleTiesAway => {
            let (one, half) = (1_i128 << right, (1_i128 << right) >> 1);
            let nearest = (high.abs() + half) / one;
            nearest * high.signum()
        }
    };
    rescaled as i64
}

/// The outputs of a layer, output by output.
pub fn naive(layer: &DenseLayer, rounding: Rounding, x: &[i16]) -> Vec<i16> {
    let rows = layer.weights.chunks(layer.inputs);
    let outputs = rows.zip(&layer.biases).enumerate().map(|(k, (row, bias))| {
        let dot: i64 = row
            .iter()
            .zip(x)
            .map(|(w, x)| i64::from(*w) * i64::from(*x))
            .sum();
        let own = k.min(layer.multipliers.len() - 1);
        let (q31, shift) = layer.multipliers[own];
        let rescaled = rescale(dot + i64::from(*bias), q31, shift, rounding);
        let q = rescaled + i64::from(layer.output.zero_point);
        q.clamp(layer.low.into(), layer.high.into()) as i16
    });
    outputs.collect()
}
