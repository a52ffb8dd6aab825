//! A trained network in f32, between an importer or the trainer and the quantiser.
//!
//! Values of several frames lie frame by frame, oldest first, as they enter the network.

mod check;
mod forward;

pub use check::{NetError, NetFault};

/// A network: layers from the inputs to the outputs.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatNet {
    /// Values that enter: variables times frames.
    pub inputs: usize,
    /// The layers; each takes the output of the previous one.
    pub layers: Vec<FloatLayer>,
}

/// One layer. Batch normalisation has no layer of its own: importers fold it into a neighbour.
#[derive(Clone, Debug, PartialEq)]
pub enum FloatLayer {
    /// Every output from every input: `f(W x + b)`.
    Dense(FloatDense),
    /// The same weights along the frames.
    Conv1d(FloatConv1d),
    /// A long short-term memory over the frames.
    Lstm(FloatRecurrent),
    /// A gated recurrent unit over the frames.
    Gru(FloatRecurrent),
}

/// A dense layer.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatDense {
    /// Values it takes.
    pub inputs: usize,
    /// Values it gives.
    pub outputs: usize,
    /// `outputs` rows of `inputs` weights.
    pub weights: Vec<f32>,
    /// One per output.
    pub biases: Vec<f32>,
    /// The function of the sums.
    pub function: Function,
}

/// A convolution along the frames. With kernel 1 and stride 1: a dense layer applied to each
/// frame by itself.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatConv1d {
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame it takes.
    pub channels: usize,
    /// Values of a frame it gives.
    pub filters: usize,
    /// Frames one output sees.
    pub kernel: usize,
    /// Frames from one output to the next.
    pub stride: usize,
    /// Frames of zeros put before the first.
    pub before: usize,
    /// Frames of zeros put behind the last.
    pub after: usize,
    /// `filters` rows of `kernel` times `channels` weights, oldest frame first.
    pub weights: Vec<f32>,
    /// One per filter.
    pub biases: Vec<f32>,
    /// The function of the sums.
    pub function: Function,
}

impl FloatConv1d {
    /// Frames it gives: `(frames + before + after - kernel) / stride + 1`, rounded down.
    pub const fn frames_out(&self) -> usize {
        let padded = self.frames + self.before + self.after;
        match padded.checked_sub(self.kernel) {
            Some(room) if self.stride > 0 => room / self.stride + 1,
            _ => 0,
        }
    }
}

/// A recurrent layer, state zero before the first frame.
///
/// LSTM, gates i, f, g, o: `c' = σ(f)·c + σ(i)·tanh(g)`, `h' = σ(o)·tanh(c')`.
/// GRU, gates r, z, n: `n = tanh(W_n x + b_n + r·(U_n h + d_n))`, `h' = (1 - z)·n + z·h`.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatRecurrent {
    /// Frames it takes.
    pub frames: usize,
    /// Values of a frame.
    pub channels: usize,
    /// Values of its state.
    pub units: usize,
    /// Gates times `units` rows of `channels` weights W.
    pub kernel: Vec<f32>,
    /// Gates times `units` rows of `units` weights U.
    pub recurrent: Vec<f32>,
    /// Gates times `units` biases b, beside W.
    pub biases: Vec<f32>,
    /// Gates times `units` biases d, beside U.
    pub recurrent_biases: Vec<f32>,
    /// Whether it gives the state after every frame, or after the last only.
    pub sequence: bool,
}

/// The function of a layer's sums. In JSON: `"relu"`, `{"leaky-relu": 0.1}`, `{"clamp": [0, 6]}`.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Function {
    /// Nothing.
    Linear,
    /// `max(0, x)`.
    Relu,
    /// `x` where above 0, else this number times `x`.
    LeakyRelu(f32),
    /// Between two numbers, as ReLU6 is.
    Clamp(f32, f32),
    /// `tanh x`.
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// `x` above 0, else this number times `exp(x) - 1`.
    Elu(f32),
    /// `s·x` above 0, else `s·a·(exp(x) - 1)`, with `a` and `s` of Klambauer et al., 2017.
    Selu,
    /// `x·Φ(x)` with the normal distribution's Φ.
    Gelu,
    /// The same with Φ by tanh.
    GeluTanh,
    /// `x·sigmoid(x)`, also called swish.
    Silu,
    /// `x·clamp(x/6 + 1/2, 0, 1)`.
    HardSwish,
    /// `clamp(a·x + b, 0, 1)`.
    HardSigmoid(f32, f32),
    /// `ln(1 + exp(x))`.
    Softplus,
    /// `x / (1 + |x|)`.
    Softsign,
    /// `x·tanh(softplus(x))`.
    Mish,
    /// `exp(x)`.
    Exp,
    /// `|x|`.
    Abs,
    /// `x²`.
    Square,
}

impl Function {
    /// Whether it is a clamp, which integers do as they are; others take a table.
    pub const fn is_clamp(self) -> bool {
        matches!(self, Self::Linear | Self::Relu | Self::Clamp(..))
    }
}

impl FloatLayer {
    /// Values it takes.
    pub const fn inputs(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.inputs,
            Self::Conv1d(conv) => conv.frames * conv.channels,
            Self::Lstm(cell) | Self::Gru(cell) => cell.frames * cell.channels,
        }
    }

    /// Values it gives.
    pub const fn outputs(&self) -> usize {
        match self {
            Self::Dense(dense) => dense.outputs,
            Self::Conv1d(conv) => conv.frames_out() * conv.filters,
            Self::Lstm(cell) | Self::Gru(cell) if cell.sequence => cell.frames * cell.units,
            Self::Lstm(cell) | Self::Gru(cell) => cell.units,
        }
    }
}

impl FloatNet {
    /// Values that leave it.
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(self.inputs, FloatLayer::outputs)
    }
}
