//! Networks of extreme weights, zero points at the ends, jagged tables, and shapes that are no
//! multiple of four: dense ones, and of every kind of layer.

use crate::numbers::Numbers;
use bellwether::model::{Activation, Cell, Function, Head, Order, QuantParams, Rounding, Scale};
use bellwether_sim::model::factor::multiplier;
use bellwether_sim::model::float::Function as Curve;
use bellwether_sim::model::names::Variables;
use bellwether_sim::model::quantise::table;
use bellwether_sim::model::{
    Blob, BlobLayer, Conv1dLayer, CurveLayer, DenseLayer, GateWeights, Judging, LookupLayer,
    RecurrentLayer,
};

/// Values of 8 bits, zero off the middle.
const NARROW: QuantParams = QuantParams {
    scale: 0.5,
    zero_point: 17,
    wide: false,
};
/// Values of 16 bits.
const WIDE: QuantParams = QuantParams {
    scale: 0.25,
    zero_point: 0,
    wide: true,
};
/// Spread of results as a multiple of that of values, so that some reach the ends.
const BEYOND: f64 = 1.7;
/// Root mean squares of weights, and of values of 8 and 16 bits, near enough to spread the sums.
const WEIGHT: f64 = 90.0;
const OF_NARROW: f64 = 70.0;
const OF_WIDE: f64 = 14_000.0;

/// Frames, values of a frame, values of a frame of the result.
type Ends = (usize, usize, usize);
/// Kernel, stride, frames of padding before and after.
type Slide = (usize, usize, usize, usize);

/// Layers one after another; each builder takes the quantisation of the previous output.
struct Builder {
    numbers: Numbers,
    order: Order,
    layers: Vec<BlobLayer>,
    input: QuantParams,
}

impl Builder {
    fn new(order: Order, input: QuantParams) -> Self {
        Self {
            numbers: Numbers(7),
            order,
            layers: Vec::new(),
            input,
        }
    }

    /// The input of the next layer.
    fn arriving(&self) -> QuantParams {
        self.layers.last().map_or(self.input, BlobLayer::output)
    }

    fn weights(&mut self, count: usize, least: i8) -> Vec<i8> {
        (0..count).map(|_| self.numbers.int8().max(least)).collect()
    }

    /// Small biases, with the input's zero point folded in.
    fn biases(&mut self, weights: &[i8], inputs: usize, zero: i16) -> Vec<i32> {
        let rows = weights.chunks(inputs);
        let sums = rows.map(|row| row.iter().map(|w| i32::from(*w)).sum::<i32>());
        sums.map(|sum| (self.numbers.bits() % 4001) as i32 - 2000 - i32::from(zero) * sum)
            .collect()
    }

    /// A multiplier that brings sums over values of `input` to a spread of `spread`, times 0.5 to
    /// 1.5; at most nearly 1.
    fn multiplier(&mut self, inputs: usize, input: QuantParams, spread: f64) -> (i32, i32) {
        let value = if input.wide { OF_WIDE } else { OF_NARROW };
        let usual = BEYOND * spread / (f64::sqrt(inputs as f64) * WEIGHT * value);
        let varied = usual * (0.5 + f64::from(self.numbers.bits() % 1000) / 1000.0);
        multiplier(varied.min(0.99)).expect("below 1")
    }

    fn sums(
        &mut self,
        inputs: usize,
        outputs: usize,
        output: QuantParams,
        many: bool,
    ) -> DenseLayer {
        let input = self.arriving();
        let least = match self.order {
            Order::Tiles => -127,
            _ => -128,
        };
        let weights = self.weights(inputs * outputs, least);
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
            rounding: None,
            wide_inputs: input.wide,
        }
    }

    fn dense(mut self, inputs: usize, outputs: usize, output: QuantParams) -> Self {
        let dense = self.sums(inputs, outputs, output, false);
        self.layers.push(dense.into());
        self
    }

    /// A convolution with a multiplier per filter.
    fn conv(
        mut self,
        (frames, channels, filters): Ends,
        slide: Slide,
        output: QuantParams,
    ) -> Self {
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
    fn lookup(mut self, values: usize, output: QuantParams) -> Self {
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
            // One table, or with an even number of values one for either of two channels.
            table: (0..count * (2 - values % 2))
                .map(|_| entry(&mut self.numbers))
                .collect(),
        };
        self.layers.push(lookup.into());
        self
    }

    /// Sigmoid or tanh, by a table without order.
    fn curve(mut self, values: usize, function: Function) -> Self {
        let entry = |numbers: &mut Numbers| numbers.int8().cast_unsigned();
        let table = (0..256).map(|_| {
            let bytes = [entry(&mut self.numbers), entry(&mut self.numbers)];
            u16::from_le_bytes(bytes)
        });
        let curve = CurveLayer {
            values,
            function,
            multiplier: 29_000,
            shift: 13,
            table: table.collect(),
        };
        self.layers.push(curve.into());
        self
    }

    fn cell(mut self, cell: Cell, shape: Ends, sequence: bool, bits: u8) -> Self {
        let (frames, channels, units) = shape;
        let input = self.arriving();
        let rows = cell.gates() * units;
        let mut part = |inputs: usize, from: QuantParams| {
            let weights = self.weights(rows * inputs, -127);
            GateWeights {
                biases: self.biases(&weights, inputs, from.zero_point),
                multiplier: self.multiplier(inputs, from, f64::from(1_u32 << bits)),
                weights,
            }
        };
        let state = RecurrentLayer::OUTPUT;
        let (input_part, state_part) = (part(channels, input), part(units, state));
        let gates = QuantParams {
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

    fn finish(mut self, window: usize, rounding: Rounding, head: Head) -> Blob {
        let inputs = self.layers.first().map_or(0, BlobLayer::inputs);
        let outputs = self.layers.last().map_or(0, BlobLayer::outputs);
        let judging = Judging {
            variances: (head == Head::Likelihood).then_some((0.01, 0.3)),
            centre: match head {
                Head::Distance => self.numbers.many(outputs, 1.0),
                _ => Vec::new(),
            },
            ..Judging::default()
        };
        let stored = |layer: BlobLayer| match self.order {
            Order::Tiles => layer.in_tiles(),
            _ => layer,
        };
        // Every fifth layer rounds by the next rule.
        let next = Rounding::ALL[(usize::from(rounding.code()) + 1) % 3];
        let layers = self.layers.into_iter().enumerate().map(|(k, mut layer)| {
            if k % 5 == 4
                && let Some(own) = layer.rounding()
            {
                *own = Some(next);
            }
            layer
        });
        let scale = |k: usize| Scale {
            offset: 20.0 + k as f32,
            divisor: 0.1 + k as f32,
            mean: 21.0,
        };
        Blob {
            rounding,
            head,
            features: Variables::numbered(inputs / window).features,
            // With one rounding variables have units, with the others none.
            scales: match rounding {
                Rounding::DoubleHalfUp => (0..inputs / window).map(scale).collect(),
                _ => Vec::new(),
            },
            window,
            input: self.input,
            layers: layers.map(stored).collect(),
            thresholds: Vec::new(),
            saturation_limit: None,
            training: None,
            judging,
        }
    }
}

/// A network with every kind of layer: convolutions with padding, strides and kernel 1, tables of
/// both sizes, cells with every state and with the last only, of 9 to 12 fractional bits. The
/// number of outputs fits the head; a reconstruction has the quantisation of the inputs.
pub fn every_kind(rounding: Rounding, order: Order, head: Head) -> Blob {
    let (frames, variables) = (9, 5);
    let (outputs, grid) = match head {
        Head::Reconstruction => (frames * variables, NARROW),
        Head::Likelihood => (2 * frames * variables, WIDE),
        Head::Distance => (6, WIDE),
        Head::Logit => (1, WIDE),
        _ => (11, WIDE),
    };
    Builder::new(order, NARROW)
        .conv((frames, variables, 6), (3, 2, 2, 1), NARROW)
        .lookup(5 * 6, WIDE)
        .lookup(5 * 6, WIDE)
        .curve(5 * 6, Function::Tanh)
        .conv((5, 6, 7), (1, 1, 0, 0), WIDE)
        .cell(Cell::Lstm, (5, 7, 5), true, 12)
        .cell(Cell::Gru, (5, 5, 6), true, 10)
        .cell(Cell::Gru, (5, 6, 9), false, 12)
        .curve(9, Function::Sigmoid)
        .dense(9, 21, NARROW)
        .cell(Cell::Lstm, (7, 3, 10), false, 9)
        .conv((2, 5, 13), (2, 3, 1, 1), NARROW)
        .lookup(13, NARROW)
        .dense(13, outputs, grid)
        .finish(frames, rounding, head)
}

/// A small network for each kind, with nothing else in it, by the kind's name; both sizes of
/// tables.
pub fn each_kind() -> Vec<(&'static str, Blob)> {
    let of = |grid| Builder::new(Order::Rows, grid);
    let kinds = [
        ("narrow lookup", of(NARROW).lookup(3, NARROW), 1),
        ("wide lookup", of(WIDE).lookup(2, WIDE), 1),
        (
            "conv1d",
            of(NARROW).conv((4, 2, 5), (3, 2, 1, 2), NARROW),
            4,
        ),
        ("lstm", of(NARROW).cell(Cell::Lstm, (2, 3, 2), true, 11), 2),
        ("gru", of(NARROW).cell(Cell::Gru, (2, 3, 2), false, 11), 2),
        ("curve", of(WIDE).curve(3, Function::Tanh), 1),
    ];
    kinds
        .map(|(name, builder, window)| {
            (
                name,
                builder.finish(window, Rounding::Single, Head::Outputs),
            )
        })
        .into()
}

/// Values between the layers: every remainder by 4 and by 16 on either side, including rows shorter
/// than a word, and more tiles than a kernel adds in one round.
const SHAPES: [usize; 32] = [
    37, 13, 4, 5, 64, 8, 18, 16, 9, 130, 33, 10, 31, 20, 7, 12, 6, 47, 24, 11, 3, 90, 2, 30, 1, 14,
    22, 9, 76, 15, 260, 7,
];

/// Dense layers of odd shapes, every activation, and every second layer with a multiplier per
/// output.
pub fn dense_shapes(rounding: Rounding, order: Order) -> Blob {
    let first = QuantParams {
        zero_point: -128,
        ..NARROW
    };
    let mut builder = Builder::new(order, first);
    for (k, shape) in SHAPES.windows(2).enumerate() {
        let wide = k % 3 == 1;
        let zero_point = match k % 4 {
            _ if wide => 0,
            1 => 127,
            3 => -128,
            _ => i16::from(builder.numbers.bits() as i8) / 4,
        };
        let grid = QuantParams {
            scale: 0.5,
            zero_point,
            wide,
        };
        let dense = builder.sums(shape[0], shape[1], grid, k % 2 == 1);
        let (activation, low, high) = match k % 5 {
            3 if zero_point < 100 => (Activation::Relu, zero_point, grid.high()),
            4 => (Activation::Clamp, grid.low() / 5 * 4, grid.high() / 5 * 4),
            _ => (Activation::Linear, grid.low(), grid.high()),
        };
        builder.layers.push(BlobLayer::from(DenseLayer {
            activation,
            low,
            high,
            ..dense
        }));
    }
    builder.finish(1, rounding, Head::Outputs)
}
