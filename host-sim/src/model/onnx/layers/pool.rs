//! Pools and upsampling along one axis, as convolutions.

use super::along::Along;
use crate::model::WIDEST;
use crate::model::import::chain::Chain;
use crate::model::import::kernel::Padding;
use crate::model::import::pool::{Pool, enlarged};
use crate::model::import::view::View;
use crate::model::onnx::node::Node;
use anyhow::{Result, bail, ensure};

/// The axis of the frames among those behind the channels, the channels, and the frames.
fn frames_of(shape: &[usize]) -> Result<(usize, usize, usize)> {
    match *shape {
        [1, c, t] | [1, c, t, 1] => Ok((0, c, t)),
        [1, c, 1, t] => Ok((1, c, t)),
        _ => bail!("input {shape:?}; read are a batch of 1 and one axis beside the channels"),
    }
}

/// The frames of a view through a step of the chain, back in the view's order of axes.
fn through(
    view: &View,
    (kept, channels, frames): (usize, usize, usize),
    step: impl FnOnce(&View) -> Result<View>,
) -> Result<View> {
    let given = step(&view.shaped(&[channels, frames])?.transposed(None)?)?;
    let mut shape = view.shape().to_vec();
    shape[2 + kept] = given.shape()[0];
    given.transposed(None)?.shaped(&shape)
}

/// The mean or the largest of neighbouring frames.
pub fn pool(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = node.flow(0)?.clone();
    let at @ (kept, channels, frames) = frames_of(view.shape())?;
    let along = Along {
        node,
        axes: view.shape().len() - 2,
        kept,
    };
    let sizes = node.ints("kernel_shape").unwrap_or_default();
    ensure!(
        sizes.len() == along.axes && (0..sizes.len()).all(|k| k == kept || sizes[k] == 1),
        "`kernel_shape` is {sizes:?}; read is one axis"
    );
    ensure!(node.int("ceil_mode", 0) == 0, "ceil_mode");
    let (kernel, stride) = (along.number("kernel_shape")?, along.number("strides")?);
    ensure!(along.number("dilations")? == 1, "dilations");
    let padding = along.padding((frames, kernel), stride, 1, None)?;
    let pool = Pool {
        frames,
        channels,
        kernel,
        stride,
        padding,
    };
    through(&view, at, |view| {
        if node.op() == "MaxPool" {
            pool.largest(chain, view)
        } else {
            let counted = node.int("count_include_pad", 0) != 0;
            ensure!(
                counted || padding == Padding::NONE,
                "pads {} and {} that do not count; export with count_include_pad=True, or without padding",
                padding.before,
                padding.after
            );
            pool.mean(chain, view)
        }
    })
}

/// The mean of all frames.
pub fn global_mean(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = node.flow(0)?.clone();
    let at @ (_, channels, frames) = frames_of(view.shape())?;
    let pool = Pool {
        frames,
        channels,
        kernel: frames,
        stride: 1,
        padding: Padding::NONE,
    };
    through(&view, at, |view| pool.mean(chain, view))
}

/// Every frame several times: Upsample, or Resize to the nearest.
pub fn upsample(chain: &mut Chain, node: &Node<'_>) -> Result<View> {
    let view = node.flow(0)?.clone();
    let at @ (kept, channels, frames) = frames_of(view.shape())?;
    let mode = node.text("mode", "nearest");
    ensure!(
        mode == "nearest",
        "mode {mode}; only nearest is read: train with it, or with a transposed convolution"
    );
    let resize = node.op() == "Resize";
    if resize {
        let (place, side) = (
            node.text("coordinate_transformation_mode", "half_pixel"),
            node.text("nearest_mode", "round_prefer_floor"),
        );
        // For whole factors these name the same frame.
        let known = match &*place {
            "asymmetric" => side == "floor",
            "half_pixel" | "half_pixel_symmetric" | "pytorch_half_pixel" => {
                matches!(&*side, "round_prefer_floor" | "round_prefer_ceil")
            }
            _ => false,
        };
        ensure!(
            known,
            "{place} with {side} is not read; export with asymmetric and floor"
        );
    }
    let rank = view.shape().len();
    let factors: Vec<f64> = match node.optional(if resize { 2 } else { 1 })? {
        Some(scales) if scales.shape != [0] => {
            scales.floats()?.iter().copied().map(f64::from).collect()
        }
        _ => match node.optional(3)? {
            Some(sizes) if resize => {
                let pairs = sizes.ints()?.iter().zip(view.shape());
                pairs.map(|(to, from)| *to as f64 / *from as f64).collect()
            }
            _ => {
                let all = node.attribute("scales").map(|a| a.floats.as_slice());
                all.unwrap_or_default()
                    .iter()
                    .copied()
                    .map(f64::from)
                    .collect()
            }
        },
    };
    ensure!(
        factors.len() == rank && (0..rank).all(|k| k == 2 + kept || factors[k] == 1.0),
        "factors {factors:?}; read is one axis"
    );
    let factor = factors[2 + kept];
    ensure!(
        factor.fract() == 0.0 && (1.0..=WIDEST as f64).contains(&factor),
        "a factor of {factor}, must be whole"
    );
    let factor = factor as usize;
    through(&view, at, |view| {
        enlarged(chain, view, (frames, channels), factor)
    })
}
