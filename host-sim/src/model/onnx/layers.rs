//! Operators that compute: each becomes a step of the chain.

pub mod along;
pub mod conv;
pub mod function;
pub mod pool;

use super::node::{Node, Value};
use super::tensor::{Data, Tensor};
use crate::model::float::{FloatDense, Function};
use crate::model::import::arithmetic::{self, Arithmetic};
use crate::model::import::chain::Chain;
use crate::model::import::norm::normalisation;
use crate::model::import::view::{MOST, View};
use anyhow::{Context, Result, bail, ensure};

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

/// `(x - offset)·scale`, of scikit-learn's scalers.
pub fn scaler(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = node.flow(0)?.clone();
    let numbers = |name: &str| -> Result<Vec<f64>> {
        let all = node.attribute(name).map(|a| a.floats.as_slice());
        let all = all.with_context(|| format!("no `{name}`"))?;
        let wide = spread(&Tensor::row(Data::Real(all.to_vec())), view.shape())?;
        Ok(wide.into_iter().map(f64::from).collect())
    };
    let (offset, scale) = (numbers("offset")?, numbers("scale")?);
    let shift: Vec<f64> = offset.iter().zip(&scale).map(|(o, s)| -o * s).collect();
    chain.affine(&view, &scale, &shift)
}

/// `x` above 0, else a slope times `x`: one for all, or `max(0, x) - slope·max(0, -x)` with one for each
/// value, in two layers.
pub fn prelu(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = node.flow(0)?.clone();
    let slopes = spread(node.constant(1)?, view.shape())?;
    if let Some(first) = slopes.first()
        && slopes.iter().all(|slope| slope == first)
    {
        chain.function(Function::LeakyRelu(*first))?;
        return Ok(view);
    }
    let n = view.len();
    ensure!(
        2 * n * n <= MOST,
        "a slope for each of {n} values; export with one slope (num_parameters=1), or LeakyRelu"
    );
    let mut split = vec![0.0; 2 * n * n];
    let mut join = vec![0.0; 2 * n * n];
    for (k, slope) in slopes.iter().enumerate() {
        (split[k * n + k], split[(n + k) * n + k]) = (1.0, -1.0);
        (join[k * 2 * n + k], join[k * 2 * n + n + k]) = (1.0, -slope);
    }
    let layer = |inputs, outputs, weights, function| FloatDense {
        inputs,
        outputs,
        weights,
        biases: vec![0.0; outputs],
        function,
    };
    let halves = chain.dense(&view, layer(n, 2 * n, split, Function::Relu))?;
    let given = chain.dense(&halves, layer(2 * n, n, join, Function::Linear))?;
    given.shaped(view.shape())
}

/// Add, Sub, Mul or Div with a constant.
pub fn arithmetic(chain: &mut Chain, node: &Node<'_>, how: Arithmetic) -> Result<View> {
    let (view, constant, first) = match (node.value(0)?, node.value(1)?) {
        (Value::Flow(..), Value::Constant(c)) => (node.flow(0)?, c, false),
        (Value::Constant(c), Value::Flow(..)) => (node.flow(1)?, c, true),
        (Value::Constant(_), Value::Constant(_)) => {
            bail!("two constants; simplify the graph before the export")
        }
        _ => bail!(
            "two computed tensors; only chains are read, and so no skip connections and no error \
             inside the network (cut it at the reconstruction: the library computes the score)"
        ),
    };
    how.apply(chain, view, &constant.shape, constant.floats()?, first)
}

/// The numbers of a constant, broadcast to a shape.
fn spread(tensor: &Tensor, shape: &[usize]) -> Result<Vec<f32>> {
    arithmetic::spread(&tensor.shape, tensor.floats()?, shape)
}

fn transposed(tensor: &Tensor) -> Result<Tensor> {
    tensor.seen(&tensor.view()?.transposed(None)?)
}
