//! Convolutions along one axis.

use super::along::Along;
use super::spread;
use crate::model::WIDEST;
use crate::model::import::chain::Chain;
use crate::model::import::kernel::{Kernel, dilated};
use crate::model::import::transposed::Transposed;
use crate::model::import::view::{MOST, View, elements};
use crate::model::onnx::node::Node;
use anyhow::{Context, Result, bail, ensure};

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
    let along = Along {
        node,
        axes: view.shape().len() - 2,
        kept,
    };
    let (stride, dilation) = (along.number("strides")?, along.number("dilations")?);
    let padding = along.padding((frames, kernel), stride, dilation, zeros)?;
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

/// A transposed convolution along one axis.
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
    // By filter, tap and channel.
    let weights = weights.seen(&weights.view()?.transposed(Some(&[1, 2, 0]))?)?;
    let weights = dilated(weights.floats()?, (filters, kernel, channels), dilation)?;
    let biases = match node.optional(2)? {
        Some(biases) => spread(biases, &[filters])?,
        None => vec![0.0; filters],
    };
    let sizes = Transposed {
        frames,
        channels,
        filters,
        kernel: dilation * (kernel - 1) + 1,
        stride,
        before,
        given,
    };
    let time_major = view.shaped(&[channels, frames])?.transposed(None)?;
    let given = sizes.apply(chain, &time_major, &weights, &biases)?;
    given.transposed(None)?.shaped(&[1, filters, sizes.given])
}
