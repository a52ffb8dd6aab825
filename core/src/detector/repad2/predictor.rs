//! One-step-ahead predictors of one variable, behind one trait.
//!
//! A prediction is a pure function of the model and the three values before the predicted
//! one. Training uses scratch memory (`Trainer`) that all lanes share and can be cut into
//! epochs, so that the work per frame is bounded.

mod baseline;
mod fixed_seed;
mod sequence;
mod tabulated;
mod tabulated_curves;

pub use baseline::{Ewma, Persistence};
pub use fixed_seed::FixedSeedLstm;
pub use sequence::SequenceLstm;
pub use tabulated::TabulatedLstm;
pub use tabulated_curves::{CURVES, FLAT, POINTS};

use crate::detector::repad2::CONTEXT;
use core::fmt::Debug;
use serde::{Serialize, de::DeserializeOwned};

/// Result of a call to [`Predictor::fit_step`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fit<F> {
    /// The budget is used up; call again to go on.
    Pending,
    /// The trained model. The trainer is idle again.
    Done(F),
}

/// A model that predicts a variable's next value.
///
/// Implementers: no two calls with the same arguments and trainer state may differ by a bit;
/// `predict` never mutates. A non-finite prediction is allowed: the lane takes it as the
/// largest error. Users: a trainer that returned `Pending` belongs to that context until
/// `Done`.
pub trait Predictor: Clone + Debug + Serialize + DeserializeOwned {
    /// Name in reports, tables and snapshot shapes.
    const NAME: &'static str;
    /// Name of the functions a training uses ([`crate::math`]), for snapshot shapes; empty if
    /// none.
    const FUNCTIONS: &'static str = "";
    /// Scratch memory of a training.
    type Trainer: Clone + Debug;
    /// A trainer without work.
    const IDLE: Self::Trainer;
    /// A model that was not trained; all zeros.
    const UNTRAINED: Self;
    /// Epochs of one training; 0 if fitting is a single bounded step.
    const EPOCHS: u16;

    /// Begins (if the trainer is idle) or continues training on three finite values, oldest
    /// first, spending at most `budget` epochs and subtracting them from it.
    fn fit_step(
        trainer: &mut Self::Trainer,
        context: &[f32; CONTEXT],
        budget: &mut u16,
    ) -> Fit<Self>;

    /// The value expected after the three given, oldest first.
    fn predict(&self, context: &[f32; CONTEXT]) -> f32;

    /// Sees every usable value after it was judged. Only models with memory need it.
    fn follow(&mut self, _value: f32) {}
}

/// Trains to the end at once.
pub fn fit<F: Predictor>(context: &[f32; CONTEXT]) -> F {
    let mut trainer = F::IDLE;
    let mut budget = u16::MAX;
    match F::fit_step(&mut trainer, context, &mut budget) {
        Fit::Done(model) => model,
        Fit::Pending => F::UNTRAINED,
    }
}

/// Min-max scaling of a context to [0, 1], with the constant rule of the recipe: a range below
/// ten machine epsilons is not scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, serde::Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MinMax {
    factor: f32,
    offset: f32,
}

/// Smallest range that is scaled.
pub(crate) const FLAT_RANGE: f32 = 10.0 * f32::EPSILON;

impl MinMax {
    pub(crate) const ZERO: Self = Self {
        factor: 0.0,
        offset: 0.0,
    };

    /// The scale of a context.
    pub fn of(context: &[f32; CONTEXT]) -> Self {
        let (low, high) = low_high(context);
        let range = high - low;
        let factor = if range < FLAT_RANGE { 1.0 } else { 1.0 / range };
        Self {
            factor,
            offset: 0.0 - low * factor,
        }
    }

    /// Value to scaled value.
    pub fn scale(&self, value: f32) -> f32 {
        value * self.factor + self.offset
    }

    /// Scaled value to value.
    pub fn restore(&self, scaled: f32) -> f32 {
        (scaled - self.offset) / self.factor
    }
}

/// Smallest and largest of three finite values.
pub(crate) fn low_high([a, b, c]: &[f32; CONTEXT]) -> (f32, f32) {
    (a.min(*b).min(*c), a.max(*b).max(*c))
}
