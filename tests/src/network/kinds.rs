//! Networks of the kinds of layers beside dense ones, of extreme weights, jagged tables, and
//! shapes that fill no group of four.

use crate::numbers::Numbers;
use bellwether::model::{Activation, Cell, Function, Grid, Head, Order, Rounding};
use bellwether_sim::model::factor::multiplier;
use bellwether_sim::model::float::Function as Curve;
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::quantise::table;
use bellwether_sim::model::{
    Blob, BlobLayer, Conv1dLayer, DenseLayer, GateWeights, Judging, LookupLayer, RecurrentLayer,
};

/// Values of 8 bits, zero off the middle.
const NARROW: Grid = Grid {
    scale: 0.5,
    zero_point: 17,
    wide: false,
};
/// Values of 16 bits.
const WIDE: Grid = Grid {
    scale: 0.25,
    zero_point: 0,
    wide: true,
};
/// Root mean squares of weights, and of values of 8 and 16 bits, near enough to spread the sums.
const WEIGHT: f64 = 90.0;
const OF_NARROW: f64 = 70.0;
const OF_WIDE: f64 = 14_000.0;

/// Frames, values of a frame, values of a frame of the result.
type Ends = (usize, usize, usize);
/// Kernel, stride, frames of padding before and after.
type Slide = (usize, usize, usize, usize);

/// Layers one after another; each builder takes the grid that the one before gives.
struct Builder {
    numbers: Numbers,
    layers: Vec<BlobLayer>,
    input: Grid,
}

impl Builder {
    fn new() -> Self {
        Self {
            numbers: Numbers(140),
            layers: Vec::new(),
            input: NARROW,
        }
    }

    /// What the next layer takes.
    fn arriving(&self) -> Grid {
        self.layers.last().map_or(self.input, BlobLayer::output)
    }

    fn weights(&mut self, count: usize) -> Vec<i8> {
        (0..count).map(|_| self.numbers.int8().max(-127)).collect()
    }

    /// Small ones, the zero point of what arrives folded in.
    fn biases(&mut self, weights: &[i8], inputs: usize, zero: i16) -> Vec<i32> {
        let rows = weights.chunks(inputs);
        let sums = rows.map(|row| row.iter().map(|w| i32::from(*w)).sum::<i32>());
        sums.map(|sum| (self.numbers.next() % 4001) as i32 - 2000 - i32::from(zero) * sum)
            .collect()
    }

    /// What brings sums over values of `input` to a spread of `spread`, times 0.5 to 1.5.
    fn multiplier(&mut self, inputs: usize, input: Grid, spread: f64) -> (i32, i32) {
        let value = if input.wide { OF_WIDE } else { OF_NARROW };
        let usual = spread / (f64::sqrt(inputs as f64) * WEIGHT * value);
        let varied = usual * (0.5 + f64::from(self.numbers.next() % 1000) / 1000.0);
        multiplier(varied).expect("below 1")
    }

    fn sums(&mut self, inputs: usize, outputs: usize, output: Grid, many: bool) -> DenseLayer {
        let input = self.arriving();
        let weights = self.weights(inputs * outputs);
        let biases = self.biases(&weights, inputs, input.zero_point);
        let spread = if output.wide { OF_WIDE } else { OF_NARROW };
        let count = if many { outputs } else { 1 };
        let multipliers = (0..count).map(|_| self.multiplier(inputs, input, spread));
        DenseLayer {
            inputs,
            outputs,
            weights,
            biases,
            multipliers: multipliers.collect(),
            output,
            activation: Activation::Linear,
            low: output.low(),
            high: output.high(),
            order: Order::Rows,
            wide_inputs: input.wide,
        }
    }

    fn dense(mut self, inputs: usize, outputs: usize, output: Grid) -> Self {
        let dense = self.sums(inputs, outputs, output, false);
        self.layers.push(dense.into());
        self
    }

    /// A convolution with a multiplier per filter.
    fn conv(mut self, (frames, channels, filters): Ends, slide: Slide, output: Grid) -> Self {
        let (kernel, stride, before, after) = slide;
        let conv = Conv1dLayer {
            dense: self.sums(kernel * channels, filters, output, true),
            frames,
            channels,
            stride,
            before,
            after,
            zero: self.arriving().zero_point,
        };
        self.layers.push(BlobLayer::Conv1d(conv));
        self
    }

    /// A table without any order: neighbours are as far apart as they can be.
    fn lookup(mut self, values: usize, output: Grid) -> Self {
        let input = self.arriving();
        let (count, scale) = (if input.wide { 513 } else { 256 }, output.high() / 127);
        let (low, high) = (output.low(), output.high());
        let entry = |numbers: &mut Numbers| {
            (i16::from(numbers.int8()).saturating_mul(scale)).clamp(low, high)
        };
        let lookup = LookupLayer {
            values,
            wide_inputs: input.wide,
            output,
            function: Function::Other,
            table: (0..count).map(|_| entry(&mut self.numbers)).collect(),
        };
        self.layers.push(lookup.into());
        self
    }

    fn cell(mut self, cell: Cell, shape: Ends, sequence: bool, bits: u8) -> Self {
        let (frames, channels, units) = shape;
        let input = self.arriving();
        let rows = cell.gates() * units;
        let mut part = |inputs: usize, from: Grid| {
            let weights = self.weights(rows * inputs);
            GateWeights {
                biases: self.biases(&weights, inputs, from.zero_point),
                multiplier: self.multiplier(inputs, from, f64::from(1_u32 << bits)),
                weights,
            }
        };
        let state = RecurrentLayer::OUTPUT;
        let (input_part, state_part) = (part(channels, input), part(units, state));
        let gates = Grid {
            scale: 0.5_f32.powi(bits.into()),
            ..state
        };
        let of = |curve| table(curve, 1, &gates, state).table;
        self.layers.push(BlobLayer::Recurrent(RecurrentLayer {
            cell,
            frames,
            channels,
            units,
            sequence,
            wide_inputs: input.wide,
            bits,
            input: input_part,
            state: state_part,
            sigmoid: of(Curve::Sigmoid),
            tanh: of(Curve::Tanh),
        }));
        self
    }

    fn finish(self, window: usize, rounding: Rounding, order: Order) -> Blob {
        let inputs = self.layers.first().map_or(0, BlobLayer::inputs);
        let stored = |layer: BlobLayer| match order {
            Order::Tiles => layer.in_tiles(),
            _ => layer,
        };
        Blob {
            rounding,
            head: Head::Outputs,
            features: Variables::numbered(inputs / window).features,
            scales: Vec::new(),
            window,
            input: self.input,
            layers: self.layers.into_iter().map(stored).collect(),
            thresholds: Vec::new(),
            outside_limit: None,
            training: None,
            judging: Judging::default(),
        }
    }
}

/// A network with every kind: convolutions with padding, strides and kernel 1, tables of both
/// sizes, cells that give every state and the last only, of 0 to 12 bits behind the point.
pub fn every_kind(rounding: Rounding, order: Order) -> Blob {
    Builder::new()
        .conv((9, 5, 6), (3, 2, 2, 1), NARROW)
        .lookup(5 * 6, WIDE)
        .lookup(5 * 6, WIDE)
        .conv((5, 6, 7), (1, 1, 0, 0), WIDE)
        .cell(Cell::Lstm, (5, 7, 5), true, 12)
        .cell(Cell::Gru, (5, 5, 6), true, 10)
        .cell(Cell::Gru, (5, 6, 9), false, 12)
        .dense(9, 21, NARROW)
        .cell(Cell::Lstm, (7, 3, 10), false, 9)
        .conv((2, 5, 13), (2, 3, 1, 1), NARROW)
        .lookup(13, NARROW)
        .dense(13, 11, WIDE)
        .finish(9, rounding, order)
}

/// A small network for each kind, with nothing else in it, by the kind's name; both sizes of
/// tables.
pub fn each_kind() -> Vec<(&'static str, Blob)> {
    let alone = |builder: Builder, window| builder.finish(window, Rounding::Single, Order::Rows);
    vec![
        ("narrow lookup", alone(Builder::new().lookup(3, NARROW), 1)),
        (
            "wide lookup",
            alone(
                Builder {
                    input: WIDE,
                    ..Builder::new()
                }
                .lookup(2, WIDE),
                1,
            ),
        ),
        (
            "conv1d",
            alone(Builder::new().conv((4, 2, 5), (3, 2, 1, 2), NARROW), 4),
        ),
        (
            "lstm",
            alone(Builder::new().cell(Cell::Lstm, (2, 3, 2), true, 11), 2),
        ),
        (
            "gru",
            alone(Builder::new().cell(Cell::Gru, (2, 3, 2), false, 11), 2),
        ),
    ]
}

/// A recurrent autoencoder of the size of RUAD's: 10 frames of 84 variables through LSTMs of 16
/// and 8 units and dense layers of 16 and 84; 73,152 multiply-and-add steps.
pub fn recurrent_autoencoder() -> Blob {
    let mut builder = Builder::new()
        .cell(Cell::Lstm, (10, 84, 16), true, 11)
        .cell(Cell::Lstm, (10, 16, 8), false, 11)
        .dense(8, 16, NARROW);
    if let Some(BlobLayer::Dense(dense)) = builder.layers.last_mut() {
        (dense.activation, dense.low) = (Activation::Relu, NARROW.zero_point);
    }
    builder
        .dense(16, 84, NARROW)
        .finish(10, Rounding::Single, Order::Tiles)
}
