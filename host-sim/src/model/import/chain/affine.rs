//! A factor and an addend per value, and the layers that can take them in.

use crate::model::float::{FloatConv1d, FloatDense, FloatLayer, Function};
use crate::model::import::view::View;
use anyhow::Result;

/// `scale · x + shift`, value by value.
#[derive(Clone, Debug)]
pub(super) struct Affine {
    pub(super) scale: Vec<f64>,
    pub(super) shift: Vec<f64>,
}

impl Affine {
    pub(super) fn none(width: usize) -> Self {
        Self {
            scale: vec![1.0; width],
            shift: vec![0.0; width],
        }
    }

    /// Numbers for the elements of a view, as numbers for a vector. `None` if the view shows a
    /// value several times with different numbers.
    pub(super) fn at(view: &View, scale: &[f64], shift: &[f64], width: usize) -> Option<Self> {
        let mut all = Self::none(width);
        let mut seen = vec![false; width];
        for ((place, scale), shift) in view.places().iter().zip(scale).zip(shift) {
            let place = *place;
            let same = all.scale[place] == *scale && all.shift[place] == *shift;
            if std::mem::replace(&mut seen[place], true) && !same {
                return None;
            }
            (all.scale[place], all.shift[place]) = (*scale, *shift);
        }
        Some(all)
    }

    /// This one first, then the other.
    pub(super) fn then(mut self, next: &Self) -> Self {
        let numbers = self.scale.iter_mut().zip(&mut self.shift);
        for ((scale, shift), (s, t)) in numbers.zip(next.scale.iter().zip(&next.shift)) {
            *shift = *shift * s + t;
            *scale *= s;
        }
        self
    }

    pub(super) fn picked(&self, places: &[usize]) -> Self {
        let pick = |from: &[f64]| places.iter().map(|place| from[*place]).collect();
        Self {
            scale: pick(&self.scale),
            shift: pick(&self.shift),
        }
    }

    /// Takes it into the sums of the layer before; false if it cannot.
    pub(super) fn scales_sums(&self, layer: &mut FloatLayer) -> bool {
        let (function, weights, biases) = match layer {
            FloatLayer::Dense(l) => (l.function, &mut l.weights, &mut l.biases),
            FloatLayer::Conv1d(l) => (l.function, &mut l.weights, &mut l.biases),
            FloatLayer::Lstm(_) | FloatLayer::Gru(_) => return false,
        };
        if function != Function::Linear || !self.repeats(biases.len()) {
            return false;
        }
        let row = weights.len() / biases.len();
        let rows = weights.chunks_mut(row).zip(biases);
        for ((row, bias), (scale, shift)) in rows.zip(self.scale.iter().zip(&self.shift)) {
            row.iter_mut()
                .for_each(|w| *w = (f64::from(*w) * scale) as f32);
            *bias = (f64::from(*bias) * scale + shift) as f32;
        }
        true
    }

    /// Takes it into a layer over frames that comes behind; false if it cannot: numbers differ
    /// from frame to frame, or zeros that a convolution puts around its inputs would be shifted.
    pub(super) fn scales_inputs(&self, layer: &mut FloatLayer) -> bool {
        let (channels, weights, biases) = match layer {
            FloatLayer::Conv1d(l) => {
                let padded = l.before > 0 || l.after > 0;
                if padded && self.shift.iter().any(|t| *t != 0.0) {
                    return false;
                }
                (l.channels, &mut l.weights, &mut l.biases)
            }
            FloatLayer::Lstm(l) | FloatLayer::Gru(l) => (l.channels, &mut l.kernel, &mut l.biases),
            FloatLayer::Dense(_) => return false,
        };
        if !self.repeats(channels) || biases.is_empty() {
            return false;
        }
        let row = weights.len() / biases.len();
        for (row, bias) in weights.chunks_mut(row.max(1)).zip(biases) {
            let mut sum = f64::from(*bias);
            let numbers = self.scale.iter().zip(&self.shift).take(channels).cycle();
            for (weight, (scale, shift)) in row.iter_mut().zip(numbers) {
                sum += f64::from(*weight) * shift;
                *weight = (f64::from(*weight) * scale) as f32;
            }
            *bias = sum as f32;
        }
        true
    }

    /// Whether the numbers are the same after every `period` values.
    fn repeats(&self, period: usize) -> bool {
        let same = |all: &[f64]| {
            let later = all.get(period..).unwrap_or_default();
            later.iter().zip(all).all(|(a, b)| a == b)
        };
        period > 0 && same(&self.scale) && same(&self.shift)
    }

    /// A layer that does nothing else: one channel for each value until the numbers repeat.
    pub(super) fn layer(&self) -> Result<FloatLayer> {
        let width = self.scale.len();
        let periods = (1..=width).filter(|period| width.is_multiple_of(*period));
        let channels = periods.into_iter().find(|period| self.repeats(*period));
        let channels = channels.unwrap_or(width);
        let mut weights = vec![0.0; super::room(&[channels, channels])?];
        let diagonal = weights.iter_mut().step_by(channels + 1);
        for (weight, scale) in diagonal.zip(&self.scale) {
            *weight = *scale as f32;
        }
        let biases = self
            .shift
            .iter()
            .take(channels)
            .map(|t| *t as f32)
            .collect();
        let function = Function::Linear;
        Ok(if channels == width {
            FloatLayer::Dense(FloatDense {
                inputs: width,
                outputs: width,
                weights,
                biases,
                function,
            })
        } else {
            FloatLayer::Conv1d(FloatConv1d {
                frames: width / channels,
                channels,
                filters: channels,
                kernel: 1,
                stride: 1,
                before: 0,
                after: 0,
                weights,
                biases,
                function,
            })
        })
    }
}
