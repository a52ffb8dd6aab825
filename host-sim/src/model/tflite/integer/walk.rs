//! A walk along a network of integers: an operator gives none, one or two layers.

use super::sums::{ROUNDED_ONCE, ROUNDED_TWICE, room};
use crate::model::blob::{BlobLayer, LookupLayer};
use crate::model::dense::Fused;
use crate::model::flatbuffer::Table;
use crate::model::tflite::codes::{
    ADD, AVERAGE_POOL_2D, CONV_2D, DEQUANTIZE, EXPAND_DIMS, FLOAT32, FULLY_CONNECTED, LEAKY_RELU,
    LOGISTIC, MAX_POOL_2D, MUL, QUANTIZE, RELU, RELU_N1_TO_1, RELU6, RESHAPE,
    RESIZE_NEAREST_NEIGHBOR, SQUEEZE, SUB, TANH, TRANSPOSE_CONV,
};
use crate::model::tflite::curve;
use crate::model::tflite::graph::Graph;
use crate::model::tflite::only;
use crate::model::tflite::table::{self, leaky, logistic, requantised, tanh};
use crate::model::tflite::tensor::Tensor;
use anyhow::{Context, Result, bail, ensure};
use bellwether::model::{Function, QuantParams};

const READ: &str = "read in int8 are FULLY_CONNECTED, CONV_2D, TRANSPOSE_CONV, AVERAGE_POOL_2D, \
                    MAX_POOL_2D and RESIZE_NEAREST_NEIGHBOR (one axis), LOGISTIC, TANH, \
                    LEAKY_RELU, RELU, RELU6, RELU_N1_TO_1, ADD, SUB and MUL with constants, \
                    QUANTIZE, RESHAPE, SQUEEZE and EXPAND_DIMS";
const FLOAT_TWIN: &str =
    "Convert without quantisation and pack the float .tflite with --calibration";

/// The layers so far.
pub(super) struct Walk<'a> {
    pub(super) graph: Graph<'a>,
    /// The tensor that the chain gives.
    pub(super) at: i32,
    pub(super) input: Option<QuantParams>,
    pub(super) inputs: usize,
    pub(super) window: Option<usize>,
    pub(super) layers: Vec<BlobLayer>,
}

/// An operator: what it takes and gives, and its other inputs.
pub(super) struct Operator<'a> {
    pub(super) from: Tensor<'a>,
    pub(super) to: Tensor<'a>,
    /// The constant of an operation, or weights.
    pub(super) constant: Option<i32>,
    pub(super) bias: Option<i32>,
    /// Whether the constant is the first operand.
    pub(super) turned: bool,
    pub(super) options: Option<Table<'a>>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(graph: Graph<'a>, start: i32) -> Result<Self> {
        Ok(Self {
            graph,
            at: start,
            input: None,
            inputs: graph.tensor(start)?.values()?,
            window: None,
            layers: Vec::new(),
        })
    }

    pub(super) fn step(&mut self, code: i32, table: &Table<'a>, last: bool) -> Result<()> {
        let inputs = table.ints(1, "an operator's inputs")?;
        let next = only("outputs", &table.ints(2, "an operator's outputs")?)?;
        if self.graph.is_shape(next)? {
            return Ok(());
        }
        let turned = matches!(code, ADD | SUB | MUL) && inputs.get(1) == Some(&self.at);
        // A TRANSPOSE_CONV begins with the shape of its output.
        let (first, constant, bias) = match code {
            TRANSPOSE_CONV => (2, 1, 3),
            _ if turned => (1, 0, 2),
            _ => (0, 1, 2),
        };
        ensure!(
            inputs.get(first) == Some(&self.at) && inputs.get(constant) != Some(&self.at),
            "it does not take what the one before gives, or takes it twice: only chains are read"
        );
        let given = |k: usize| inputs.get(k).copied().filter(|index| *index >= 0);
        let operator = Operator {
            from: self.graph.tensor(self.at)?,
            to: self.graph.tensor(next)?,
            constant: given(constant),
            bias: given(bias),
            turned,
            options: table.table(4, "an operator's options")?,
        };
        match code {
            QUANTIZE if operator.from.is(FLOAT32)? && self.layers.is_empty() => {}
            DEQUANTIZE if last => {}
            _ => self.compute(code, &operator)?,
        }
        self.at = next;
        Ok(())
    }

    fn compute(&mut self, code: i32, operator: &Operator<'a>) -> Result<()> {
        let Operator { from, to, .. } = operator;
        let (input, output) = (from.grid()?, to.grid()?);
        self.input = self.input.or(Some(input));
        ensure!(
            code == QUANTIZE || input.wide == output.wide,
            "tensors `{}` and `{}` have activations of different sizes",
            from.name,
            to.name
        );
        let fused = match code {
            RELU => Fused::Relu,
            RELU6 => Fused::clamp(0.0, 6.0, &output),
            RELU_N1_TO_1 => Fused::clamp(-1.0, 1.0, &output),
            _ => Fused::whole(&output),
        };
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
            FULLY_CONNECTED => return self.dense(operator, ROUNDED_ONCE),
            CONV_2D => return self.conv(operator, ROUNDED_TWICE),
            TRANSPOSE_CONV => return self.transposed(operator, ROUNDED_TWICE),
            AVERAGE_POOL_2D => return self.mean(operator),
            MAX_POOL_2D => return self.largest(operator),
            RESIZE_NEAREST_NEIGHBOR => return self.enlarged(operator),
            QUANTIZE | RELU | RELU6 | RELU_N1_TO_1 if input.wide => {
                return self.times_one(operator, fused);
            }
            QUANTIZE => (Function::Other, requantised(&input, &output)?),
            RELU | RELU6 | RELU_N1_TO_1 => {
                (Function::Other, table::clamped(&input, &output, fused)?)
            }
            LOGISTIC | TANH if input.wide => {
                let function = match code {
                    TANH => Function::Tanh,
                    _ => Function::Sigmoid,
                };
                let values = room(from.values()?)?;
                let layer = curve::layer(function, values, &input, &output)?;
                self.layers.push(layer.into());
                return Ok(());
            }
            ADD | SUB | MUL | LEAKY_RELU if input.wide => bail!(
                "tensor `{}` is of int16, for which it is not read. {FLOAT_TWIN}",
                from.name
            ),
            ADD | SUB | MUL => {
                let tables = self.arithmetic(code, operator)?;
                (Function::Other, tables)
            }
            LOGISTIC => (Function::Sigmoid, logistic(&input, &output)?),
            TANH => (Function::Tanh, tanh(&input, &output)?),
            LEAKY_RELU => {
                let bits = operator
                    .options
                    .context("no options")?
                    .int(0, 0, "a slope")?;
                let slope = f32::from_bits(bits.cast_unsigned());
                (Function::LeakyRelu, leaky(slope, &input, &output)?)
            }
            _ => bail!(
                "tensor `{}`: it is not read in int8; {READ}. {FLOAT_TWIN}",
                to.name
            ),
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
}
