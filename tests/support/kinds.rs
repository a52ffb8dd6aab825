//! Random networks in f32, of every kind of layer.

use crate::numbers::Numbers;
use bellwether_sim::model::float::{
    FloatConv1d, FloatDense, FloatLayer, FloatNet, FloatRecurrent, Function,
};
use bellwether_sim::model::quantise::{Quantised, Ranges, Settings, quantise};

/// A dense layer with random weights.
pub fn dense(
    numbers: &mut Numbers,
    inputs: usize,
    outputs: usize,
    function: Function,
) -> FloatLayer {
    FloatLayer::Dense(FloatDense {
        inputs,
        outputs,
        weights: numbers.many(inputs * outputs, 1.7 / (inputs as f32).sqrt()),
        biases: numbers.many(outputs, 0.2),
        function,
    })
}

/// Frames, values of a frame, values of the result.
pub type Ends = (usize, usize, usize);

/// A convolution with random weights: kernel, stride, frames before and after.
pub fn conv(
    numbers: &mut Numbers,
    (frames, channels, filters): Ends,
    (kernel, stride, before, after): (usize, usize, usize, usize),
    function: Function,
) -> FloatLayer {
    let inputs = kernel * channels;
    FloatLayer::Conv1d(FloatConv1d {
        frames,
        channels,
        filters,
        kernel,
        stride,
        before,
        after,
        weights: numbers.many(inputs * filters, 1.7 / (inputs as f32).sqrt()),
        biases: numbers.many(filters, 0.2),
        function,
    })
}

/// An LSTM or a GRU with random weights.
pub fn cell(
    numbers: &mut Numbers,
    (frames, channels, units): Ends,
    sequence: bool,
    gru: bool,
) -> FloatLayer {
    let rows = units * if gru { 3 } else { 4 };
    let cell = FloatRecurrent {
        frames,
        channels,
        units,
        kernel: numbers.many(rows * channels, 1.7 / (channels as f32).sqrt()),
        recurrent: numbers.many(rows * units, 1.7 / (units as f32).sqrt()),
        biases: numbers.many(rows, 0.5),
        recurrent_biases: numbers.many(rows, 0.5),
        sequence,
    };
    if gru {
        FloatLayer::Gru(cell)
    } else {
        FloatLayer::Lstm(cell)
    }
}

/// A network of layers.
pub fn net(layers: Vec<FloatLayer>) -> FloatNet {
    FloatNet {
        inputs: layers[0].inputs(),
        layers,
    }
}

/// Rows of inputs from 0 to 1.
pub fn rows(numbers: &mut Numbers, inputs: usize, count: usize) -> Vec<Vec<f32>> {
    let row = |_| numbers.many(inputs, 0.5).iter().map(|x| x + 0.5).collect();
    (0..count).map(row).collect()
}

/// The quantised network, with the ranges observed over the rows.
pub fn quantised(net: &FloatNet, rows: &[Vec<f32>], settings: &Settings) -> Quantised {
    let ranges = Ranges::observe(net, rows.iter().map(Vec::as_slice));
    quantise(net, &ranges, settings).expect("fits")
}
