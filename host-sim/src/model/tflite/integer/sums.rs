//! Operators of sums: dense layers, and convolutions along one axis.

use super::walk::{Operator, Walk};
use crate::model::WIDEST;
use crate::model::blob::{BlobLayer, Conv1dLayer, DenseLayer};
use crate::model::dense::{Fused, Quantised};
use crate::model::import::kernel::{Padding, dilated};
use crate::model::tflite::along::Along;
use crate::model::tflite::codes::{INT8, INT32, INT64};
use crate::model::tflite::fused_code;
use crate::model::tflite::tensor::TO_INT8;
use anyhow::{Context, Result, bail, ensure};
use bellwether::model::{QuantParams, Rounding};

/// As the reference kernel of FULLY_CONNECTED rounds.
pub(super) const ROUNDED_ONCE: Rounding = Rounding::Single;
/// As those of convolutions round.
pub(super) const ROUNDED_TWICE: Rounding = Rounding::DoubleTiesAway;

/// Frames of a convolution.
struct Slide {
    frames: usize,
    channels: usize,
    stride: usize,
    padding: Padding,
}

impl<'a> Walk<'a> {
    pub(super) fn dense(&mut self, operator: &Operator<'a>, rounding: Rounding) -> Result<()> {
        let quantised = self.sums(operator, fused_code(operator.options, 0)?, rounding)?;
        let outputs = quantised.biases.len().max(1);
        let (each, values) = (quantised.weights.len() / outputs, operator.from.values()?);
        let rows = values.checked_div(each).unwrap_or(0);
        if rows == 1 {
            let all = quantised.converted()?;
            self.layers.extend(all.into_iter().map(BlobLayer::Dense));
            return Ok(());
        }
        ensure!(
            rows > 0 && rows * each == values,
            "weights for {each} inputs, but {values} values come from before"
        );
        // The same layer for each of several rows.
        self.slid(quantised, &Slide::single(rows, each))
    }

    pub(super) fn conv(&mut self, operator: &Operator<'a>, rounding: Rounding) -> Result<()> {
        let weights = self.weights_shape(operator)?;
        let along = Along::of(&operator.from.one_of_batch()?, &weights, operator.options)?;
        let mut quantised = self.sums(operator, fused_code(operator.options, 3)?, rounding)?;
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
        let sizes = (filters, kernel, channels);
        quantised.weights = dilated(&quantised.weights, sizes, dilation)?;
        let slide = Slide {
            frames,
            channels,
            stride,
            padding,
        };
        self.slid(quantised, &slide)
    }

    pub(super) fn transposed(&mut self, operator: &Operator<'a>, rounding: Rounding) -> Result<()> {
        let (weights, output) = (self.weights_shape(operator)?, operator.to.one_of_batch()?);
        let from = operator.from.one_of_batch()?;
        let sizes = Along::transposed(&from, &weights, &output, operator.options)?;
        let mut quantised = self.sums(operator, fused_code(operator.options, 3)?, rounding)?;
        let plain = sizes.plain(&quantised.weights)?;
        ensure!(
            plain.groups * sizes.stride == sizes.given,
            "tensor `{}`: it gives {} frames, no multiple of its stride of {}, which is not read; pad with \
             `same`, or convert without quantisation and pack the float .tflite with --calibration",
            operator.to.name,
            sizes.given,
            sizes.stride
        );
        quantised.weights = plain.weights;
        quantised.biases = quantised.biases.repeat(sizes.stride);
        if quantised.weight_scales.len() > 1 {
            quantised.weight_scales = quantised.weight_scales.repeat(sizes.stride);
        }
        let slide = Slide {
            frames: sizes.frames,
            channels: sizes.channels,
            stride: 1,
            padding: plain.padding,
        };
        self.slid(quantised, &slide)
    }

    /// Every value times 1, on another grid.
    pub(super) fn times_one(&mut self, operator: &Operator<'a>, fused: Fused) -> Result<()> {
        let quantised = Quantised {
            input: operator.from.grid()?,
            output: operator.to.grid()?,
            weight_scales: vec![1.0],
            weights: vec![1],
            biases: vec![0],
            fused,
            rounding: Some(ROUNDED_TWICE),
            coarse: false,
        };
        let slide = Slide::single(room(operator.from.values()?)?, 1);
        self.push(quantised, &slide)
    }

    fn weights_shape(&self, operator: &Operator<'a>) -> Result<Vec<usize>> {
        let weights = operator.constant.context("no weights")?;
        self.graph.tensor(weights)?.shape()
    }

    /// Weights, biases and scales; weights output by output.
    fn sums(&self, operator: &Operator<'a>, fused: i8, rounding: Rounding) -> Result<Quantised> {
        let weights = self
            .graph
            .tensor(operator.constant.context("no weights")?)?;
        let (input, output) = (operator.from.grid()?, operator.to.grid()?);
        let (weight_scales, shape) = (weights.weight_scales()?, weights.shape()?);
        let outputs = shape.first().copied().unwrap_or(0);
        let data = weights.data::<1>(INT8, "int8 weights")?;
        let bias = operator.bias.map(|bias| self.graph.tensor(bias));
        let bias = bias.transpose()?;
        // Convolutions of 16x8, but for those with biases of 32 bits, are rounded once and by multipliers of
        // 15 bits.
        let mut coarse = input.wide && rounding == ROUNDED_TWICE;
        let mut biases = Vec::new();
        if let Some(bias) = bias {
            if input.wide && bias.is(INT64)? {
                let data = bias.data::<8>(INT64, "int64 biases")?.iter();
                let data = data.map(|b| i32::try_from(i64::from_le_bytes(*b)));
                biases = data.collect::<Result<_, _>>().with_context(|| {
                    format!("tensor `{}`: a bias leaves 32 bits; {TO_INT8}", bias.name)
                })?;
            } else {
                coarse = false;
                let data = bias.data::<4>(INT32, "int32 biases")?.iter();
                biases = data.map(|b| i32::from_le_bytes(*b)).collect();
            }
        }
        if biases.is_empty() && outputs <= data.len() {
            biases = vec![0; outputs];
        }
        ensure!(
            biases.len() == outputs,
            "tensor `{}` is for {outputs} outputs, and has {} biases",
            weights.name,
            biases.len()
        );
        let quantised = Quantised {
            input,
            output,
            weight_scales,
            weights: data.iter().map(|b| i8::from_le_bytes(*b)).collect(),
            biases,
            fused: self::fused(fused, &output)?,
            rounding: Some(if coarse { ROUNDED_ONCE } else { rounding }),
            coarse,
        };
        ensure!(
            !input.wide || quantised.fits(),
            "tensor `{}`: sums of int16 activations may leave 32 bits, which the library's have; {TO_INT8}",
            weights.name
        );
        Ok(quantised)
    }

    /// Appends the layers of a convolution over frames.
    fn slid(&mut self, quantised: Quantised, slide: &Slide) -> Result<()> {
        if self.layers.is_empty() {
            self.window = Some(slide.frames);
        }
        self.push(quantised, slide)
    }

    fn push(&mut self, quantised: Quantised, slide: &Slide) -> Result<()> {
        let filters = quantised.biases.len();
        let under = quantised.weights.len() / filters.max(1);
        room(under)?;
        let wide = under / slide.channels.max(1);
        let Padding { before, after } = slide.padding;
        ensure!(
            before + slide.frames + after >= wide,
            "a kernel of {wide} frames gives nothing for {}",
            slide.frames
        );
        let sizes = [wide, slide.stride, before, after];
        ensure!(
            sizes.iter().all(|size| *size <= 255),
            "a kernel of {wide} frames, a stride of {}, padding of {before} and {after}; at most 255 of each \
             are read",
            slide.stride
        );
        let zero = quantised.input.zero_point;
        let mut all = quantised.converted()?.into_iter();
        let first = BlobLayer::from(slide.layer(all.next().context("no layer")?, zero));
        let frames = room(first.outputs())? / filters;
        self.layers.push(first);
        for dense in all {
            let each = Slide::single(frames, filters);
            self.layers.push(each.layer(dense, 0).into());
        }
        Ok(())
    }
}

impl Slide {
    /// Every frame by itself.
    const fn single(frames: usize, channels: usize) -> Self {
        Self {
            frames,
            channels,
            stride: 1,
            padding: Padding::NONE,
        }
    }

    fn layer(&self, dense: DenseLayer, zero: i16) -> Conv1dLayer {
        Conv1dLayer {
            dense,
            frames: self.frames,
            channels: self.channels,
            stride: self.stride,
            before: self.padding.before,
            after: self.padding.after,
            zero,
        }
    }
}

/// A fused activation by its code.
pub(super) fn fused(code: i8, output: &QuantParams) -> Result<Fused> {
    Ok(match code {
        0 => Fused::whole(output),
        1 => Fused::Relu,
        2 => Fused::clamp(-1.0, 1.0, output),
        3 => Fused::clamp(0.0, 6.0, output),
        code => bail!("the fused activation {code} is not read"),
    })
}

/// A number of values that a layer may have.
pub(super) fn room(values: usize) -> Result<usize> {
    ensure!(
        (1..=WIDEST).contains(&values),
        "{values} values, at most {WIDEST} are read; {TO_INT8}"
    );
    Ok(values)
}
