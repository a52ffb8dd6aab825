//! The autoencoders whose cost is kept: shapes of the literature, weights that look random. What an
//! inference takes depends on the shape and hardly on the weights.

mod section;

pub use section::section;

use super::network_probe::{self, NetworkProbe};
use super::{Code, Figures};
use crate::board::Board;
use crate::model::float::{
    FloatConv1d, FloatDense, FloatLayer, FloatNet, FloatRecurrent, Function,
};
use crate::model::names::Variables;
use crate::model::quantise::{Ranges, Settings, quantise};
use crate::model::{Blob, BlobLayer, Judging, Stored};
use crate::random::Random;
use anyhow::Context;
use bellwether::Model;
use bellwether::model::{Head, Order, Rounding};

/// A network in both orders of weights, and vectors for it.
pub struct Shape {
    /// The name of its figures.
    pub name: &'static str,
    models: [(Order, Vec<u8>); 2],
    vectors: Vec<i8>,
}

/// Prefix of the figures of networks, after the board.
pub const FIGURES: &str = "fast.network";

/// The networks.
///
/// # Errors
/// Never, unless a network does not fit the byte format.
pub fn all() -> anyhow::Result<Vec<Shape>> {
    let dense = |name, widths: &[usize]| {
        let mut numbers = Random::new(140);
        let pairs = widths.windows(2).enumerate();
        let layers = pairs.map(|(k, pair)| {
            let last = k + 2 == widths.len();
            let function = if last {
                Function::Linear
            } else {
                Function::Relu
            };
            dense_layer(&mut numbers, pair[0], pair[1], function)
        });
        let layers = layers.collect();
        (name, 1, layers, Settings::default())
    };
    let (name, _, layers, settings) = dense(
        "ad01",
        &[640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640],
    );
    let ad01 = Settings {
        wide_up_to: 0,
        ..settings
    };
    [
        (name, 5, layers, ad01),
        dense("166-1660-166", &[166, 1660, 166]),
        dense("84-840-84", &[84, 840, 84]),
        dense("84-32-8-32-84", &[84, 32, 8, 32, 84]),
        (
            "lstm-84",
            10,
            recurrent(FloatLayer::Lstm, 4),
            Settings::default(),
        ),
        (
            "gru-84",
            10,
            recurrent(FloatLayer::Gru, 3),
            Settings::default(),
        ),
        ("conv-84", 10, convolutional(), Settings::default()),
    ]
    .into_iter()
    .map(|(name, window, layers, settings)| Shape::new(name, window, layers, &settings))
    .collect()
}

fn dense_layer(
    numbers: &mut Random,
    inputs: usize,
    outputs: usize,
    function: Function,
) -> FloatLayer {
    let bound = (6.0 / (inputs + outputs) as f64).sqrt();
    FloatLayer::Dense(FloatDense {
        inputs,
        outputs,
        weights: numbers.within(bound, inputs * outputs),
        biases: numbers.within(0.1, outputs),
        function,
    })
}

/// Frames of a window, and variables, where they are not one vector.
const FRAMES: usize = 10;
const VARIABLES: usize = 84;

/// 16 and 8 recurrent units over the frames, then dense layers of 16 and one frame: RUAD's, where
/// the units are LSTMs.
fn recurrent(kind: fn(FloatRecurrent) -> FloatLayer, gates: usize) -> Vec<FloatLayer> {
    let numbers = &mut Random::new(140);
    let mut cell = |channels: usize, units: usize, sequence| {
        let bound = (1.0 / units as f64).sqrt();
        kind(FloatRecurrent {
            frames: FRAMES,
            channels,
            units,
            kernel: numbers.within(bound, gates * units * channels),
            recurrent: numbers.within(bound, gates * units * units),
            biases: numbers.within(0.1, gates * units),
            recurrent_biases: numbers.within(0.1, gates * units),
            sequence,
        })
    };
    let (first, second) = (cell(VARIABLES, 16, true), cell(16, 8, false));
    vec![
        first,
        second,
        dense_layer(numbers, 8, 16, Function::Relu),
        dense_layer(numbers, 16, VARIABLES, Function::Linear),
    ]
}

/// Two convolutions along the frames, the first followed by tanh, and a dense layer.
fn convolutional() -> Vec<FloatLayer> {
    let numbers = &mut Random::new(140);
    let mut conv = |frames, channels, filters, (kernel, stride, padding), function| {
        let bound = (6.0 / (kernel * channels + filters) as f64).sqrt();
        FloatLayer::Conv1d(FloatConv1d {
            frames,
            channels,
            filters,
            kernel,
            stride,
            before: padding,
            after: padding,
            weights: numbers.within(bound, kernel * channels * filters),
            biases: numbers.within(0.1, filters),
            function,
        })
    };
    let first = conv(FRAMES, VARIABLES, 16, (3, 1, 1), Function::Tanh);
    let second = conv(FRAMES, 16, 8, (2, 2, 0), Function::Relu);
    let last = dense_layer(numbers, FRAMES / 2 * 8, VARIABLES, Function::Linear);
    vec![first, second, last]
}

impl Shape {
    fn new(
        name: &'static str,
        window: usize,
        layers: Vec<FloatLayer>,
        settings: &Settings,
    ) -> anyhow::Result<Self> {
        let inputs = layers.first().context("layers")?.inputs();
        let net = FloatNet { inputs, layers };
        let mut numbers = Random::new(7);
        let rows: Vec<Vec<f32>> = (0..20)
            .map(|_| (0..inputs).map(|_| numbers.unit() as f32).collect())
            .collect();
        let ranges = Ranges::observe(&net, rows.iter().map(Vec::as_slice));
        let quantised = quantise(&net, &ranges, settings)?;
        let model = |order: Order| {
            let layers = quantised.layers.clone().into_iter();
            let blob = Blob {
                rounding: Rounding::Single,
                head: Head::Reconstruction,
                features: Variables::numbered(inputs / window).features,
                scales: Vec::new(),
                window,
                input: quantised.input,
                layers: match order {
                    Order::Tiles => layers.map(BlobLayer::in_tiles).collect(),
                    _ => layers.collect(),
                },
                thresholds: Vec::new(),
                saturation_limit: None,
                training: None,
                judging: Judging::default(),
            };
            anyhow::Ok((order, blob.to_bytes().context(name)?))
        };
        let point = |x: &f32| bellwether::network::quantise(&quantised.input, *x).0 as i8;
        Ok(Self {
            name,
            models: [model(Order::Rows)?, model(Order::Tiles)?],
            vectors: rows.iter().take(2).flatten().map(point).collect(),
        })
    }

    /// Its bytes, by order.
    pub const fn models(&self) -> &[(Order, Vec<u8>); 2] {
        &self.models
    }

    /// Instructions of an inference by themselves, in both orders, by the name of the processor.
    ///
    /// # Errors
    /// As [`Self::measure`].
    pub fn count(
        &self,
        probe: &NetworkProbe,
        board: &Board,
        out: &mut Figures,
    ) -> anyhow::Result<()> {
        let mut figures = Figures::default();
        self.measure(probe, board, &mut figures)?;
        for (order, _) in &self.models {
            let name = format!("{}.{}", self.name, order.name());
            let counted = figures.get(&format!("{}.{FIGURES}.{name}.inference", board.name));
            let processor = board.processor.to_lowercase();
            out.note(format!("{processor}.{name}.inference"), counted);
        }
        Ok(())
    }

    /// Runs both orders as code for a board's processor, and compares with the host.
    ///
    /// # Errors
    /// It cannot be built or run, or its outputs are others.
    pub fn measure(
        &self,
        probe: &NetworkProbe,
        board: &Board,
        figures: &mut Figures,
    ) -> anyhow::Result<()> {
        for (order, model) in &self.models {
            let name = format!("{}.{FIGURES}.{}.{}", board.name, self.name, order.name());
            let program = probe.program(board, model, &self.vectors)?;
            let lines = probe.execute(board, &program)?;
            network_probe::compare(&lines, model, &self.vectors).with_context(|| name.clone())?;
            network_probe::note(figures, &name, &lines);
            let stored = Stored::new(model);
            let parsed = Model::parse(stored.bytes())?;
            figures.note(format!("{name}.macs"), parsed.macs());
            figures.note(format!("{name}.model"), model.len() as u64);
            let code = Code::of(&program)?;
            for (what, bytes) in code.named() {
                figures.note(format!("{}.fast.code.{what}", board.name), bytes);
            }
        }
        Ok(())
    }
}
