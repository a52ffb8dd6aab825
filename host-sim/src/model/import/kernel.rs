//! Weights of a convolution along the frames, and its padding.

use crate::model::WIDEST;
use crate::model::float::{FloatConv1d, FloatDense, FloatLayer, Function};
use crate::model::import::view::{MOST, elements};
use anyhow::{Context, Result, ensure};

/// `filters` rows of `kernel` frames of `channels` weights.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Values of a frame it gives.
    pub filters: usize,
    /// Frames one output sees.
    pub kernel: usize,
    /// Values of a frame it takes.
    pub channels: usize,
    /// Oldest frame first.
    pub weights: Vec<f32>,
    /// One per filter.
    pub biases: Vec<f32>,
}

/// Frames of zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Padding {
    /// Before the first frame.
    pub before: usize,
    /// Behind the last.
    pub after: usize,
}

impl Padding {
    /// None.
    pub const NONE: Self = Self {
        before: 0,
        after: 0,
    };

    /// As many as give an output for every `stride`-th frame; an odd one comes behind, or
    /// `before`.
    ///
    /// # Errors
    /// A size is out of reach.
    pub fn same(
        frames: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
        odd_before: bool,
    ) -> Result<Self> {
        ensure!(stride > 0, "stride 0");
        let wide = reach(kernel, dilation)?;
        let outputs = frames.div_ceil(stride);
        let last = outputs.saturating_sub(1).checked_mul(stride);
        let needed = last.and_then(|last| last.checked_add(wide));
        let total = needed
            .context("a stride out of reach")?
            .saturating_sub(frames);
        let half = total / 2;
        Ok(if odd_before {
            Self {
                before: total - half,
                after: half,
            }
        } else {
            Self {
                before: half,
                after: total - half,
            }
        })
    }
}

/// Frames from the first that one output sees to the last.
fn reach(kernel: usize, dilation: usize) -> Result<usize> {
    let all = kernel.checked_sub(1).and_then(|k| k.checked_mul(dilation));
    let all = all.filter(|n| *n < WIDEST).map(|n| n + 1);
    all.with_context(|| format!("a kernel of {kernel} frames, dilation {dilation}"))
}

/// Weights by filter, frame and channel, with zeros for the frames that a dilation leaves out.
///
/// # Errors
/// They are not as many as the sizes say, or would be too many.
pub fn dilated<T: Copy + Default>(
    weights: &[T],
    (filters, kernel, channels): (usize, usize, usize),
    dilation: usize,
) -> Result<Vec<T>> {
    let wide = reach(kernel, dilation)?;
    ensure!(dilation > 0, "dilation 0");
    let size = elements(&[filters, wide, channels], MOST)?;
    ensure!(
        weights.len() == filters * kernel * channels,
        "{} weights for {filters} filters, {kernel} frames and {channels} channels",
        weights.len()
    );
    let mut all = vec![T::default(); size];
    for (k, frame) in weights.chunks(channels).enumerate() {
        let (filter, at) = (k / kernel, k % kernel * dilation);
        let start = (filter * wide + at) * channels;
        all[start..start + channels].copy_from_slice(frame);
    }
    Ok(all)
}

impl Kernel {
    /// A dense layer for one frame.
    pub fn of(layer: FloatDense) -> Self {
        Self {
            filters: layer.outputs,
            kernel: 1,
            channels: layer.inputs,
            weights: layer.weights,
            biases: layer.biases,
        }
    }

    /// With zeros for the frames that a dilation leaves out.
    ///
    /// # Errors
    /// It would be too large.
    pub fn dilated(self, dilation: usize) -> Result<Self> {
        let sizes = (self.filters, self.kernel, self.channels);
        Ok(Self {
            weights: dilated(&self.weights, sizes, dilation)?,
            kernel: reach(self.kernel, dilation)?,
            ..self
        })
    }

    /// The layer over that many frames.
    ///
    /// # Errors
    /// It gives no frame.
    pub fn over(self, frames: usize, stride: usize, padding: Padding) -> Result<FloatLayer> {
        let Padding { before, after } = padding;
        ensure!(
            before.max(after).max(frames) <= WIDEST,
            "{before} + {frames} + {after} frames"
        );
        let layer = FloatConv1d {
            frames,
            channels: self.channels,
            filters: self.filters,
            kernel: self.kernel,
            stride,
            before,
            after,
            weights: self.weights,
            biases: self.biases,
            function: Function::Linear,
        };
        ensure!(
            layer.frames_out() > 0,
            "a kernel of {} frames and a stride of {stride} give nothing for {before} + {frames} \
             + {after} frames",
            layer.kernel
        );
        Ok(FloatLayer::Conv1d(layer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: one filter, two frames of two channels, every third frame.
    #[test]
    fn a_dilated_kernel_has_zeros_between() {
        let kernel = Kernel {
            filters: 1,
            kernel: 2,
            channels: 2,
            weights: vec![1.0, 2.0, 3.0, 4.0],
            biases: vec![0.0],
        };
        let wide = kernel.clone().dilated(3).unwrap();
        assert_eq!(wide.kernel, 4);
        assert_eq!(wide.weights, [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 4.0]);
        assert!(kernel.clone().dilated(0).is_err());
        assert!(kernel.dilated(usize::MAX).is_err());
    }

    /// The rule of TensorFlow: 5 frames, kernel 4, stride 2 give 3 outputs and need 3 more frames.
    #[test]
    fn padding_that_keeps_the_length_puts_the_odd_frame_behind() {
        let both = |odd_before| Padding::same(5, 4, 2, 1, odd_before).unwrap();
        let (before, after) = (1, 2);
        assert_eq!(both(false), Padding { before, after });
        let (before, after) = (2, 1);
        assert_eq!(both(true), Padding { before, after });
        assert_eq!(Padding::same(5, 1, 2, 1, false).unwrap(), Padding::NONE);
    }
}
