//! All scores of a model over rows, as firmware would make them.

use super::WIDEST;
use anyhow::Context;
use bellwether::autoencoder::{Autoencoder, AutoencoderRules};
use bellwether::model::{Score, Threshold};
use bellwether::{Assessment, Model};

/// A model that judges, with room for any model.
#[derive(Debug)]
pub struct Judge<'m> {
    rules: AutoencoderRules<'m, WIDEST>,
    detector: Box<Autoencoder<WIDEST>>,
}

impl<'m> Judge<'m> {
    /// With the model's thresholds, or, if it has none, with one that nothing exceeds.
    ///
    /// # Errors
    /// The model's outputs have no scores.
    pub fn new(model: Model<'m>) -> anyhow::Result<Self> {
        let scores = model.head().scores();
        let first = scores
            .first()
            .context("the model's outputs have no scores")?;
        let rules = if model.thresholds().next().is_some() {
            AutoencoderRules::new(model)?
        } else {
            AutoencoderRules::with_threshold(model, Threshold::by_hand(*first, f32::MAX))?
        };
        Ok(Self {
            rules,
            detector: Box::default(),
        })
    }

    /// Judges a window.
    pub fn observe(&mut self, window: &[f32]) -> Assessment {
        self.detector.observe(&self.rules, window)
    }

    /// The last window's score; `None` where it could not be judged.
    pub fn score(&self, score: Score) -> f32 {
        self.detector.scores().get(score)
    }

    /// The detector.
    pub const fn detector(&self) -> &Autoencoder<WIDEST> {
        &self.detector
    }
}
