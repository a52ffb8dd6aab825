//! A network over windows of readings, by the call that firmware makes.

use super::WIDEST;
use bellwether::model::Scale;
use bellwether::network::quantise;
use bellwether::network::{Activations, CacheLine, Network};
use bellwether::{Model, ModelError};

/// A model's network, with capacity for any model.
#[derive(Debug)]
pub struct Runner<'m> {
    model: Model<'m>,
    network: Network<'m, WIDEST>,
    activations: Box<Activations<WIDEST>>,
}

impl<'m> Runner<'m> {
    /// Of a model.
    ///
    /// # Errors
    /// The network exceeds the capacity.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        Ok(Self {
            model,
            network: Network::new(model)?,
            activations: Box::default(),
        })
    }

    /// The same in less time, on processors that benefit from packed weights.
    pub fn with_packed_weights(self, memory: &'m mut Vec<CacheLine>) -> Self {
        memory.resize(self.network.packed_lines(), CacheLine::ZERO);
        let network = self
            .network
            .with_packed_weights(memory)
            .unwrap_or(self.network);
        Self { network, ..self }
    }

    /// Outputs as integers. Missing values enter as the training mean.
    pub fn steps(&mut self, window: &[f32]) -> &[i16] {
        let grid = self.model.input_grid();
        let places = self.activations.inputs().iter_mut();
        for (place, x) in places.zip(scale(&self.model, window)) {
            *place = quantise(&grid, x).0;
        }
        self.network.run(&mut self.activations)
    }

    /// Outputs in scaled units.
    pub fn outputs(&mut self, window: &[f32]) -> Vec<f32> {
        let grid = self.model.output_grid();
        self.steps(window).iter().map(|q| grid.real(*q)).collect()
    }
}

/// Readings in a model's units; the training mean if missing.
pub fn scale(model: &Model<'_>, window: &[f32]) -> Vec<f32> {
    scaled(|k| model.scale(k), model.feature_count(), window)
}

/// Readings of a window of frames, each scaled; the mean replaces missing ones.
pub fn scaled(scale: impl Fn(usize) -> Scale, features: usize, window: &[f32]) -> Vec<f32> {
    let each = window.iter().enumerate().map(|(k, x)| {
        let scale = scale(k % features);
        scale.apply(if x.is_finite() { *x } else { scale.mean })
    });
    each.collect()
}
