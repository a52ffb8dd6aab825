//! Networks for tests, and the arithmetic of a dense layer in 64 and 128 bits, straight from
//! its equation.

use bellwether::model::{
    Activation, Cell, Function, Head, Order, QuantParams, Rounding, Scale, Score, Threshold,
};
use bellwether_sim::model::{
    Blob, BlobLayer, CurveLayer, DenseLayer, GateWeights, Judging, NamedFeature, RecurrentLayer,
};

/// A dense layer with weights that count up and down; only its shape varies.
pub fn layer(inputs: usize, outputs: usize) -> DenseLayer {
    let weight = |k: usize| (k * 37 % 255) as i16 - 127;
    DenseLayer {
        inputs,
        outputs,
        weights: (0..inputs * outputs).map(|k| weight(k) as i8).collect(),
        biases: (0..outputs).map(|k| 100 - 40 * k as i32).collect(),
        multipliers: vec![(1_518_500_250, -7)],
        output: QuantParams {
            scale: 0.25,
            zero_point: 3,
            wide: false,
        },
        activation: Activation::Linear,
        low: -128,
        high: 127,
        order: Order::Rows,
        rounding: None,
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
        input: QuantParams {
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
        saturation_limit: Some(1),
        training: Some([0xab; 32]),
        judging: Judging::default(),
    }
}

/// `R(accumulator · q31 · 2^(shift - 31))` as in the conventions, in 128 bits.
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

/// The outputs of a layer, output by output, by its own rounding or else the given one.
pub fn naive(layer: &DenseLayer, rounding: Rounding, x: &[i16]) -> Vec<i16> {
    let rounding = layer.rounding.unwrap_or(rounding);
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

/// The outputs of any layer.
pub fn naive_layer(layer: &BlobLayer, rounding: Rounding, x: &[i16]) -> Vec<i16> {
    match layer {
        BlobLayer::Dense(dense) => naive(dense, rounding, x),
        BlobLayer::Lookup(lookup) => {
            let tables = lookup
                .table
                .chunks(if lookup.wide_inputs { 513 } else { 256 });
            let each = x.iter().zip(tables.cycle());
            each.map(|(x, table)| looked_up(table, *x)).collect()
        }
        BlobLayer::Conv1d(conv) => {
            let zeros = |frames| vec![conv.zero; frames * conv.channels];
            let padded = [zeros(conv.before), x.to_vec(), zeros(conv.after)].concat();
            let kernel = conv.dense.inputs / conv.channels;
            let frames = conv.before + conv.frames + conv.after;
            let starts = (0..=frames - kernel).step_by(conv.stride);
            starts
                .flat_map(|start| {
                    let under = &padded[start * conv.channels..][..conv.dense.inputs];
                    naive(&conv.dense, rounding, under)
                })
                .collect()
        }
        BlobLayer::Curve(curve) => x.iter().map(|x| naive_curve(curve, *x)).collect(),
        BlobLayer::Recurrent(cell) => naive_recurrent(cell, rounding, x),
    }
}

/// As in the document: the entry, or between two entries by the lower seven bits.
fn looked_up(table: &[i16], x: i16) -> i16 {
    if table.len() == 256 {
        return table[(i32::from(x) + 128) as usize];
    }
    let place = i32::from(x) + 32_768;
    let (index, part) = ((place / 128) as usize, i64::from(place % 128));
    let (a, b) = (i64::from(table[index]), i64::from(table[index + 1]));
    (a + half_up((b - a) * part, 7)) as i16
}

/// As in the document, in 64 bits.
fn naive_curve(curve: &CurveLayer, x: i16) -> i16 {
    let scaled = i64::from(x) * i64::from(curve.multiplier);
    let d = match curve.shift {
        0 => scaled,
        shift => half_up(scaled, shift.into()),
    };
    let tanh = curve.function == Function::Tanh;
    let step = if tanh { 256 } else { 512 };
    let (index, part) = ((d.abs() / step) as usize, d.abs() % step);
    let above = match curve.table[index.min(255)..] {
        [here, next, ..] => step * i64::from(here) + part * (i64::from(next) - i64::from(here)),
        _ if tanh => 65_535 * 256,
        _ => 32_767 * 1024,
    };
    let (half, whole) = if tanh {
        (8_388_608, 256)
    } else {
        (16_777_216, 1024)
    };
    // The sigmoid's distance from 1/2: halves go up on both sides, less the last bit below.
    let mut sum = if d < 0 {
        half - above - 1
    } else {
        above - half
    };
    if !tanh {
        sum += half;
    }
    let value = (sum + whole / 2).div_euclid(whole);
    value.clamp(-32_767, 32_767) as i16
}

/// `x / 2^shift` to the nearest integer, halves up.
fn half_up(x: i64, shift: u32) -> i64 {
    (x + (1 << (shift - 1))).div_euclid(1 << shift)
}

/// The equations of `docs/formats/model-blob.md`, unit by unit.
fn naive_recurrent(layer: &RecurrentLayer, rounding: Rounding, x: &[i16]) -> Vec<i16> {
    let sat = |x: i64| x.clamp(-32_767, 32_767);
    let (units, gates) = (layer.units, layer.cell.gates());
    let part = |weights: &GateWeights, values: &[i64], row: usize| {
        let row_weights = &weights.weights[row * values.len()..(row + 1) * values.len()];
        let products = row_weights
            .iter()
            .zip(values)
            .map(|(w, x)| i64::from(*w) * x);
        let sum = i64::from(weights.biases[row]) + products.sum::<i64>();
        rescale(sum, weights.multiplier.0, weights.multiplier.1, rounding)
    };
    let sigmoid = |x: i64| i64::from(looked_up(&layer.sigmoid, x as i16));
    let tanh = |x: i64| i64::from(looked_up(&layer.tanh, x as i16));
    let (mut h, mut c) = (vec![0_i64; units], vec![0_i64; units]);
    let mut outputs = Vec::new();
    for frame in x.chunks(layer.channels) {
        let frame: Vec<i64> = frame.iter().map(|x| i64::from(*x)).collect();
        let before = h.clone();
        for unit in 0..units {
            let both: Vec<(i64, i64)> = (0..gates)
                .map(|gate| gate * units + unit)
                .map(|row| {
                    (
                        part(&layer.input, &frame, row),
                        part(&layer.state, &before, row),
                    )
                })
                .collect();
            let sum = |gate: usize| sat(both[gate].0 + both[gate].1);
            h[unit] = match layer.cell {
                Cell::Lstm => {
                    let kept = half_up(sigmoid(sum(1)) * c[unit], 15);
                    let shift = 30 - u32::from(layer.bits);
                    let new = half_up(sigmoid(sum(0)) * tanh(sum(2)), shift);
                    c[unit] = sat(kept + new);
                    sat(half_up(sigmoid(sum(3)) * tanh(c[unit]), 15))
                }
                Cell::Gru => {
                    let (r, z) = (sigmoid(sum(0)), sigmoid(sum(1)));
                    let (nx, nh) = both[2];
                    let n = tanh(sat(nx + half_up(r * sat(nh), 15)));
                    sat(n + half_up(z * (before[unit] - n), 15))
                }
            };
        }
        if layer.sequence {
            outputs.extend(h.iter().map(|h| *h as i16));
        }
    }
    if !layer.sequence {
        outputs.extend(h.iter().map(|h| *h as i16));
    }
    outputs
}
