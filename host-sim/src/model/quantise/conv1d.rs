//! Convolutions: the dense layer under the kernel, and how it slides.

use super::dense::Sums;
use super::range::LayerRange;
use super::{Made, Target, dense};
use crate::model::float::{FloatConv1d, FloatDense};
use crate::model::{BlobLayer, Conv1dLayer};
use bellwether::model::QuantParams;

pub(super) fn quantise(
    layer: &FloatConv1d,
    input: &QuantParams,
    target: &Target,
    range: LayerRange,
) -> anyhow::Result<Made> {
    let under = FloatDense {
        inputs: layer.kernel * layer.channels,
        outputs: layer.filters,
        weights: layer.weights.clone(),
        biases: layer.biases.clone(),
        function: layer.function,
    };
    let values = layer.frames_out() * layer.filters;
    let slide = |dense| {
        BlobLayer::Conv1d(Conv1dLayer {
            dense,
            frames: layer.frames,
            channels: layer.channels,
            stride: layer.stride,
            before: layer.before,
            after: layer.after,
            zero: input.zero_point,
        })
    };
    let sums = Sums::new(&under, input, target.per_channel, None, || ());
    dense::quantise((&under, sums), input, target, range, values, slide)
}
