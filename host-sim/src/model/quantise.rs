//! Post-training quantisation: a network in f32 becomes integer layers, with the ranges observed
//! over the calibration rows.
//!
//! Weights are symmetric, from -127 to 127, per tensor or per channel. Those of dense layers are
//! rounded so that their errors compensate each other over the rows. Hidden values of 16 bits get
//! units in which they lose least. Biases take 32 bits; activations take 8 bits, or 16 if a layer
//! has few outputs. Inputs, and the outputs of a reconstruction, have one range, wider than the
//! training data, because clipped values cannot be told apart.

mod balance;
mod conv1d;
mod dense;
pub mod grid;
mod lookup;
mod range;
mod recurrent;
mod rounding;

pub use lookup::table;
pub use range::Ranges;

use super::blob::BlobLayer;
use super::float::{FloatLayer, FloatNet};
use anyhow::Context;
use bellwether::model::{Cell, QuantParams};
use dense::Sums;
use rounding::Inputs;

/// Settings of the quantisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Smallest and largest input, in scaled units. -2 to 4 where training data lies from 0 to 1
    /// keeps anomalies that a grid from 0 to 1 would clip.
    pub inputs: (f32, f32),
    /// Whether inputs, and the outputs on their grid, take 16 bits.
    pub wide_inputs: bool,
    /// Whether each output has a weight scale of its own.
    pub per_channel: bool,
    /// Layers with at most this many outputs give 16 bits; not those that end on a given grid.
    pub wide_up_to: usize,
    /// Whether the outputs lie on the grid of the inputs, as a reconstruction's should.
    pub one_grid: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            inputs: (-2.0, 4.0),
            wide_inputs: false,
            per_channel: false,
            wide_up_to: 32,
            one_grid: true,
        }
    }
}

impl Settings {
    /// Values of 16 bits in all layers, on a grid from -16 to 16, and a weight scale per output:
    /// for readings far outside the training data, or small errors.
    pub fn wide() -> Self {
        Self {
            inputs: (-16.0, 16.0),
            wide_inputs: true,
            per_channel: true,
            wide_up_to: usize::MAX,
            one_grid: true,
        }
    }
}

/// Integer layers, and the grid they expect inputs on.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantised {
    /// QuantParams of the inputs.
    pub input: QuantParams,
    /// The layers.
    pub layers: Vec<BlobLayer>,
}

/// Quantises a network with the ranges its layers reached.
///
/// # Errors
/// A number does not fit the integers; the layer is named.
pub fn quantise(net: &FloatNet, ranges: &Ranges, settings: &Settings) -> anyhow::Result<Quantised> {
    quantise_watched(net, ranges, settings, &mut || ())
}

/// As [`quantise`]; `rounded_one` is called after the weights of each output of a dense layer.
///
/// # Errors
/// As [`quantise`].
pub fn quantise_watched(
    net: &FloatNet,
    ranges: &Ranges,
    settings: &Settings,
    rounded_one: &mut dyn FnMut(),
) -> anyhow::Result<Quantised> {
    let (low, high) = settings.inputs;
    let input = if settings.wide_inputs {
        range::grid16(high.max(-low))
    } else {
        range::grid8(low, high)
    };
    let (mut net, mut ranges) = (net.clone(), ranges.clone());
    if settings.per_channel {
        balance::balance(&mut net, &mut ranges, settings.wide_up_to);
    }
    let mut layers = Vec::new();
    let mut arriving = input;
    let seen = ranges.inputs(&net);
    for (k, layer) in net.layers.iter().enumerate() {
        let last = k + 1 == net.layers.len();
        let target = Target {
            forced: (last && settings.one_grid).then_some(input),
            wide: layer.outputs() <= settings.wide_up_to,
            per_channel: settings.per_channel,
        };
        let name = || format!("layer {k}");
        let range = ranges.of(k);
        let made = match layer {
            FloatLayer::Dense(dense) => {
                let seen = Inputs::of(&seen[k]);
                let per_channel = settings.per_channel;
                let sums = Sums::new(
                    dense,
                    &arriving,
                    per_channel,
                    seen.as_ref(),
                    &mut *rounded_one,
                );
                dense::quantise(
                    (dense, sums),
                    &arriving,
                    &target,
                    range,
                    dense.outputs,
                    Into::into,
                )
            }
            FloatLayer::Conv1d(conv) => conv1d::quantise(conv, &arriving, &target, range),
            FloatLayer::Lstm(cell) => recurrent::quantise(cell, Cell::Lstm, &arriving, range),
            FloatLayer::Gru(cell) => recurrent::quantise(cell, Cell::Gru, &arriving, range),
        };
        let made = made.with_context(name)?;
        arriving = made.output;
        layers.extend(made.layers);
    }
    Ok(Quantised { input, layers })
}

/// Where a layer's outputs should lie.
struct Target {
    /// On this grid.
    forced: Option<QuantParams>,
    /// On one of 16 bits.
    wide: bool,
    /// Whether each output has a weight scale of its own.
    per_channel: bool,
}

/// A layer as integers: one, or two where a table follows the sums.
struct Made {
    layers: Vec<BlobLayer>,
    output: QuantParams,
}
