//! Networks in f32 from `.tflite` files: dense layers, convolutions along one axis, activations,
//! arithmetic with constants, and operators that only move data.
//!
//! Values lie frame by frame already: the last axis holds the channels.

mod sums;

use super::codes::{
    ADD, AVERAGE_POOL_2D, CONV_2D, DEQUANTIZE, DIV, ELU, EXPAND_DIMS, FLOAT32, FULLY_CONNECTED,
    GELU, HARD_SWISH, INT32, LEAKY_RELU, LOGISTIC, MAX_POOL_2D, MUL, RELU, RELU_0_TO_1,
    RELU_N1_TO_1, RELU6, RESHAPE, RESIZE_NEAREST_NEIGHBOR, SQUEEZE, SUB, TANH, TRANSPOSE,
    TRANSPOSE_CONV,
};
use super::graph::{Graph, graph, place};
use super::tensor::Tensor;
use super::{fused_code, only};
use crate::model::WIDEST;
use crate::model::flatbuffer::Table;
use crate::model::float::Function;
use crate::model::import::Imported;
use crate::model::import::arithmetic::Arithmetic;
use crate::model::import::chain::Chain;
use crate::model::import::view::{View, elements};
use anyhow::{Context, Result, bail, ensure};
use std::collections::BTreeMap;

const READ: &str = "read are FULLY_CONNECTED, CONV_2D, TRANSPOSE_CONV, AVERAGE_POOL_2D, MAX_POOL_2D and \
                    RESIZE_NEAREST_NEIGHBOR (one axis), RELU, RELU6, RELU_N1_TO_1, \
                    RELU_0_TO_1, LEAKY_RELU, ELU, GELU, HARD_SWISH, LOGISTIC, TANH, ADD, SUB, MUL and \
                    DIV with constants, x·LOGISTIC(x), RESHAPE, SQUEEZE, EXPAND_DIMS and TRANSPOSE";

/// Reads a network. Total for any bytes.
///
/// # Errors
/// A problem, with its operator.
pub fn read(bytes: &[u8]) -> Result<Imported> {
    read_as(bytes, None)
}

/// The same; an input of two axes is a window if its first has that many frames.
///
/// # Errors
/// As [`read`].
pub fn read_as(bytes: &[u8], window: Option<usize>) -> Result<Imported> {
    let graph = graph(bytes)?.batched(window)?;
    let start = only("inputs", &graph.graph.ints(1, "inputs")?)?;
    let end = only("outputs", &graph.graph.ints(2, "outputs")?)?;
    let input = graph.tensor(start)?;
    input.expect(FLOAT32, "float inputs")?;
    let shape = input.one_of_batch()?;
    let inputs = elements(&shape, WIDEST).context("the input")?;
    let mut walk = Walk {
        graph,
        chain: Chain::new(inputs)?,
        at: start,
        view: View::whole(&shape, WIDEST)?,
        widened: BTreeMap::new(),
        sigmoid_of: None,
    };
    for operator in 0..graph.graph.count(3, "operators")? {
        let table = graph.graph.nth(3, operator, "an operator")?;
        let code = graph.code(&table)?;
        let step = walk.step(code, &table);
        step.with_context(|| place(operator, code))?;
    }
    ensure!(
        walk.at == end,
        "the output is not what the last operator gives"
    );
    let window = walk.chain.window();
    let as_inputs = walk.view.shape() == shape;
    let net = walk.chain.finish(&walk.view, as_inputs)?;
    Ok(Imported {
        window,
        batch: graph.batch,
        ..Imported::bare(net)
    })
}

struct Walk<'a> {
    graph: Graph<'a>,
    chain: Chain,
    /// The tensor that the chain gives, and how it lies.
    at: i32,
    view: View,
    /// Constants as f32: each tensor, and the stored one it is made of.
    widened: BTreeMap<i32, i32>,
    /// The tensor of which the last operator gave the sigmoid.
    sigmoid_of: Option<i32>,
}

/// An operator: the position of the computed input, its inputs, and its options.
struct Operator<'a> {
    computed: usize,
    inputs: Vec<i32>,
    options: Option<Table<'a>>,
}

impl<'a> Walk<'a> {
    fn step(&mut self, code: i32, table: &Table<'a>) -> Result<()> {
        let inputs = table.ints(1, "an operator's inputs")?;
        let next = only("outputs", &table.ints(2, "an operator's outputs")?)?;
        if self.graph.is_shape(next)? {
            return Ok(());
        }
        let computed = inputs.iter().filter(|k| **k == self.at).count();
        if code == DEQUANTIZE && computed == 0 {
            self.widened.insert(next, only("inputs", &inputs)?);
            return Ok(());
        }
        let gate = self
            .sigmoid_of
            .filter(|x| code == MUL && inputs.contains(x));
        if gate.is_some() && inputs.len() == 2 && computed == 1 {
            // x · sigmoid(x), as converters write SiLU.
            self.chain.replace_function(Function::Silu);
            (self.at, self.sigmoid_of) = (next, None);
            return Ok(());
        }
        ensure!(
            computed == 1,
            "it does not take what the one before gives, or more: only chains are read, and so no \
             skip connections and no error inside the network (cut it at the reconstruction: the \
             library computes the score)"
        );
        let operator = Operator {
            computed: inputs.iter().position(|k| *k == self.at).unwrap_or(0),
            inputs,
            options: table.table(4, "an operator's options")?,
        };
        let output = self.graph.tensor(next)?;
        output.expect(FLOAT32, "float activations")?;
        let view = self.compute(code, &operator, &output)?;
        self.view = view.shaped(&output.one_of_batch()?)?;
        self.sigmoid_of = Some(self.at).filter(|_| code == LOGISTIC);
        self.at = next;
        Ok(())
    }

    fn compute(&mut self, code: i32, operator: &Operator<'a>, output: &Tensor<'a>) -> Result<View> {
        if let Some(how) = arithmetic(code) {
            return self.arithmetic(how, operator);
        }
        ensure!(
            operator.computed == 0 || code == TRANSPOSE_CONV,
            "it is not read with a constant as its first input; {READ}"
        );
        if let Some(function) = function(code, operator)? {
            self.chain.function(function)?;
            return Ok(self.view.clone());
        }
        match code {
            RESHAPE | SQUEEZE | EXPAND_DIMS => Ok(self.view.clone()),
            TRANSPOSE => {
                let order = self.constant(operator, 1)?;
                let order = order.data::<4>(INT32, "int32 axes")?.iter();
                let order = order.map(|b| i64::from(i32::from_le_bytes(*b)));
                self.view.transposed(Some(&order.collect::<Vec<_>>()))
            }
            FULLY_CONNECTED => self.dense(operator),
            CONV_2D => self.conv(operator),
            TRANSPOSE_CONV => self.transposed(operator, output),
            AVERAGE_POOL_2D | MAX_POOL_2D => self.pool(code, operator),
            RESIZE_NEAREST_NEIGHBOR => self.enlarged(operator, output),
            _ => bail!("it is not read; {READ}"),
        }
    }

    fn arithmetic(&mut self, how: Arithmetic, operator: &Operator<'a>) -> Result<View> {
        ensure!(
            operator.inputs.len() == 2,
            "{} inputs",
            operator.inputs.len()
        );
        let constant = self.constant(operator, 1 - operator.computed)?;
        let (shape, numbers) = (constant.shape()?, constant.floats()?);
        let (view, first) = (self.view.clone(), operator.computed == 1);
        let view = how.apply(&mut self.chain, &view, &shape, &numbers, first)?;
        self.fused(operator, 0)?;
        Ok(view)
    }

    /// Applies the activation that an operator has in a field of its options.
    fn fused(&mut self, operator: &Operator<'a>, field: usize) -> Result<()> {
        let function = match fused_code(operator.options, field)? {
            0 => return Ok(()),
            1 => Function::Relu,
            2 => Function::Clamp(-1.0, 1.0),
            3 => Function::Clamp(0.0, 6.0),
            4 => Function::Tanh,
            code => bail!("the fused activation {code} is not read"),
        };
        self.chain.function(function)
    }

    fn constant(&self, operator: &Operator<'a>, k: usize) -> Result<Tensor<'a>> {
        let index = operator.inputs.get(k);
        let index = index.with_context(|| format!("input {k} is absent"))?;
        self.graph.tensor(*self.widened.get(index).unwrap_or(index))
    }
}

const fn arithmetic(code: i32) -> Option<Arithmetic> {
    match code {
        ADD => Some(Arithmetic::Add),
        SUB => Some(Arithmetic::Sub),
        MUL => Some(Arithmetic::Mul),
        DIV => Some(Arithmetic::Div),
        _ => None,
    }
}

fn function(code: i32, operator: &Operator<'_>) -> Result<Option<Function>> {
    Ok(Some(match code {
        RELU => Function::Relu,
        RELU_N1_TO_1 => Function::Clamp(-1.0, 1.0),
        RELU6 => Function::Clamp(0.0, 6.0),
        RELU_0_TO_1 => Function::Clamp(0.0, 1.0),
        TANH => Function::Tanh,
        ELU => Function::Elu(1.0),
        HARD_SWISH => Function::HardSwish,
        GELU => {
            let options = operator.options.map_or(Ok(0), |o| o.byte(0, 0, "a flag"));
            match options? {
                0 => Function::Gelu,
                _ => Function::GeluTanh,
            }
        }
        LOGISTIC => Function::Sigmoid,
        LEAKY_RELU => {
            let options = operator.options.context("no options")?;
            let bits = options.int(0, 0, "a slope")?.cast_unsigned();
            Function::LeakyRelu(f32::from_bits(bits))
        }
        _ => return Ok(None),
    }))
}
