//! A walk along the graph: every node becomes steps of a chain, or a value known beforehand.

use super::integers::{self, Bare};
use super::node::{Node, Value};
use super::tensor::Tensor;
use super::{constant, layers, moves, proto, recurrent, shape};
use crate::model::WIDEST;
use crate::model::float::Function;
use crate::model::import::arithmetic::Arithmetic;
use crate::model::import::chain::Chain;
use crate::model::import::view::{View, elements};
use crate::model::import::{Imported, batch};
use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The supported operators, for error messages about others.
const READ: &str = "read are Gemm, MatMul, Conv and ConvTranspose (one axis), Pad before Conv, \
                    AveragePool, MaxPool, GlobalAveragePool, Resize and Upsample (nearest), LSTM, GRU, \
                    BatchNormalization, Add/Sub/Mul/Div with constants, Relu, LeakyRelu, PRelu, Elu, Selu, \
                    Gelu (also as its Erf), HardSwish, HardSigmoid, Softplus, Softsign, Mish, Exp, Abs, Tanh, Sigmoid, Clip, \
                    Min/Max with a constant, Neg, Scaler (ai.onnx.ml), QuantizeLinear and its kin, and what \
                    only moves data: Flatten, Reshape, Squeeze, Unsqueeze, Transpose, Slice, \
                    Gather, Expand, Identity, Dropout, Cast to float";

/// The network so far.
pub(super) struct Reader<'g> {
    graph: &'g proto::Graph,
    chain: Chain,
    /// Steps that changed the output of the chain.
    steps: usize,
    input: Vec<usize>,
    /// Inputs of a fixed batch.
    batch: Option<usize>,
    values: BTreeMap<&'g str, Value>,
    /// Zeros that a Pad puts around a value, by the value's name.
    padded: BTreeMap<&'g str, Vec<i64>>,
    /// Origin of the last step: the steps before it, and its function.
    before: Option<(usize, Function)>,
    used: BTreeSet<&'g str>,
}

impl<'g> Reader<'g> {
    pub(super) fn new(
        graph: &'g proto::Graph,
        folder: Option<&Path>,
        window: Option<usize>,
    ) -> Result<Self> {
        let mut values = BTreeMap::new();
        for tensor in &graph.initializers {
            values.insert(
                &*tensor.name,
                Value::Constant(Tensor::read_beside(tensor, folder)?),
            );
        }
        let free = |input: &&proto::Value| !values.contains_key(&*input.name);
        let inputs: Vec<&proto::Value> = graph.inputs.iter().filter(free).collect();
        let [input] = inputs[..] else {
            bail!("{} inputs, expected exactly one", inputs.len())
        };
        let name = || format!("input `{}`", input.name);
        let mut shape = shape(input).with_context(name)?;
        // Recurrent layers take the frames first: T x N x C.
        let recurrent = |node: &proto::Node| matches!(&*node.op, "LSTM" | "GRU");
        let batch = if graph.nodes.iter().any(recurrent) {
            None
        } else {
            batch(&shape, window)
        };
        if let (Some(_), Some(first)) = (batch, shape.first_mut()) {
            *first = 1;
        }
        let chain = Chain::new(elements(&shape, WIDEST).with_context(name)?)?;
        let view = View::whole(&shape, WIDEST)?;
        values.insert(&*input.name, Value::Flow(view, 0));
        let of_nodes = graph.nodes.iter().flat_map(|n| &n.inputs);
        let of_graph = graph.outputs.iter().map(|o| &o.name);
        Ok(Self {
            graph,
            chain,
            steps: 0,
            input: shape,
            batch,
            values,
            padded: BTreeMap::new(),
            before: None,
            used: of_nodes.chain(of_graph).map(String::as_str).collect(),
        })
    }

    pub(super) fn step(&mut self, proto: &'g proto::Node) -> Result<()> {
        ensure!(
            matches!(&*proto.domain, "" | "ai.onnx")
                || integers::is_known(proto)
                || proto.domain == "ai.onnx.ml" && proto.op == "Scaler",
            "the operator {} of the domain `{}` is not read{}",
            proto.op,
            proto.domain,
            if proto.domain == "ai.onnx.ml" {
                ": of scikit-learn, scalers and networks (MLP) are"
            } else {
                ""
            }
        );
        let look_up = |name: &String| match self.values.get(&**name) {
            Some(value) => Ok(Some(value.clone())),
            None if name.is_empty() => Ok(None),
            None => bail!("no node before gives its input `{name}`"),
        };
        let node = Node {
            proto,
            step: self.steps,
            inputs: proto.inputs.iter().map(look_up).collect::<Result<_>>()?,
        };
        let kind = |name: &str| {
            let found = self.graph.initializers.iter().find(|t| t.name == name);
            found.map(|tensor| tensor.kind)
        };
        let limits = if proto.inputs.is_empty() {
            None
        } else {
            integers::limits(&node, kind)?
        };
        let node = match integers::without(node)? {
            Bare::Compute(node) => node,
            Bare::Values(values) => {
                if let Some((low, high)) = limits {
                    self.chain.clamped(low, high)?;
                }
                for (k, value) in values.into_iter().enumerate() {
                    self.give(proto, k, value);
                }
                return Ok(());
            }
        };
        if let Some(value) = constant::of(&node)? {
            self.give(proto, 0, value);
            return Ok(());
        }
        if node.op() == "Pad" {
            let pads = layers::along::pads(&node)?;
            let view = node.flow(0)?.clone();
            if let Some(name) = proto.outputs.first() {
                self.padded.insert(name, pads);
            }
            self.give(proto, 0, Value::Flow(view, self.steps));
            return Ok(());
        }
        let padded = proto
            .inputs
            .iter()
            .find(|name| self.padded.contains_key(&***name));
        ensure!(
            padded.is_none() || matches!(node.op(), "Conv" | "QLinearConv"),
            "it takes what a Pad gives; Pad is read before Conv only"
        );
        if let Some(function) = self.gate(&node)? {
            let view = node.flow(usize::from(node.flow(0).is_err()))?.clone();
            self.chain.replace_function(function);
            self.steps += 1;
            self.give(proto, 0, Value::Flow(view, self.steps));
            return Ok(());
        }
        match node.value(0)? {
            Value::Constant(tensor) => {
                if let Some(view) = moves::moved(&node, &tensor.view()?)? {
                    let seen = Value::Constant(tensor.seen(&view)?);
                    self.give(proto, 0, seen);
                    return Ok(());
                }
            }
            Value::Flow(view, step) => {
                if let Some(view) = moves::moved(&node, view)? {
                    self.give(proto, 0, Value::Flow(view, *step));
                    return Ok(());
                }
            }
        }
        let function = layers::function::of(&node)?;
        let outputs = self.compute(&node)?;
        if let Some((low, high)) = limits {
            self.chain.clamped(low, high)?;
        }
        self.before = function.map(|function| (self.steps, function));
        self.steps += 1;
        for (k, view) in outputs.into_iter().enumerate() {
            if let Some(view) = view {
                self.give(proto, k, Value::Flow(view, self.steps));
            }
        }
        Ok(())
    }

    /// `x·f(x)` as one function: where a product's inputs are a value and a function of it.
    fn gate(&self, node: &Node<'g>) -> Result<Option<Function>> {
        let (Some((before, function)), "Mul") = (self.before, node.op()) else {
            return Ok(None);
        };
        let (Value::Flow(a, first), Value::Flow(b, second)) = (node.value(0)?, node.value(1)?)
        else {
            return Ok(None);
        };
        let steps = (*first.min(second), *first.max(second));
        if steps != (before, self.steps) || before == self.steps || a != b {
            return Ok(None);
        }
        Ok(match function {
            Function::Sigmoid => Some(Function::Silu),
            Function::HardSigmoid(slope, 0.5) if (slope - 1.0 / 6.0).abs() < 1e-6 => {
                Some(Function::HardSwish)
            }
            _ => None,
        })
    }

    /// Appends the operation of a node.
    fn compute(&mut self, node: &Node<'g>) -> Result<[Option<View>; 2]> {
        if let Some(function) = layers::function::of(node)? {
            let first = matches!(node.value(0)?, Value::Constant(_));
            let view = node.flow(usize::from(first))?.clone();
            self.chain.function(function)?;
            return Ok([Some(view), None]);
        }
        let chain = &mut self.chain;
        let view = match node.op() {
            "Gemm" | "QGemm" => layers::gemm(chain, node)?,
            "MatMul" | "MatMulInteger" | "QLinearMatMul" => layers::matmul(chain, node)?,
            "Conv" | "QLinearConv" => {
                let pads = node
                    .proto
                    .inputs
                    .first()
                    .and_then(|name| self.padded.get(&**name));
                layers::conv::conv(chain, node, pads.map(Vec::as_slice))?
            }
            "ConvTranspose" => layers::conv::conv_transpose(chain, node)?,
            "AveragePool" | "MaxPool" => layers::pool::pool(chain, node)?,
            "GlobalAveragePool" => layers::pool::global_mean(chain, node)?,
            "Resize" | "Upsample" => layers::pool::upsample(chain, node)?,
            "Scaler" => layers::scaler(chain, node)?,
            "PRelu" => layers::prelu(chain, node)?,
            "Neg" => {
                let view = node.flow(0)?.clone();
                chain.affine(&view, &vec![-1.0; view.len()], &vec![0.0; view.len()])?
            }
            "BatchNormalization" => layers::batch_normalization(chain, node)?,
            "Add" => layers::arithmetic(chain, node, Arithmetic::Add)?,
            "Sub" => layers::arithmetic(chain, node, Arithmetic::Sub)?,
            "Mul" => layers::arithmetic(chain, node, Arithmetic::Mul)?,
            "Div" => layers::arithmetic(chain, node, Arithmetic::Div)?,
            "LSTM" | "GRU" => {
                let name = |k: usize| node.proto.outputs.get(k).map_or("", String::as_str);
                let used = |k: usize| !name(k).is_empty() && self.used.contains(name(k));
                return recurrent::recurrent(chain, node, [0, 1, 2].map(used));
            }
            op @ ("LayerNormalization" | "InstanceNormalization" | "GroupNormalization") => bail!(
                "{op} divides by the spread of each input, which is no fixed layer; train with \
                 BatchNormalization, which is folded into the weights"
            ),
            op => bail!("the operator {op} is not read; {READ}"),
        };
        Ok([Some(view), None])
    }

    fn give(&mut self, node: &'g proto::Node, k: usize, value: Value) {
        if let Some(name) = node.outputs.get(k) {
            self.values.insert(name, value);
        }
    }

    pub(super) fn finish(self) -> Result<Imported> {
        let [output] = &self.graph.outputs[..] else {
            bail!("{} outputs, expected exactly one", self.graph.outputs.len())
        };
        let name = || format!("output `{}`", output.name);
        match self.values.get(&*output.name) {
            Some(Value::Flow(view, step)) if *step == self.steps => {
                let as_inputs = view.shape() == self.input;
                let window = self.chain.window();
                let net = self.chain.finish(view, as_inputs).with_context(name)?;
                Ok(Imported {
                    window,
                    batch: self.batch,
                    ..Imported::bare(net)
                })
            }
            Some(_) => bail!("{}: it is not what the last operator gives", name()),
            None => bail!("{}: no node gives it", name()),
        }
    }
}
