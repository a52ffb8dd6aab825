//! LSTM and GRU.

use super::Made;
use super::lookup::table;
use super::range::LayerRange;
use crate::model::factor::multiplier;
use crate::model::float::{FloatRecurrent, Function};
use crate::model::{BlobLayer, GateWeights, RecurrentLayer};
use anyhow::{Context, ensure};
use bellwether::model::{Cell, QuantParams};

/// Sigmoid and tanh take numbers up to this times the largest that was seen.
const MARGIN: f32 = 1.25;
const MOST_BITS: i32 = 12;
const MOST: f32 = 127.0;

pub(super) fn quantise(
    layer: &FloatRecurrent,
    cell: Cell,
    input: &QuantParams,
    range: LayerRange,
) -> anyhow::Result<Made> {
    let state = RecurrentLayer::OUTPUT;
    let rows = cell.gates() * layer.units;
    let shapes = [
        (layer.kernel.len(), rows * layer.channels),
        (layer.recurrent.len(), rows * layer.units),
        (layer.biases.len(), rows),
        (layer.recurrent_biases.len(), rows),
    ];
    for (found, expected) in shapes {
        ensure!(
            found == expected,
            "{found} weights or biases, {expected} expected"
        );
    }
    let scales = [&layer.kernel, &layer.recurrent].map(|weights| {
        let most = weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
        (most / MOST).max(1e-6)
    });
    let steps = [
        f64::from(input.scale) * f64::from(scales[0]),
        f64::from(state.scale) * f64::from(scales[1]),
    ];
    // Fractional bits: the integer part covers the observed range, the rest the sums' resolution.
    let wanted = (32_767.0 / (range.sums.peak() * MARGIN).max(1.0)).log2();
    let most = steps.map(|step| (1.0 / (step * 1.0001)).log2().floor());
    let bits = (wanted.floor() as i32)
        .min(most[0] as i32)
        .min(most[1] as i32)
        .clamp(0, MOST_BITS);
    let scale = 0.5_f64.powi(bits);
    let factor = |step: f64| {
        let found = step / scale;
        multiplier(found).with_context(|| {
            format!("input scale x weight scale x 2^{bits} is {found}, must be below 1")
        })
    };
    // Both biases of a gate enter with the frame, but for the GRU's new state, whose second
    // bias is multiplied by the gate r.
    let apart = |row: usize| cell == Cell::Gru && row >= 2 * layer.units;
    let bias = |row: usize| {
        let more = if apart(row) {
            0.0
        } else {
            layer.recurrent_biases[row]
        };
        f64::from(layer.biases[row]) + f64::from(more)
    };
    let later = |row: usize| {
        let own = if apart(row) {
            layer.recurrent_biases[row]
        } else {
            0.0
        };
        f64::from(own)
    };
    let part =
        |k: usize, weights: &[f32], inputs: usize, zero: i16, bias: &dyn Fn(usize) -> f64| {
            let nearest = |w: &f32| (w / scales[k]).round().clamp(-MOST, MOST) as i8;
            let weights: Vec<i8> = weights.iter().map(nearest).collect();
            let biases = weights.chunks(inputs).enumerate().map(|(row, weights)| {
                let sum: i64 = weights.iter().copied().map(i64::from).sum();
                let folded = (bias(row) / steps[k]).round() - (i64::from(zero) * sum) as f64;
                folded as i32
            });
            Ok(GateWeights {
                biases: biases.collect(),
                multiplier: factor(steps[k])?,
                weights,
            })
        };
    let from: anyhow::Result<_> = part(0, &layer.kernel, layer.channels, input.zero_point, &bias);
    let back: anyhow::Result<_> = part(1, &layer.recurrent, layer.units, 0, &later);
    let gates = QuantParams {
        scale: scale as f32,
        zero_point: 0,
        wide: true,
    };
    let of = |function| table(function, 1, &gates, state).table;
    let layer = RecurrentLayer {
        cell,
        frames: layer.frames,
        channels: layer.channels,
        units: layer.units,
        sequence: layer.sequence,
        wide_inputs: input.wide,
        bits: bits as u8,
        input: from?,
        state: back?,
        sigmoid: of(Function::Sigmoid),
        tanh: of(Function::Tanh),
    };
    Ok(Made {
        layers: vec![BlobLayer::Recurrent(layer)],
        output: state,
    })
}
