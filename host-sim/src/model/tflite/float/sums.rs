//! Operators of sums: dense layers, convolutions and pools along one axis.

use super::{Operator, Walk};
use crate::model::WIDEST;
use crate::model::float::{FloatDense, Function};
use crate::model::import::kernel::{Kernel, Padding};
use crate::model::import::pool::enlarged;
use crate::model::import::view::{View, elements};
use crate::model::tflite::along::{self, Along};
use crate::model::tflite::codes::MAX_POOL_2D;
use crate::model::tflite::tensor::Tensor;
use anyhow::{Result, bail, ensure};

impl<'a> Walk<'a> {
    pub(super) fn dense(&mut self, operator: &Operator<'a>) -> Result<View> {
        let weights = self.constant(operator, 1)?;
        let [outputs, inputs] = weights.shape()?[..] else {
            bail!("weights of {} axes", weights.shape()?.len())
        };
        ensure!(
            inputs > 0 && self.view.len().is_multiple_of(inputs),
            "weights for {inputs} inputs, but {} values come from before",
            self.view.len()
        );
        let layer = FloatDense {
            inputs,
            outputs,
            weights: weights.floats()?,
            biases: self.biases(operator, 2, outputs)?,
            function: Function::Linear,
        };
        let rows = self.view.shaped(&[self.view.len() / inputs, inputs])?;
        let view = self.chain.rows(&rows, layer)?;
        self.fused(operator, 0)?;
        Ok(view)
    }

    pub(super) fn conv(&mut self, operator: &Operator<'a>) -> Result<View> {
        let weights = self.constant(operator, 1)?;
        let along = Along::of(self.view.shape(), &weights.shape()?, operator.options)?;
        let Along {
            frames,
            channels,
            filters,
            kernel,
            stride,
            dilation,
            ..
        } = along;
        let padding = along.padding()?;
        let kernel = Kernel {
            filters,
            kernel,
            channels,
            weights: weights.floats()?,
            biases: self.biases(operator, 2, filters)?,
        };
        let layer = kernel.dilated(dilation)?.over(frames, stride, padding)?;
        let frames = self.view.shaped(&[frames, channels])?;
        let view = self.chain.frames(&frames, layer)?;
        self.fused(operator, 3)?;
        Ok(view)
    }

    pub(super) fn transposed(
        &mut self,
        operator: &Operator<'a>,
        output: &Tensor<'a>,
    ) -> Result<View> {
        ensure!(operator.computed == 2, "its values are constant");
        let weights = self.constant(operator, 1)?;
        let (shape, output) = (weights.shape()?, output.one_of_batch()?);
        let sizes = Along::transposed(self.view.shape(), &shape, &output, operator.options)?;
        let biases = self.biases(operator, 3, sizes.filters)?;
        let frames = self.view.shaped(&[sizes.frames, sizes.channels])?;
        let view = sizes.apply(&mut self.chain, &frames, &weights.floats()?, &biases)?;
        self.fused(operator, 3)?;
        Ok(view)
    }

    pub(super) fn pool(&mut self, code: i32, operator: &Operator<'a>) -> Result<View> {
        let sizes = along::pool(self.view.shape(), operator.options)?;
        let frames = self.view.shaped(&[sizes.frames, sizes.channels])?;
        let view = if code == MAX_POOL_2D {
            sizes.largest(&mut self.chain, &frames)?
        } else {
            ensure!(
                sizes.padding == Padding::NONE,
                "it pads with frames that do not count; pad with `valid`"
            );
            sizes.mean(&mut self.chain, &frames)?
        };
        self.fused(operator, 5)?;
        Ok(view)
    }

    pub(super) fn enlarged(
        &mut self,
        operator: &Operator<'a>,
        output: &Tensor<'a>,
    ) -> Result<View> {
        let output = output.one_of_batch()?;
        let (factor, sizes) = along::enlarged(self.view.shape(), &output, operator.options)?;
        let frames = self.view.shaped(&[sizes.0, sizes.1])?;
        enlarged(&mut self.chain, &frames, sizes, factor)
    }

    /// An input, zeros if absent.
    fn biases(&self, operator: &Operator<'a>, k: usize, outputs: usize) -> Result<Vec<f32>> {
        match operator.inputs.get(k) {
            Some(index) if *index >= 0 => self.constant(operator, k)?.floats(),
            _ => Ok(vec![0.0; elements(&[outputs.max(1)], WIDEST)?]),
        }
    }
}
