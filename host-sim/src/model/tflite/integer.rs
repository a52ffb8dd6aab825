//! Networks of int8, layer by layer: bit-equal to LiteRT's reference kernels, which round sums of CONV_2D
//! twice and those of FULLY_CONNECTED once. A network of both takes one rule, and may be a step off.
//!
//! A chain of dense layers, convolutions along one axis, functions of single values and reshapes,
//! with or without float ends (`QUANTIZE` first, `DEQUANTIZE` last). Activations of uint8 are those
//! of int8 with their points 128 lower.

use super::table::{self, leaky, logistic, requantised, tanh};
use super::{
    Along, CONV_2D, DEQUANTIZE, EXPAND_DIMS, FLOAT32, FULLY_CONNECTED, Graph, INT8, INT32,
    LEAKY_RELU, LOGISTIC, QUANTIZE, RELU, RELU_N1_TO_1, RELU6, RESHAPE, SQUEEZE, TANH, TO_INT8,
    Tensor, fused_code, graph, only, place,
};
use crate::model::WIDEST;
use crate::model::blob::{BlobLayer, Conv1dLayer, LookupLayer};
use crate::model::dense::{Fused, Quantised};
use crate::model::flatbuffer::Table;
use crate::model::import::kernel::Padding;
use anyhow::{Context, Result, bail, ensure};
use bellwether::model::{Function, QuantParams, Rounding};

/// A network of integers.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerNetwork {
    /// The grid of the inputs.
    pub input: QuantParams,
    /// Number of inputs.
    pub inputs: usize,
    /// Frames that enter together, if the first layer takes frames.
    pub window: Option<usize>,
    /// Inputs of a batch that the file fixes, if it is not 1; one of them is read.
    pub batch: Option<usize>,
    /// Rounding of the reference kernels: CONV_2D rounds twice, FULLY_CONNECTED once.
    pub rounding: Rounding,
    /// Whether there are layers of both roundings: outputs may then be a step off.
    pub mixed: bool,
    /// The layers.
    pub layers: Vec<BlobLayer>,
}

const READ: &str = "read in int8 are FULLY_CONNECTED, CONV_2D (one axis), LOGISTIC, TANH, LEAKY_RELU, \
                    RELU, RELU6, RELU_N1_TO_1, QUANTIZE, RESHAPE, SQUEEZE and EXPAND_DIMS";

/// Reads a network. Total for any bytes, and bounded by their number.
///
/// # Errors
/// A damaged or unsupported part, with its operator.
pub fn read(bytes: &[u8]) -> Result<IntegerNetwork> {
    read_as(bytes, None)
}

/// The same; an input of two axes is a window if its first has that many frames.
///
/// # Errors
/// As [`read`].
pub fn read_as(bytes: &[u8], window: Option<usize>) -> Result<IntegerNetwork> {
    let graph = graph(bytes)?.batched(window)?;
    let start = only("inputs", &graph.graph.ints(1, "inputs")?)?;
    let end = only("outputs", &graph.graph.ints(2, "outputs")?)?;
    let mut walk = Walk {
        graph,
        at: start,
        input: None,
        inputs: graph.tensor(start)?.values()?,
        window: None,
        layers: Vec::new(),
        dense: false,
        convolution: false,
    };
    let operators = graph.graph.count(3, "operators")?;
    for operator in 0..operators {
        let table = graph.graph.nth(3, operator, "an operator")?;
        let code = graph.code(&table)?;
        let last = operator + 1 == operators;
        let step = walk.step(code, &table, last);
        step.with_context(|| place(operator, code))?;
    }
    ensure!(
        walk.at == end,
        "the output is not what the last operator gives"
    );
    ensure!(!walk.layers.is_empty(), "no layers");
    for (k, pair) in walk.layers.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        ensure!(
            before.outputs() == after.inputs(),
            "layer {} takes {} values, {} arrive",
            k + 1,
            after.inputs(),
            before.outputs()
        );
    }
    Ok(IntegerNetwork {
        input: walk.input.context("no layers")?,
        inputs: walk.inputs,
        window: walk.window,
        batch: graph.batch,
        rounding: if walk.convolution {
            Rounding::DoubleTiesAway
        } else {
            Rounding::Single
        },
        mixed: walk.convolution && walk.dense,
        layers: walk.layers,
    })
}

struct Walk<'a> {
    graph: Graph<'a>,
    /// The tensor that the chain gives.
    at: i32,
    input: Option<QuantParams>,
    inputs: usize,
    window: Option<usize>,
    layers: Vec<BlobLayer>,
    /// Whether there was a dense layer.
    dense: bool,
    /// Whether there was a convolution.
    convolution: bool,
}

impl<'a> Walk<'a> {
    fn step(&mut self, code: i32, table: &Table<'a>, last: bool) -> Result<()> {
        let from = table.ints(1, "an operator's inputs")?;
        let next = only("outputs", &table.ints(2, "an operator's outputs")?)?;
        if self.graph.is_shape(next)? {
            return Ok(());
        }
        ensure!(
            from.first() == Some(&self.at),
            "it does not take what the one before gives: only chains are read"
        );
        let (arriving, output) = (self.graph.tensor(self.at)?, self.graph.tensor(next)?);
        let options = table.table(4, "an operator's options")?;
        match code {
            QUANTIZE if arriving.is(FLOAT32)? && self.layers.is_empty() => {}
            DEQUANTIZE if last => {}
            _ => self.compute(code, (&arriving, &output), &from, options)?,
        }
        self.at = next;
        Ok(())
    }

    fn compute(
        &mut self,
        code: i32,
        (from, to): (&Tensor<'a>, &Tensor<'a>),
        inputs: &[i32],
        options: Option<Table<'a>>,
    ) -> Result<()> {
        let (input, output) = (from.grid()?, to.grid()?);
        self.input = self.input.or(Some(input));
        let (function, table) = match code {
            RESHAPE | SQUEEZE | EXPAND_DIMS => {
                ensure!(
                    from.values()? == to.values()?,
                    "it changes the number of values"
                );
                ensure!(input.same(&output), "it changes the scale");
                return Ok(());
            }
            QUANTIZE if input.same(&output) => return Ok(()),
            FULLY_CONNECTED => return self.dense((from, to), inputs, options),
            CONV_2D => return self.conv((from, to), inputs, options),
            QUANTIZE => (Function::Other, requantised(&input, &output)?),
            RELU => (
                Function::Other,
                table::clamped(&input, &output, Fused::Relu)?,
            ),
            RELU6 => {
                let fused = Fused::clamp(0.0, 6.0, &output);
                (Function::Other, table::clamped(&input, &output, fused)?)
            }
            RELU_N1_TO_1 => {
                let fused = Fused::clamp(-1.0, 1.0, &output);
                (Function::Other, table::clamped(&input, &output, fused)?)
            }
            LOGISTIC => (Function::Sigmoid, logistic(&input, &output)?),
            TANH => (Function::Tanh, tanh(&input, &output)?),
            LEAKY_RELU => {
                let bits = options.context("no options")?.int(0, 0, "a slope")?;
                let slope = f32::from_bits(bits.cast_unsigned());
                (Function::LeakyRelu, leaky(slope, &input, &output)?)
            }
            _ => bail!("it is not read in int8; {READ}. {FLOAT_TWIN}"),
        };
        self.layers.push(BlobLayer::Lookup(LookupLayer {
            values: room(from.values()?)?,
            wide_inputs: false,
            output,
            function,
            table,
        }));
        Ok(())
    }

    fn dense(
        &mut self,
        (from, to): (&Tensor<'a>, &Tensor<'a>),
        inputs: &[i32],
        options: Option<Table<'a>>,
    ) -> Result<()> {
        let quantised = self.sums((from, to), inputs, fused_code(options, 0)?)?;
        self.dense = true;
        let outputs = quantised.biases.len().max(1);
        let each = quantised.weights.len() / outputs;
        let rows = from.values()?.checked_div(each).unwrap_or(0);
        let all = quantised.converted()?;
        if rows == 1 {
            self.layers.extend(all.into_iter().map(BlobLayer::Dense));
            return Ok(());
        }
        ensure!(
            rows > 0 && rows * each == from.values()?,
            "weights for {each} inputs, but {} values come from before",
            from.values()?
        );
        // The same layer for each of several rows.
        self.frames(rows);
        let mut zero = from.grid()?.zero_point;
        for dense in all {
            let channels = dense.inputs;
            self.layers
                .push(slid(dense, (rows, channels), 1, Padding::NONE, zero));
            zero = 0;
        }
        Ok(())
    }

    fn conv(
        &mut self,
        (from, to): (&Tensor<'a>, &Tensor<'a>),
        inputs: &[i32],
        options: Option<Table<'a>>,
    ) -> Result<()> {
        let weights = self.graph.tensor(*inputs.get(1).context("no weights")?)?;
        let along = Along::of(&from.one_of_batch()?, &weights.shape()?, options)?;
        let mut quantised = self.sums((from, to), inputs, fused_code(options, 3)?)?;
        let Along {
            frames,
            channels,
            filters,
            kernel,
            stride,
            dilation,
            ..
        } = along;
        ensure!(
            [frames, channels, filters, kernel, stride, dilation]
                .iter()
                .all(|n| (1..=WIDEST).contains(n)),
            "{frames} frames, {channels} channels, {filters} filters, a kernel of {kernel}"
        );
        let padding = along.padding()?;
        let wide = (kernel - 1) * dilation + 1;
        room(filters * wide)?;
        room(wide * channels)?;
        ensure!(
            padding.before + frames + padding.after >= wide,
            "a kernel of {wide} frames gives nothing for {frames}"
        );
        let mut spread = vec![0; filters * wide * channels];
        for (k, frame) in quantised.weights.chunks(channels).enumerate() {
            let start = (k / kernel * wide + k % kernel * dilation) * channels;
            let place = spread.get_mut(start..start + channels);
            place.context("weights")?.copy_from_slice(frame);
        }
        quantised.weights = spread;
        let zero = quantised.input.zero_point;
        self.convolution = true;
        self.frames(frames);
        let mut all = quantised.converted()?.into_iter();
        let first = all.next().context("no layer")?;
        let layer = slid(first, (frames, channels), stride, padding, zero);
        let frames = layer.outputs() / filters;
        self.layers.push(layer);
        for dense in all {
            self.layers
                .push(slid(dense, (frames, filters), 1, Padding::NONE, 0));
        }
        Ok(())
    }

    /// The first layer takes frames.
    fn frames(&mut self, frames: usize) {
        if self.layers.is_empty() {
            self.window = Some(frames);
        }
    }

    /// Weights, biases and scales; weights output by output.
    fn sums(
        &self,
        (from, to): (&Tensor<'a>, &Tensor<'a>),
        inputs: &[i32],
        fused: i8,
    ) -> Result<Quantised> {
        let [_, weights, bias @ ..] = inputs else {
            bail!("{} inputs", inputs.len())
        };
        let (weights, output) = (self.graph.tensor(*weights)?, to.grid()?);
        let (weight_scales, shape) = (weights.weight_scales()?, weights.shape()?);
        let outputs = shape.first().copied().unwrap_or(0);
        let data = weights.data::<1>(INT8, "int8 weights")?;
        let mut biases = match bias {
            [bias, ..] if *bias >= 0 => {
                let tensor = self.graph.tensor(*bias)?;
                let data = tensor.data::<4>(INT32, "int32 biases")?;
                data.iter().map(|b| i32::from_le_bytes(*b)).collect()
            }
            _ => Vec::new(),
        };
        if biases.is_empty() && outputs <= data.len() {
            biases = vec![0; outputs];
        }
        ensure!(
            biases.len() == outputs,
            "tensor `{}` is for {outputs} outputs, and has {} biases",
            weights.name,
            biases.len()
        );
        Ok(Quantised {
            input: from.grid()?,
            output,
            weight_scales,
            weights: data.iter().map(|b| i8::from_le_bytes(*b)).collect(),
            biases,
            fused: match fused {
                0 => Fused::Linear,
                1 => Fused::Relu,
                2 => Fused::clamp(-1.0, 1.0, &output),
                3 => Fused::clamp(0.0, 6.0, &output),
                code => bail!("the fused activation {code} is not read"),
            },
        })
    }
}

const FLOAT_TWIN: &str =
    "Convert without quantisation and pack the float .tflite with --calibration";

/// A number of values that a layer may have.
fn room(values: usize) -> Result<usize> {
    ensure!(
        (1..=WIDEST).contains(&values),
        "{values} values, at most {WIDEST} are read; {TO_INT8}"
    );
    Ok(values)
}

fn slid(
    dense: crate::model::DenseLayer,
    (frames, channels): (usize, usize),
    stride: usize,
    padding: Padding,
    zero: i16,
) -> BlobLayer {
    BlobLayer::Conv1d(Conv1dLayer {
        dense,
        frames,
        channels,
        stride,
        before: padding.before,
        after: padding.after,
        zero,
    })
}
