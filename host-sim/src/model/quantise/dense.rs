//! Dense layers.

use super::lookup::behind;
use super::range::{LayerRange, grid};
use super::rounding::{Inputs, MOST, nearest};
use super::{Made, Target};
use crate::model::dense::{Fused, Quantised};
use crate::model::float::{FloatDense, Function};
use crate::model::{BlobLayer, DenseLayer};
use bellwether::model::QuantParams;

/// Range of values of 16 bits, as a multiple of the observed one.
const HEADROOM: f32 = 8.0;
/// Largest bias in steps; the products need the remaining range.
const BIAS_STEPS: f32 = (1 << 30) as f32;
/// A channel's scale is at least the tensor's over this, so that its factor is not too small.
const SPREAD: f32 = 65_536.0;

/// Turns sums of `layer` into a dense layer, wrapped by `wrap`; a function that is no clamp follows
/// as a table over all `values` outputs.
pub(super) fn quantise(
    (layer, sums): (&FloatDense, Sums),
    input: &QuantParams,
    target: &Target,
    range: LayerRange,
    values: usize,
    wrap: impl FnOnce(DenseLayer) -> BlobLayer,
) -> anyhow::Result<Made> {
    let least = f64::from(input.scale) * f64::from(sums.coarsest());
    // Integers apply a factor below 1: onto a grid that is finer than the sums, a table leads.
    let coarse = |grid: QuantParams| f64::from(grid.scale) <= least * 1.0001;
    let is_clamp = layer.function.is_clamp() && !target.forced.is_some_and(coarse);
    // The input of a table takes 16 bits: it is finer, and costs no memory.
    let wide = target.wide || !is_clamp;
    let forced = target.forced.filter(|_| is_clamp);
    // A table is the finer the narrower its range is. Sums of 16 bits have range to spare for
    // values beyond those of healthy rows.
    let headroom = if wide && is_clamp { HEADROOM } else { 1.0 };
    let output = forced.unwrap_or_else(|| grid(range.sums.times(headroom), wide, least));
    let dense = Quantised {
        input: *input,
        output,
        weight_scales: sums.scales,
        weights: sums.weights,
        biases: sums.biases,
        fused: fused(layer.function, &output),
        rounding: None,
        coarse: false,
    };
    let made = Made {
        layers: vec![wrap(dense.convert()?)],
        output,
    };
    if is_clamp {
        Ok(made)
    } else {
        Ok(behind(layer.function, made, target, range, values))
    }
}

/// The fused activation, with a clamp in quantised units.
pub(super) fn fused(function: Function, output: &QuantParams) -> Fused {
    match function {
        Function::Relu => Fused::Relu,
        Function::Clamp(low, high) => Fused::clamp(low, high, output),
        _ => Fused::Linear,
    }
}

/// Weights and biases as integers.
pub(super) struct Sums {
    pub(super) weights: Vec<i8>,
    pub(super) scales: Vec<f32>,
    pub(super) biases: Vec<i32>,
}

impl Sums {
    /// With the inputs that were seen, weights make good each other's losses; else each is the
    /// nearest. `rounded_one` is called after the weights of each output.
    pub(super) fn new(
        layer: &FloatDense,
        input: &QuantParams,
        per_channel: bool,
        seen: Option<&Inputs>,
        mut rounded_one: impl FnMut(),
    ) -> Self {
        let rows: Vec<(&[f32], f32)> = layer
            .weights
            .chunks(layer.inputs.max(1))
            .zip(layer.biases.iter().copied())
            .collect();
        let needed = |(row, bias): &(&[f32], f32)| {
            let most = row.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
            let for_bias = bias.abs() / (input.scale * BIAS_STEPS);
            (most / MOST).max(for_bias)
        };
        let each: Vec<f32> = rows.iter().map(needed).collect();
        let tensor = each.iter().fold(f32::MIN_POSITIVE, |most, s| most.max(*s));
        let scale_of = |k: usize| {
            if per_channel {
                each[k].max(tensor / SPREAD)
            } else {
                tensor
            }
        };
        let (mut weights, mut biases) = (Vec::new(), Vec::new());
        for (k, (row, bias)) in rows.iter().enumerate() {
            let scale = scale_of(k);
            let plain = || row.iter().map(|w| nearest(*w, scale)).collect();
            let (rounded, bias) = seen.map_or_else(
                || (plain(), f64::from(*bias)),
                |seen| seen.round(row, *bias, scale),
            );
            weights.extend(rounded);
            let step = f64::from(input.scale) * f64::from(scale);
            biases.push((bias / step).round() as i32);
            rounded_one();
        }
        let scales = if per_channel {
            (0..rows.len()).map(scale_of).collect()
        } else {
            vec![tensor]
        };
        Self {
            weights,
            scales,
            biases,
        }
    }

    /// The largest scale of the weights.
    pub(super) fn coarsest(&self) -> f32 {
        self.scales.iter().fold(0.0, |most, s| most.max(*s))
    }
}
