//! The LSTM of RePAD2's public implementation, really trained.
//!
//! A training is 50 epochs of Adam from the same seed each time (see
//! [`crate::detector::repad2::lstm::time_index`]). The forecast is constant until the next
//! training, so a trained model is one number.

use super::min_max::MinMax;
use super::{Fit, Predictor};
use crate::detector::repad2::CONTEXT;
use crate::detector::repad2::lstm::{EPOCHS, time_index::Training};
use crate::math::{Libm, Math};
use core::marker::PhantomData;
use serde::{Deserialize, Serialize};

/// A trained forecast. `M` chooses the functions training uses.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(bound = "")]
pub struct FixedSeedLstm<M = Libm> {
    forecast: f32,
    #[serde(skip)]
    #[cfg_attr(feature = "defmt", defmt(Debug2Format))]
    math: PhantomData<M>,
}

/// Scratch of a training; 1.5 KiB.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Trainer {
    busy: bool,
    scale: MinMax,
    training: Training,
}

impl<M: Math> Predictor for FixedSeedLstm<M> {
    const NAME: &'static str = "fixed-seed-lstm";
    const FUNCTIONS: &'static str = M::NAME;
    type Trainer = Trainer;
    const IDLE: Trainer = Trainer {
        busy: false,
        scale: MinMax::ZERO,
        training: Training::IDLE,
    };
    const UNTRAINED: Self = Self {
        forecast: 0.0,
        math: PhantomData,
    };
    const EPOCHS: u16 = EPOCHS;

    fn fit_step(trainer: &mut Trainer, context: &[f32; CONTEXT], budget: &mut u16) -> Fit<Self> {
        if !trainer.busy {
            trainer.busy = true;
            trainer.scale = MinMax::of(context);
            trainer
                .training
                .start(context.map(|v| trainer.scale.scale(v)));
        }
        let epochs = trainer.training.left().min(*budget);
        (0..epochs).for_each(|_| trainer.training.step::<M>());
        *budget -= epochs;
        if trainer.training.left() > 0 {
            return Fit::Pending;
        }
        trainer.busy = false;
        let forecast = trainer.scale.restore(trainer.training.forecast::<M>());
        Fit::Done(Self {
            forecast,
            math: PhantomData,
        })
    }

    fn predict(&self, _: &[f32; CONTEXT]) -> f32 {
        self.forecast
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::repad2::predictor::fit;
    use crate::math::{Micromath, Pade};

    /// The four trainings published for the recipe.
    pub const PUBLISHED: [([f32; 3], f64); 4] = [
        ([91.958, 94.798, 92.208], 93.61739349),
        ([94.798, 92.208, 93.722], 93.94783783),
        ([34.324, 34.324, 34.322], 34.32332230),
        ([5.0, 5.0, 5.0], 5.02217817),
    ];

    #[test]
    fn published_trainings_are_reproduced() {
        for (context, published) in PUBLISHED {
            let ours = f64::from(fit::<FixedSeedLstm>(&context).predict(&context));
            assert!(
                (ours - published).abs() < 1e-6 * published,
                "{context:?}: {ours}"
            );
        }
    }

    #[test]
    fn cheaper_functions_stay_close() {
        for (context, published) in PUBLISHED {
            let pade = f64::from(fit::<FixedSeedLstm<Pade>>(&context).predict(&context));
            assert!(
                (pade - published).abs() < 1e-3 * published,
                "{context:?}: {pade}"
            );
            let micro = f64::from(fit::<FixedSeedLstm<Micromath>>(&context).predict(&context));
            assert!(
                (micro - published).abs() < 1e-2 * published,
                "{context:?}: {micro}"
            );
        }
    }

    /// Broken if a cut training forgets or repeats an epoch.
    #[test]
    fn training_in_steps_equals_training_at_once() {
        let context = [91.958, 94.798, 92.208];
        let whole = fit::<FixedSeedLstm>(&context);
        for slice in [1, 7, 49, 50] {
            let mut trainer = FixedSeedLstm::<Libm>::IDLE;
            let mut calls = 1;
            let cut: FixedSeedLstm = loop {
                match FixedSeedLstm::fit_step(&mut trainer, &context, &mut slice.clone()) {
                    Fit::Done(model) => break model,
                    Fit::Pending => calls += 1,
                }
            };
            assert_eq!(cut.forecast.to_bits(), whole.forecast.to_bits());
            assert_eq!(calls, EPOCHS.div_ceil(slice));
        }
    }
}
