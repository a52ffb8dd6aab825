//! Operators that compute: each becomes a step of the chain.

use super::node::{Node, Value};
use super::tensor::{Data, Tensor};
use crate::model::WIDEST;
use crate::model::float::{FloatDense, Function};
use crate::model::import::arithmetic::{self, Arithmetic};
use crate::model::import::chain::Chain;
use crate::model::import::kernel::{Kernel, Padding};
use crate::model::import::norm::normalisation;
use crate::model::import::view::{MOST, View, elements};
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

/// A convolution along one axis; of two, one must be of size 1.
/// `zeros` were put around it before: the axes' beginnings, then their ends.
pub fn conv(chain: &mut Chain, node: &Node<'_>, zeros: Option<&[i64]>) -> Result<View> {
    let (view, weights) = (node.flow(0)?, node.constant(1)?);
    let groups = usize::try_from(node.int("group", 1))?;
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
        groups > 0 && own.checked_mul(groups) == Some(channels) && filters.is_multiple_of(groups),
        "weights for {own} channels and {filters} filters in {groups} groups, the input has {channels} \
         channels"
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
            let zeros = zeros.unwrap_or_default();
            let along = |k: usize| zeros.get(k).copied().unwrap_or(0);
            let rank = axes + 2;
            ensure!(
                (0..zeros.len()).all(|k| k % rank == 2 + kept || along(k) == 0),
                "the Pad before it adds zeros along another axis"
            );
            let sum = |own: i64, more: i64| {
                Ok::<_, anyhow::Error>(usize::try_from(own.checked_add(more).context("pads")?)?)
            };
            Padding {
                before: sum(pads[kept], along(2 + kept))?,
                after: sum(pads[axes + kept], along(rank + 2 + kept))?,
            }
        }
        _ if zeros.is_some() => bail!("auto_pad behind a Pad"),
        "VALID" => Padding::NONE,
        same @ ("SAME_UPPER" | "SAME_LOWER") => {
            Padding::same(frames, kernel, stride, dilation, same == "SAME_LOWER")?
        }
        other => bail!("auto_pad {other}"),
    };
    let weights = weights.seen(
        &weights
            .view()?
            .shaped(&[filters, own, kernel])?
            .transposed(Some(&[0, 2, 1]))?,
    )?;
    let weights = in_groups(weights.floats()?, (filters, kernel, own), groups)?;
    let biases = match node.optional(2)? {
        Some(biases) => spread(biases, &[filters])?,
        None => vec![0.0; filters],
    };
    let kernel = Kernel {
        filters,
        kernel,
        channels,
        weights,
        biases,
    };
    let layer = kernel.dilated(dilation)?.over(frames, stride, padding)?;
    let time_major = view.shaped(&x)?.transposed(None)?;
    let given = chain.frames(&time_major, layer)?.transposed(None)?;
    let mut shape = view.shape().to_vec();
    (shape[1], shape[2 + kept]) = (given.shape()[0], given.shape()[1]);
    given.shaped(&shape)
}

/// Weights over the channels of a group, filter by filter and frame by frame, as weights over all
/// channels, with zeros elsewhere.
fn in_groups(
    weights: &[f32],
    (filters, kernel, own): (usize, usize, usize),
    groups: usize,
) -> Result<Vec<f32>> {
    if groups == 1 {
        return Ok(weights.to_vec());
    }
    let channels = own * groups;
    let mut all = vec![0.0; elements(&[filters, kernel, channels], MOST)?];
    for (k, frame) in weights.chunks(own).enumerate() {
        let group = k / kernel / (filters / groups);
        let start = k * channels + group * own;
        all[start..start + own].copy_from_slice(frame);
    }
    Ok(all)
}

/// A transposed convolution along one axis, as the dense layer that it is: frame `t` adds the weights of
/// tap `k` to frame `stride·t + dilation·k - pad`.
pub fn conv_transpose(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let (view, weights) = (node.flow(0)?.clone(), node.constant(1)?);
    ensure!(node.int("group", 1) == 1, "several groups");
    ensure!(node.text("auto_pad", "NOTSET") == "NOTSET", "auto_pad");
    node.without("output_shape")?;
    let (&[1, channels, frames], &[own, filters, kernel]) = (view.shape(), &weights.shape[..])
    else {
        bail!(
            "input {:?} and weights {:?}; read are a batch of 1 and one axis beside the channels",
            view.shape(),
            weights.shape
        )
    };
    ensure!(
        own == channels,
        "weights for {own} channels, the input has {channels}"
    );
    let number = |name: &str, k: usize, default: i64| -> Result<usize> {
        let all = node.ints(name);
        Ok(usize::try_from(
            all.and_then(|all| all.get(k)).copied().unwrap_or(default),
        )?)
    };
    let (stride, dilation) = (number("strides", 0, 1)?, number("dilations", 0, 1)?);
    let (before, after) = (number("pads", 0, 0)?, number("pads", 1, 0)?);
    let more = number("output_padding", 0, 0)?;
    let sizes = [stride, dilation, before, after, more, frames, kernel];
    ensure!(
        sizes.iter().all(|n| *n <= WIDEST) && stride > 0 && dilation > 0 && kernel > 0,
        "strides {stride}, dilations {dilation}, pads {before} and {after}"
    );
    let whole = stride * (frames - 1) + dilation * (kernel - 1) + 1 + more;
    let given = whole
        .checked_sub(before + after)
        .filter(|n| *n > 0)
        .context("it gives no frame")?;
    let (inputs, outputs) = (view.len(), filters * given);
    let mut dense = vec![0.0; elements(&[outputs, inputs], MOST)?];
    for (k, weight) in weights.floats()?.iter().enumerate() {
        let (channel, filter, tap) = (k / kernel / filters, k / kernel % filters, k % kernel);
        for t in 0..frames {
            let to = (stride * t + dilation * tap).checked_sub(before);
            if let Some(to) = to.filter(|to| *to < given) {
                dense[(filter * given + to) * inputs + channel * frames + t] += weight;
            }
        }
    }
    let biases = match node.optional(2)? {
        Some(biases) => spread(biases, &[filters])?,
        None => vec![0.0; filters],
    };
    let layer = FloatDense {
        inputs,
        outputs,
        weights: dense,
        biases: biases
            .iter()
            .flat_map(|b| std::iter::repeat_n(*b, given))
            .collect(),
        function: Function::Linear,
    };
    chain.dense(&view, layer)?.shaped(&[1, filters, given])
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

/// Zeros around a value: the axes' beginnings, then their ends.
pub fn pads(node: &Node<'_>) -> Result<Vec<i64>> {
    let mode = node.text("mode", "constant");
    ensure!(mode == "constant", "mode {mode}; only constant is read");
    let value = match node.optional(2)? {
        Some(tensor) => tensor.floats()?.first().copied().unwrap_or(0.0),
        None => node.float("value", 0.0),
    };
    ensure!(value == 0.0, "it pads with {value}; only zeros are read");
    let pads = node.ints_of(1, "pads")?.context("no pads")?;
    let rank = node.flow(0)?.shape().len();
    let Some(axes) = node.optional(3)? else {
        ensure!(
            pads.len() == 2 * rank,
            "{} pads for {rank} axes",
            pads.len()
        );
        return Ok(pads);
    };
    let axes = axes.ints()?;
    ensure!(
        pads.len() == 2 * axes.len(),
        "{} pads for {} axes",
        pads.len(),
        axes.len()
    );
    let mut all = vec![0; 2 * rank];
    for (k, axis) in axes.iter().enumerate() {
        let axis = node.flow(0)?.axis(*axis)?;
        (all[axis], all[rank + axis]) = (pads[k], pads[axes.len() + k]);
    }
    Ok(all)
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

/// The function of an activation.
///
/// # Errors
/// The operator is not supported.
pub fn function(node: &Node<'_>) -> Result<Option<Function>> {
    Ok(Some(match node.op() {
        "Relu" => Function::Relu,
        "LeakyRelu" | "QLinearLeakyRelu" => Function::LeakyRelu(node.float("alpha", 0.01)),
        "Tanh" => Function::Tanh,
        "Sigmoid" | "QLinearSigmoid" => Function::Sigmoid,
        "Elu" => Function::Elu(node.float("alpha", 1.0)),
        "Selu" => {
            let own = ["alpha", "gamma"].map(|name| node.float(name, 0.0));
            ensure!(
                own[0] == 0.0 || (own[0] - 1.673_263_2).abs() < 1e-4,
                "alpha {}; only the published number is read",
                own[0]
            );
            ensure!(
                own[1] == 0.0 || (own[1] - 1.050_701).abs() < 1e-4,
                "gamma {}; only the published number is read",
                own[1]
            );
            Function::Selu
        }
        "Gelu" if node.text("approximate", "none") == "tanh" => Function::GeluTanh,
        "Gelu" => Function::Gelu,
        "HardSwish" => Function::HardSwish,
        "HardSigmoid" => Function::HardSigmoid(node.float("alpha", 0.2), node.float("beta", 0.5)),
        "Softplus" => Function::Softplus,
        "Softsign" => Function::Softsign,
        "Mish" => Function::Mish,
        "Exp" => Function::Exp,
        "Abs" => Function::Abs,
        op @ ("Min" | "Max") => {
            let constants = node
                .inputs
                .iter()
                .flatten()
                .filter_map(|value| match value {
                    Value::Constant(tensor) => Some(tensor),
                    Value::Flow(..) => None,
                });
            let constants: Vec<&Tensor> = constants.collect();
            let [constant] = constants[..] else {
                bail!(
                    "{} of {} inputs are constant, expected all but one",
                    constants.len(),
                    node.inputs.len()
                )
            };
            node.flow(usize::from(matches!(node.value(0)?, Value::Constant(_))))?;
            let numbers = constant.floats()?;
            let first = numbers.first().copied().context("no number")?;
            ensure!(
                node.inputs.len() == 2 && numbers.iter().all(|x| *x == first),
                "its constant has several numbers; one limit for all is read"
            );
            match op {
                "Max" if first == 0.0 => Function::Relu,
                "Max" => Function::Clamp(first, f32::MAX),
                _ => Function::Clamp(f32::MIN, first),
            }
        }
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
