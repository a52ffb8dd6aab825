//! All scores of a model over rows, identical to the firmware's.

use crate::model::WIDEST;
use anyhow::Context;
use bellwether::autoencoder::{self, Alarm, Autoencoder, Contribution};
use bellwether::model::{Score, Threshold};
use bellwether::network::CacheLine;
use bellwether::{Assessment, Model};

/// A model that scores, with capacity for any model.
#[derive(Debug)]
pub struct ModelScorer<'m> {
    rules: autoencoder::Rules<'m, WIDEST>,
    detector: Box<Autoencoder<WIDEST>>,
    alarm: Alarm,
}

impl<'m> ModelScorer<'m> {
    /// With the model's thresholds; a model without any has one that nothing exceeds.
    ///
    /// # Errors
    /// The model's outputs have no scores.
    pub fn new(model: Model<'m>) -> anyhow::Result<Self> {
        let scores = model.head().scores();
        let first = scores
            .first()
            .context("the model's outputs have no scores")?;
        let rules = if model.thresholds().next().is_some() {
            autoencoder::Rules::new(model)?
        } else {
            autoencoder::Rules::new(autoencoder::Settings {
                model,
                threshold: Some(Threshold::by_hand(*first, f32::MAX)),
            })?
        };
        Ok(Self {
            rules,
            detector: Box::default(),
            alarm: Alarm::new(),
        })
    }

    /// The same in less time, on processors that benefit from packed weights.
    pub fn with_packed_weights(self, memory: &'m mut Vec<CacheLine>) -> Self {
        memory.resize(self.rules.network().packed_lines(), CacheLine::ZERO);
        let rules = self.rules.with_packed_weights(memory).unwrap_or(self.rules);
        Self { rules, ..self }
    }

    /// Assesses a window.
    pub fn observe(&mut self, window: &[f32]) -> Assessment {
        self.detector.assess(&self.rules, window)
    }

    /// One of the last window's scores; 0 if the head does not have it.
    pub fn score(&self, score: Score) -> f32 {
        self.detector.scores().get(score)
    }

    /// The same without the model's limits: alarms are made by its thresholds.
    pub fn by_thresholds(self) -> Self {
        let rules = self.rules.by_thresholds();
        Self { rules, ..self }
    }

    /// The surprise of the last alarm; 0 of a model without limits.
    pub fn surprise(&self) -> f32 {
        self.alarm.surprise.total()
    }

    /// Applies the model's limits or moving threshold, and its k of n: assessments in, alarms out.
    pub fn alarm(&mut self, answer: Assessment) -> Assessment {
        self.alarm.observe(&self.rules, &self.detector, answer)
    }

    /// Number of assessments since the run of a confirmed alarm began, 0 for the last one; `None`
    /// without such an alarm.
    pub fn alarm_age(&self) -> Option<u32> {
        let age = self.alarm.confirmation.began().unwrap_or(0);
        self.alarm.is_confirmed().then_some(age)
    }

    /// The variable with the largest contribution to the last window's score: by its error, or, if
    /// outputs are no reconstruction, by the score without it (an inference per variable).
    pub fn cause(&mut self, window: &[f32]) -> Option<Contribution> {
        let [cause] = if self.rules.model().reconstructed() > 0 {
            self.detector.top(&self.rules, window)
        } else {
            self.detector.occluded(&self.rules, window)
        };
        cause
    }

    /// The detector.
    pub const fn detector(&self) -> &Autoencoder<WIDEST> {
        &self.detector
    }
}
