//! Operators that compute: each becomes a step of the chain.

use super::node::{Node, Value};
use super::tensor::Tensor;
use crate::model::float::{FloatDense, Function};
use crate::model::import::arithmetic::{self, Arithmetic};
use crate::model::import::chain::Chain;
use crate::model::import::kernel::{Kernel, Padding};
use crate::model::import::norm::normalisation;
use crate::model::import::view::View;
use anyhow::{Result, bail, ensure};

/// `alpha·A·B + beta·C`, B and C constant.
pub fn gemm(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = match node.int("transA", 0) {
        0 => node.flow(0)?.clone(),
        _ => node.flow(0)?.transposed(None)?,
    };
    let weights = node.constant(1)?;
    let rows = match node.int("transB", 0) {
        0 => transposed(weights)?,
        _ => weights.clone(),
    };
    let [outputs, inputs] = rows.shape[..] else {
        bail!("B has the shape {:?}, expected two axes", weights.shape)
    };
    let times = |factor: f32, all: &[f32]| all.iter().map(|x| factor * x).collect::<Vec<_>>();
    let biases = match node.optional(2)? {
        Some(c) => times(node.float("beta", 1.0), &spread(c, &[outputs])?),
        None => vec![0.0; outputs],
    };
    let layer = FloatDense {
        inputs,
        outputs,
        weights: times(node.float("alpha", 1.0), rows.floats()?),
        biases,
        function: Function::Linear,
    };
    chain.rows(&view, layer)
}

/// `A·B`, B constant with two axes.
pub fn matmul(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let (view, weights) = (node.flow(0)?.clone(), node.constant(1)?);
    let [inputs, outputs] = weights.shape[..] else {
        bail!("B has the shape {:?}, expected two axes", weights.shape)
    };
    let layer = FloatDense {
        inputs,
        outputs,
        weights: transposed(weights)?.floats()?.to_vec(),
        biases: vec![0.0; outputs],
        function: Function::Linear,
    };
    chain.rows(&view, layer)
}

/// A convolution along one axis; of two, one must be of size 1.
pub fn conv(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let (view, weights) = (node.flow(0)?, node.constant(1)?);
    let group = node.int("group", 1);
    ensure!(group == 1, "group {group}; only 1 is read");
    let (kept, x, w) = match (view.shape(), &weights.shape[..]) {
        (&[1, c, t], &[m, wc, k]) => (0, [c, t], [m, wc, k]),
        (&[1, c, 1, t], &[m, wc, 1, k]) => (1, [c, t], [m, wc, k]),
        (&[1, c, t, 1], &[m, wc, k, 1]) => (0, [c, t], [m, wc, k]),
        (x, w) => bail!(
            "input {x:?} and weights {w:?}; read are a batch of 1 and one axis beside the channels"
        ),
    };
    let ([channels, frames], [filters, own, kernel]) = (x, w);
    ensure!(
        own == channels,
        "weights for {own} channels, the input has {channels}"
    );
    let axes = view.shape().len() - 2;
    let along = |name: &str, default: i64| -> Result<usize> {
        let all = node.ints(name);
        let all = all.map_or_else(|| vec![default; axes], <[_]>::to_vec);
        ensure!(all.len() == axes, "`{name}` has {} numbers", all.len());
        Ok(usize::try_from(all[kept])?)
    };
    let (stride, dilation) = (along("strides", 1)?, along("dilations", 1)?);
    let padding = match &*node.text("auto_pad", "NOTSET") {
        "NOTSET" => {
            let pads = node.ints("pads");
            let pads = pads.map_or_else(|| vec![0; 2 * axes], <[_]>::to_vec);
            ensure!(pads.len() == 2 * axes, "`pads` has {} numbers", pads.len());
            let others = (0..2 * axes).filter(|k| k % axes != kept);
            ensure!(
                others.into_iter().all(|k| pads[k] == 0),
                "`pads` along the axis of size 1"
            );
            Padding {
                before: usize::try_from(pads[kept])?,
                after: usize::try_from(pads[axes + kept])?,
            }
        }
        "VALID" => Padding::NONE,
        same @ ("SAME_UPPER" | "SAME_LOWER") => {
            Padding::same(frames, kernel, stride, dilation, same == "SAME_LOWER")?
        }
        other => bail!("auto_pad {other}"),
    };
    let weights = weights.seen(
        &weights
            .view()?
            .shaped(&[filters, channels, kernel])?
            .transposed(Some(&[0, 2, 1]))?,
    )?;
    let biases = match node.optional(2)? {
        Some(biases) => spread(biases, &[filters])?,
        None => vec![0.0; filters],
    };
    let kernel = Kernel {
        filters,
        kernel,
        channels,
        weights: weights.floats()?.to_vec(),
        biases,
    };
    let layer = kernel.dilated(dilation)?.over(frames, stride, padding)?;
    let time_major = view.shaped(&x)?.transposed(None)?;
    let given = chain.frames(&time_major, layer)?.transposed(None)?;
    let mut shape = view.shape().to_vec();
    (shape[1], shape[2 + kept]) = (given.shape()[0], given.shape()[1]);
    given.shaped(&shape)
}

/// `scale·(x - mean)/√(variance + epsilon) + bias`, channel by channel: axis 1.
pub fn batch_normalization(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = node.flow(0)?.clone();
    ensure!(
        node.int("training_mode", 0) == 0,
        "it is in training mode; export for inference"
    );
    let channels = view.shape().get(1).copied().unwrap_or(1);
    let numbers = |k: usize| spread(node.constant(k)?, &[channels]);
    let (scale, bias, mean, variance) = (numbers(1)?, numbers(2)?, numbers(3)?, numbers(4)?);
    let epsilon = node.float("epsilon", 1e-5);
    let (factors, addends) = normalisation(&scale, &bias, &mean, &variance, epsilon)?;
    let inner: usize = view.shape().iter().skip(2).product();
    let channel = |all: &[f64]| -> Vec<f64> {
        let each = (0..view.len()).map(|k| all[k / inner % channels]);
        each.collect()
    };
    chain.affine(&view, &channel(&factors), &channel(&addends))
}

/// Add, Sub, Mul or Div with a constant.
pub fn arithmetic(chain: &mut Chain, node: &Node<'_>, how: Arithmetic) -> Result<View> {
    let (view, constant, first) = match (node.value(0)?, node.value(1)?) {
        (Value::Flow(..), Value::Constant(c)) => (node.flow(0)?, c, false),
        (Value::Constant(c), Value::Flow(..)) => (node.flow(1)?, c, true),
        (Value::Constant(_), Value::Constant(_)) => {
            bail!("two constants; simplify the graph before the export")
        }
        _ => bail!("two computed tensors; only chains are read, and so no skip connections"),
    };
    how.apply(chain, view, &constant.shape, constant.floats()?, first)
}

/// The function of an activation.
///
/// # Errors
/// The operator is not supported.
pub fn function(node: &Node<'_>) -> Result<Option<Function>> {
    Ok(Some(match node.op() {
        "Relu" => Function::Relu,
        "LeakyRelu" => Function::LeakyRelu(node.float("alpha", 0.01)),
        "Tanh" => Function::Tanh,
        "Sigmoid" => Function::Sigmoid,
        "Clip" => {
            let end = |k: usize, name: &str, open: f32| -> Result<f32> {
                match node.optional(k)? {
                    Some(tensor) => Ok(spread(tensor, &[1])?[0]),
                    None => Ok(node.float(name, open)),
                }
            };
            match (end(1, "min", f32::MIN)?, end(2, "max", f32::MAX)?) {
                (0.0, f32::MAX) => Function::Relu,
                (low, high) => Function::Clamp(low, high),
            }
        }
        _ => return Ok(None),
    }))
}

/// The numbers of a constant, broadcast to a shape.
fn spread(tensor: &Tensor, shape: &[usize]) -> Result<Vec<f32>> {
    arithmetic::spread(&tensor.shape, tensor.floats()?, shape)
}

fn transposed(tensor: &Tensor) -> Result<Tensor> {
    tensor.seen(&tensor.view()?.transposed(None)?)
}
