//! Variant S as a predictor: an LSTM over the values themselves.
//!
//! See [`crate::detector::repad2::lstm::sequence`]. An option, not the default: 2.1 KiB per model.

use super::min_max::FLAT_RANGE;
use super::{Fit, Predictor, low_high};
use crate::detector::repad2::CONTEXT;
use crate::detector::repad2::lstm::{EPOCHS, Weights, sequence::Training};
use crate::math::{Libm, Math};
use core::marker::PhantomData;
use serde::{Deserialize, Serialize};

/// A trained recurrent network and the scale of its training.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(bound = "")]
pub struct SequenceLstm<M = Libm> {
    low: f32,
    range: f32,
    weights: Weights,
    #[serde(skip)]
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    math: PhantomData<M>,
}

/// Scratch of a training; 6.5 KiB.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Trainer {
    busy: bool,
    low: f32,
    range: f32,
    training: Training,
}

impl<M: Math> Predictor for SequenceLstm<M> {
    const NAME: &'static str = "sequence-lstm";
    const FUNCTIONS: &'static str = M::NAME;
    type Trainer = Trainer;
    const IDLE: Trainer = Trainer {
        busy: false,
        low: 0.0,
        range: 0.0,
        training: Training::IDLE,
    };
    const UNTRAINED: Self = Self {
        low: 0.0,
        range: 0.0,
        weights: Weights::ZERO,
        math: PhantomData,
    };
    const EPOCHS: u16 = EPOCHS;

    fn fit_step(trainer: &mut Trainer, context: &[f32; CONTEXT], budget: &mut u16) -> Fit<Self> {
        if !trainer.busy {
            trainer.busy = true;
            let (low, high) = low_high(context);
            trainer.low = low;
            trainer.range = if high - low < FLAT_RANGE {
                1.0
            } else {
                high - low
            };
            trainer
                .training
                .start(context.map(|v| (v - low) / trainer.range));
        }
        let epochs = trainer.training.left().min(*budget);
        (0..epochs).for_each(|_| trainer.training.step::<M>());
        *budget -= epochs;
        if trainer.training.left() > 0 {
            return Fit::Pending;
        }
        trainer.busy = false;
        let Trainer {
            low,
            range,
            ref training,
            ..
        } = *trainer;
        Fit::Done(Self {
            low,
            range,
            weights: training.weights.clone(),
            math: PhantomData,
        })
    }

    fn predict(&self, context: &[f32; CONTEXT]) -> f32 {
        let scaled = context.map(|v| (v - self.low) / self.range);
        self.weights.run::<M>(&scaled) * self.range + self.low
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::repad2::predictor::fit;

    /// Check values of an independent f64 implementation.
    #[test]
    fn published_trainings_are_reproduced() {
        const PUBLISHED: [([f32; 3], f64); 2] = [
            ([91.958, 94.798, 92.208], 93.220425),
            ([94.798, 92.208, 93.722], 94.283624),
        ];
        for (context, published) in PUBLISHED {
            let ours = f64::from(fit::<SequenceLstm>(&context).predict(&context));
            assert!(
                (ours - published).abs() < 2e-6 * published,
                "{context:?}: {ours}"
            );
        }
    }
}
