//! Pools and upsampling of int8: sums of weights 0 and ±1 with results of 16 bits, which lose nothing.

use super::sums::{ROUNDED_TWICE, fused};
use super::walk::{Operator, Walk};
use crate::model::WIDEST;
use crate::model::blob::{BlobLayer, Conv1dLayer, LookupLayer};
use crate::model::dense::{Fused, Quantised};
use crate::model::float::{FloatConv1d, FloatLayer, Function};
use crate::model::import::chain::Chain;
use crate::model::import::kernel::Padding;
use crate::model::import::pool::{Pool, enlarged};
use crate::model::import::view::View;
use crate::model::tflite::along;
use crate::model::tflite::fused_code;
use anyhow::{Context, Result, bail, ensure};
use bellwether::model::{self, QuantParams, Rounding};

/// A weight of 1, and what brings it back to 1.
const ONE: f32 = 64.0;

impl<'a> Walk<'a> {
    /// The largest of neighbouring frames.
    pub(super) fn largest(&mut self, operator: &Operator<'a>) -> Result<()> {
        let pool = self.pool(operator)?;
        let input = operator.from.grid()?;
        let positive = self.least().is_some_and(|low| low >= input.zero_point);
        self.exact(operator, fused_code(operator.options, 5)?, |chain| {
            if positive && pool.padding != Padding::NONE {
                chain.function(Function::Relu)?;
            }
            let frames = View::whole(&[pool.frames, pool.channels], WIDEST)?;
            pool.largest(chain, &frames)
        })
    }

    /// The mean of neighbouring frames: their sum in 16 bits, then its nearest part, halves away from 0.
    /// Both are of points, not of values, as the reference's are.
    pub(super) fn mean(&mut self, operator: &Operator<'a>) -> Result<()> {
        let pool = self.pool(operator)?;
        ensure!(
            pool.padding == Padding::NONE && (1..=128).contains(&pool.kernel),
            "tensor `{}`: a kernel of {} with padding of {} and {}; read are 1 to 128 frames without padding",
            operator.to.name,
            pool.kernel,
            pool.padding.before,
            pool.padding.after
        );
        let (input, output) = (operator.from.grid()?, operator.to.grid()?);
        let mut chain = Chain::new(pool.frames * pool.channels)?;
        let frames = View::whole(&[pool.frames, pool.channels], WIDEST)?;
        let given = pool.mean(&mut chain, &frames)?;
        let layers = chain.finish(&given, false)?.layers;
        let [FloatLayer::Conv1d(conv)] = &layers[..] else {
            bail!("a pool of several layers")
        };
        let n = pool.channels;
        let points = QuantParams {
            zero_point: 0,
            ..input
        };
        let whole = QuantParams {
            wide: true,
            ..points
        };
        let sums = copied(
            conv,
            pool.kernel as f32,
            points,
            whole,
            Fused::whole(&whole),
        )?;
        let given = conv.frames_out();
        self.layers.push(
            Conv1dLayer {
                zero: input.zero_point,
                ..sums
            }
            .into(),
        );
        let (_, low, high) = fused(fused_code(operator.options, 5)?, &output)?.limits(&output);
        let parts = Quantised {
            input: whole,
            output: points,
            weight_scales: vec![1.0 / ONE / pool.kernel as f32],
            weights: (0..n * n)
                .map(|k| if k % (n + 1) == 0 { ONE as i8 } else { 0 })
                .collect(),
            biases: vec![0; n],
            fused: Fused::Between(low, high),
            rounding: Some(ROUNDED_TWICE),
            coarse: false,
        };
        self.layers.push(single(parts, given, n)?.into());
        if output.zero_point != 0 {
            // The same points on the grid that they are of.
            self.layers.push(BlobLayer::Lookup(LookupLayer {
                values: given * n,
                wide_inputs: false,
                output,
                function: model::Function::Other,
                table: (-128..128).map(|q: i16| q.clamp(low, high)).collect(),
            }));
        }
        Ok(())
    }

    /// Every frame several times.
    pub(super) fn enlarged(&mut self, operator: &Operator<'a>) -> Result<()> {
        let (from, to) = (operator.from.one_of_batch()?, operator.to.one_of_batch()?);
        let (factor, sizes) = along::enlarged(&from, &to, operator.options)?;
        self.exact(operator, 0, |chain| {
            let frames = View::whole(&[sizes.0, sizes.1], WIDEST)?;
            enlarged(chain, &frames, sizes, factor)
        })
    }

    fn pool(&mut self, operator: &Operator<'a>) -> Result<Pool> {
        let pool = along::pool(&operator.from.one_of_batch()?, operator.options)?;
        let (input, output) = (operator.from.grid()?, operator.to.grid()?);
        ensure!(!input.wide, "tensor `{}` is of int16", operator.from.name);
        ensure!(input.same(&output), "it changes the scale");
        if self.layers.is_empty() {
            self.window = Some(pool.frames);
        }
        Ok(pool)
    }

    /// The smallest point that arrives, if a layer limits it.
    fn least(&self) -> Option<i16> {
        self.layers.last().map(BlobLayer::least)
    }

    /// Appends layers of weights 0 and ±1.
    fn exact(
        &mut self,
        operator: &Operator<'a>,
        code: i8,
        build: impl FnOnce(&mut Chain) -> Result<View>,
    ) -> Result<()> {
        let (mut arriving, output) = (operator.from.grid()?, operator.to.grid()?);
        ensure!(
            !arriving.wide,
            "tensor `{}` is of int16",
            operator.from.name
        );
        ensure!(arriving.same(&output), "it changes the scale");
        let mut chain = Chain::new(operator.from.values()?)?;
        let view = build(&mut chain)?;
        let layers = chain.finish(&view, false)?.layers;
        let last = layers.len().saturating_sub(1);
        for (k, layer) in layers.iter().enumerate() {
            let FloatLayer::Conv1d(conv) = layer else {
                bail!("a layer of another kind")
            };
            let (grid, fused) = if k == last {
                (output, fused(code, &output)?)
            } else {
                let grid = QuantParams {
                    zero_point: 0,
                    wide: true,
                    ..output
                };
                let fused = match conv.function {
                    Function::Relu => Fused::Between(0, i16::MAX),
                    _ => Fused::whole(&grid),
                };
                (grid, fused)
            };
            if self.layers.is_empty() {
                self.window = Some(conv.frames);
            }
            self.layers
                .push(copied(conv, 1.0, arriving, grid, fused)?.into());
            arriving = grid;
        }
        Ok(())
    }
}

/// A convolution whose weights, times a factor, are whole: exact.
fn copied(
    conv: &FloatConv1d,
    times: f32,
    input: QuantParams,
    output: QuantParams,
    fused: Fused,
) -> Result<Conv1dLayer> {
    let weights = conv.weights.iter().map(|w| {
        let weight = (w * times).round();
        (weight.abs() <= 1.0).then_some((weight * ONE) as i8)
    });
    let quantised = Quantised {
        input,
        output,
        weight_scales: vec![1.0 / ONE],
        weights: weights.collect::<Option<_>>().context("weights beyond 1")?,
        biases: vec![0; conv.filters],
        fused,
        rounding: Some(Rounding::Single),
        coarse: false,
    };
    Ok(Conv1dLayer {
        dense: quantised.convert()?,
        frames: conv.frames,
        channels: conv.channels,
        stride: conv.stride,
        before: conv.before,
        after: conv.after,
        zero: input.zero_point,
    })
}

/// A dense layer for every frame.
fn single(quantised: Quantised, frames: usize, channels: usize) -> Result<Conv1dLayer> {
    Ok(Conv1dLayer {
        zero: quantised.input.zero_point,
        dense: quantised.convert()?,
        frames,
        channels,
        stride: 1,
        before: 0,
        after: 0,
    })
}
