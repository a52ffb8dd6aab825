//! Layer by layer from a framework's operators to a [`FloatNet`]: scaling is folded into the
//! weights beside it, data movement into their order.
//!
//! Batch normalisation and constants that are added or multiplied are *pending* until a layer
//! takes them: the one before, if no function lies between, else the one behind. Both are exact,
//! biases included. Folding is computed in f64 and rounded to f32 once.

mod affine;

use super::kernel::{Kernel, Padding};
use super::view::{MOST, View, elements};
use crate::model::WIDEST;
use crate::model::float::{
    FloatConv1d, FloatDense, FloatLayer, FloatNet, FloatRecurrent, Function,
};
use affine::Affine;
use anyhow::{Context, Result, ensure};

/// An unfinished network: the current values of its layers are one vector.
#[derive(Clone, Debug)]
pub struct Chain {
    net: FloatNet,
    /// The file's input that each input of the network is.
    order: Vec<usize>,
    pending: Option<Affine>,
    weights: usize,
    window: Option<usize>,
}

impl Chain {
    /// Before the first layer.
    ///
    /// # Errors
    /// There are no inputs, or too many.
    pub fn new(inputs: usize) -> Result<Self> {
        ensure!(
            (1..=WIDEST).contains(&inputs),
            "{inputs} inputs, must be from 1 to {WIDEST}"
        );
        Ok(Self {
            net: FloatNet {
                inputs,
                layers: Vec::new(),
            },
            order: (0..inputs).collect(),
            pending: None,
            weights: 0,
            window: None,
        })
    }

    /// Frames that enter together, if the first layer takes frames.
    pub const fn window(&self) -> Option<usize> {
        self.window
    }

    /// Every input or output of the last layer, in its order, as one axis.
    fn all(&self) -> Result<View> {
        View::whole(&[self.net.outputs()], WIDEST)
    }

    /// Appends a dense layer whose inputs are the elements of a view.
    ///
    /// # Errors
    /// The layer is inconsistent or too large. So with all layers.
    pub fn dense(&mut self, view: &View, mut layer: FloatDense) -> Result<View> {
        let width = self.net.outputs();
        room(&[layer.outputs.max(1), width])?;
        layer.check()?;
        ensure!(
            layer.inputs == view.len(),
            "it takes {} values, but {} come from before",
            layer.inputs,
            view.len()
        );
        let affine = self.pending.take().unwrap_or_else(|| Affine::none(width));
        let rows = layer.weights.chunks(view.len());
        let mut weights = Vec::with_capacity(layer.outputs * width);
        for (row, bias) in rows.zip(&mut layer.biases) {
            let mut spread = vec![0.0_f64; width];
            let mut sum = f64::from(*bias);
            for (weight, place) in row.iter().zip(view.places()) {
                spread[*place] += f64::from(*weight) * affine.scale[*place];
                sum += f64::from(*weight) * affine.shift[*place];
            }
            weights.extend(spread.into_iter().map(|w| w as f32));
            *bias = sum as f32;
        }
        (layer.inputs, layer.weights) = (width, weights);
        self.push(FloatLayer::Dense(layer))?;
        self.all()
    }

    /// Appends a layer over frames, time-major: the axes of the view are frames and channels.
    /// Gives frames and channels too, or one axis behind a recurrent layer's last state.
    ///
    /// # Errors
    /// The layer is inconsistent or too large.
    pub fn frames(&mut self, view: &View, mut layer: FloatLayer) -> Result<View> {
        let taken = match &layer {
            FloatLayer::Conv1d(conv) => [conv.frames, conv.channels],
            FloatLayer::Lstm(cell) | FloatLayer::Gru(cell) => [cell.frames, cell.channels],
            FloatLayer::Dense(dense) => [1, dense.inputs],
        };
        ensure!(
            view.shape() == taken,
            "it takes {} frames of {} channels, but {:?} come from before",
            taken[0],
            taken[1],
            view.shape()
        );
        layer.check(view.len())?;
        if self.net.layers.is_empty() {
            self.window = Some(taken[0]);
        }
        self.arrange(view.places())?;
        if let Some(affine) = self.pending.take()
            && !affine.scales_inputs(&mut layer)
        {
            self.pending = Some(affine);
            self.settle()?;
        }
        let shape = match &layer {
            FloatLayer::Conv1d(conv) => vec![conv.frames_out(), conv.filters],
            FloatLayer::Lstm(cell) | FloatLayer::Gru(cell) if cell.sequence => {
                vec![cell.frames, cell.units]
            }
            other => vec![other.outputs()],
        };
        self.push(layer)?;
        self.all()?.shaped(&shape)
    }

    /// Applies a dense layer to the last axis; where there are several rows, to each by itself.
    ///
    /// # Errors
    /// The layer is inconsistent or too large.
    pub fn rows(&mut self, view: &View, layer: FloatDense) -> Result<View> {
        let (last, rows) = view.shape().split_last().context("a number without axes")?;
        let frames = rows.iter().product();
        let mut shape = rows.to_vec();
        shape.push(layer.outputs);
        let given = if frames == 1 {
            self.dense(view, layer)?
        } else {
            let layer = Kernel::of(layer).over(frames, 1, Padding::NONE)?;
            self.frames(&view.shaped(&[frames, *last])?, layer)?
        };
        given.shaped(&shape)
    }

    /// Multiplies every element of a view, and adds to it.
    ///
    /// # Errors
    /// As many numbers as elements are needed.
    pub fn affine(&mut self, view: &View, scale: &[f64], shift: &[f64]) -> Result<View> {
        ensure!(
            scale.len() == view.len() && shift.len() == view.len(),
            "{} and {} numbers for {} elements",
            scale.len(),
            shift.len(),
            view.len()
        );
        let mut view = view.clone();
        let affine = match Affine::at(&view, scale, shift, self.net.outputs()) {
            Some(affine) => affine,
            None => {
                // An element that was repeated is no longer the same everywhere.
                self.arrange(view.places())?;
                view = self.all()?.shaped(view.shape())?;
                Affine {
                    scale: scale.to_vec(),
                    shift: shift.to_vec(),
                }
            }
        };
        let affine = match self.pending.take() {
            Some(before) => before.then(&affine),
            None => affine,
        };
        let last = self.net.layers.last_mut();
        if !last.is_some_and(|layer| affine.scales_sums(layer)) {
            self.pending = Some(affine);
        }
        Ok(view)
    }

    /// Applies a function to every value; views stay as they are.
    ///
    /// # Errors
    /// It needs a layer of its own, and the network is too large.
    pub fn function(&mut self, function: Function) -> Result<()> {
        self.settle()?;
        let own = match self.net.layers.last_mut() {
            Some(FloatLayer::Dense(FloatDense { function, .. })) => Some(function),
            Some(FloatLayer::Conv1d(FloatConv1d { function, .. })) => Some(function),
            _ => None,
        };
        let both = own.as_ref().and_then(|own| then(**own, function));
        if let (Some(own), Some(both)) = (own, both) {
            *own = both;
            return Ok(());
        }
        // The same value times 1, one by one.
        self.push(FloatLayer::Conv1d(FloatConv1d {
            frames: self.net.outputs(),
            channels: 1,
            filters: 1,
            kernel: 1,
            stride: 1,
            before: 0,
            after: 0,
            weights: vec![1.0],
            biases: vec![0.0],
            function,
        }))
    }

    /// Whether no value is below 0.
    pub fn is_positive(&self) -> bool {
        let function = match self.net.layers.last() {
            Some(FloatLayer::Dense(layer)) => layer.function,
            Some(FloatLayer::Conv1d(layer)) => layer.function,
            _ => return false,
        };
        self.pending.is_none()
            && match function {
                Function::Relu | Function::Sigmoid => true,
                Function::Clamp(low, _) => low >= 0.0,
                _ => false,
            }
    }

    /// Puts another function in the place of the last one applied.
    pub fn replace_function(&mut self, other: Function) {
        match self.net.layers.last_mut() {
            Some(FloatLayer::Dense(FloatDense { function, .. })) => *function = other,
            Some(FloatLayer::Conv1d(FloatConv1d { function, .. })) => *function = other,
            _ => {}
        }
    }

    /// Keeps values between two numbers where that costs nothing: behind a layer that ends in a clamp.
    pub fn clamped(&mut self, low: f32, high: f32) -> Result<()> {
        let ends_in_clamp = match self.net.layers.last() {
            Some(FloatLayer::Dense(layer)) => layer.function.is_clamp(),
            Some(FloatLayer::Conv1d(layer)) => layer.function.is_clamp(),
            _ => false,
        };
        if ends_in_clamp && self.pending.is_none() && low <= high {
            self.function(Function::Clamp(low, high))?;
        }
        Ok(())
    }

    /// The network. Its outputs are the elements of the view, row by row; if the view has the
    /// shape of the file's input, in the order in which the network takes its inputs. Frames
    /// of a convolution stay frames.
    ///
    /// # Errors
    /// There is no layer, or the result is no network.
    pub fn finish(mut self, view: &View, as_inputs: bool) -> Result<FloatNet> {
        let convolution = matches!(self.net.layers.last(), Some(FloatLayer::Conv1d(_)));
        let places = if as_inputs {
            let each = self.order.iter().map(|k| view.places().get(*k).copied());
            each.flatten().collect()
        } else if convolution && is_order(view.places(), self.net.outputs()) {
            self.all()?.places().to_vec()
        } else {
            view.places().to_vec()
        };
        self.arrange(&places)?;
        self.settle()?;
        self.net.check()?;
        Ok(self.net)
    }

    /// Rearranges values: the new value `k` is the old value `places[k]`. Rows of a dense layer are
    /// reordered, inputs of the network are taken in another order, a recurrent layer gives only
    /// its last state. Elsewhere a dense layer of zeros and ones rearranges.
    fn arrange(&mut self, places: &[usize]) -> Result<()> {
        let width = self.net.outputs();
        if places.iter().copied().eq(0..width) {
            return Ok(());
        }
        if self.net.layers.is_empty() && is_order(places, width) {
            self.order = places.iter().map(|place| self.order[*place]).collect();
        } else if let Some(FloatLayer::Dense(dense)) = self.net.layers.last_mut() {
            self.weights -= dense.weights.len();
            room(&[places.len(), dense.inputs])?;
            let row = |place: &usize| dense.weights.chunks(dense.inputs).nth(*place);
            let rows = places.iter().filter_map(row).flatten().copied();
            let weights: Vec<f32> = rows.collect();
            dense.biases = places.iter().map(|place| dense.biases[*place]).collect();
            (dense.outputs, dense.weights) = (places.len(), weights);
            self.weights += dense.weights.len();
        } else if let Some(cell) = self.last_state(places) {
            cell.sequence = false;
        } else {
            let view = self.all()?.taken(0, places)?;
            room(&[places.len(), places.len()])?;
            let mut weights = vec![0.0; places.len() * places.len()];
            for diagonal in weights.iter_mut().step_by(places.len() + 1) {
                *diagonal = 1.0;
            }
            self.dense(
                &view,
                FloatDense {
                    inputs: places.len(),
                    outputs: places.len(),
                    weights,
                    biases: vec![0.0; places.len()],
                    function: Function::Linear,
                },
            )?;
            return Ok(());
        }
        if let Some(affine) = &mut self.pending {
            *affine = affine.picked(places);
        }
        Ok(())
    }

    /// The last layer, if it is recurrent and these indices are its state after the last frame.
    fn last_state(&mut self, places: &[usize]) -> Option<&mut FloatRecurrent> {
        let width = self.net.outputs();
        match self.net.layers.last_mut() {
            Some(FloatLayer::Lstm(cell) | FloatLayer::Gru(cell)) => {
                let last = width.saturating_sub(cell.units)..width;
                (cell.sequence && places.iter().copied().eq(last)).then_some(cell)
            }
            _ => None,
        }
    }

    /// Turns the pending operation into a layer of its own.
    fn settle(&mut self) -> Result<()> {
        match self.pending.take() {
            Some(affine) => self.push(affine.layer()?),
            None => Ok(()),
        }
    }

    fn push(&mut self, layer: FloatLayer) -> Result<()> {
        self.weights += match &layer {
            FloatLayer::Dense(dense) => dense.weights.len(),
            FloatLayer::Conv1d(conv) => conv.weights.len(),
            FloatLayer::Lstm(cell) | FloatLayer::Gru(cell) => {
                cell.kernel.len() + cell.recurrent.len()
            }
        };
        room(&[self.weights])?;
        // Once more: numbers may have left f32.
        layer.check(self.net.outputs())?;
        self.net.layers.push(layer);
        Ok(())
    }
}

/// Whether that many weights may be had.
fn room(shape: &[usize]) -> Result<usize> {
    elements(shape, MOST)
}

/// Whether each of `0..width` is there exactly once.
fn is_order(places: &[usize], width: usize) -> bool {
    let mut seen = vec![false; width];
    let fresh = |place: &usize| {
        let seen = seen.get_mut(*place);
        seen.is_some_and(|seen| !std::mem::replace(seen, true))
    };
    places.len() == width && places.iter().all(fresh)
}

/// One function behind another, where that is one again.
fn then(first: Function, second: Function) -> Option<Function> {
    let clamp = |function| match function {
        Function::Linear => Some((f32::MIN, f32::MAX)),
        Function::Relu => Some((0.0, f32::MAX)),
        Function::Clamp(low, high) => Some((low, high)),
        _ => None,
    };
    match (first, second) {
        (Function::Linear, other) | (other, Function::Linear) => Some(other),
        _ => {
            let ((a, b), (low, high)) = (clamp(first)?, clamp(second)?);
            let inside = |x: f32| x.max(low).min(high);
            match (inside(a), inside(b)) {
                (0.0, f32::MAX) => Some(Function::Relu),
                (low, high) => Some(Function::Clamp(low, high)),
            }
        }
    }
}

#[cfg(test)]
mod tests;
