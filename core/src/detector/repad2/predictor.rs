//! One-step-ahead predictors of one variable, behind one trait.
//!
//! A prediction is a pure function of the model and the three values before the predicted one.
//! Training uses scratch memory (`Trainer`) that all lanes share. It can be cut into epochs, so
//! that the work per frame is bounded.

mod baseline;
mod fixed_seed;
pub(crate) mod min_max;
mod sequence;
mod tabulated;
pub(crate) mod tabulated_curves;

pub use baseline::{Ewma, Persistence};
pub use fixed_seed::FixedSeedLstm;
pub use sequence::SequenceLstm;
pub use tabulated::TabulatedLstm;

use crate::detector::repad2::CONTEXT;
use core::fmt::Debug;
use serde::{Serialize, de::DeserializeOwned};

/// Result of a call to [`Predictor::fit_step`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Fit<F> {
    /// The budget is used up; call again to continue.
    Pending,
    /// The trained model. The trainer is idle again.
    Done(F),
}

/// A model that predicts a variable's next value.
///
/// Implementers guarantee that calls with the same arguments and trainer state agree to the bit,
/// and that `predict` never mutates. A non-finite prediction is allowed; it counts as the largest
/// error. For users, a trainer that returned `Pending` belongs to that context until `Done`.
///
/// ```
/// use bellwether::repad2::predictor::{Fit, Predictor};
/// use bellwether::repad2::{Repad2, Settings};
/// use bellwether::{Monitor, State};
/// /// Expects the mean of the context it was fitted on.
/// #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
/// struct Mean(f32);
/// impl Predictor for Mean {
///     const NAME: &'static str = "mean";
///     type Trainer = ();
///     const IDLE: () = ();
///     const UNTRAINED: Self = Mean(0.0);
///     const EPOCHS: u16 = 0;
///     fn fit_step((): &mut (), context: &[f32; 3], _: &mut u16) -> Fit<Self> {
///         Fit::Done(Mean(context.iter().sum::<f32>() / 3.0))
///     }
///     fn predict(&self, _: &[f32; 3]) -> f32 {
///         self.0
///     }
/// }
/// let mut state = Repad2::<64, Mean>::new();
/// let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
/// for k in 0..20 {
///     monitor.observe([20.0 + (k % 2) as f32]);
/// }
/// assert_eq!(monitor.observe([50.0]).state, State::Anomalous);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
pub trait Predictor: Clone + Debug + Serialize + DeserializeOwned {
    /// Name in reports, tables and snapshot shapes.
    const NAME: &'static str;
    /// Name of the training's functions ([`crate::math`]), for snapshot shapes; empty if none.
    const FUNCTIONS: &'static str = "";
    /// Scratch memory of a training.
    type Trainer: Clone + Debug;
    /// A trainer without work.
    const IDLE: Self::Trainer;
    /// An untrained model; all zeros.
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

    /// Takes every usable value after its assessment. Only models with memory need it.
    fn follow(&mut self, _value: f32) {}
}

/// Trains to the end in one call.
pub fn fit<F: Predictor>(context: &[f32; CONTEXT]) -> F {
    let mut trainer = F::IDLE;
    let mut budget = u16::MAX;
    match F::fit_step(&mut trainer, context, &mut budget) {
        Fit::Done(model) => model,
        Fit::Pending => F::UNTRAINED,
    }
}

/// Smallest and largest of three finite values.
pub(crate) fn low_high([a, b, c]: &[f32; CONTEXT]) -> (f32, f32) {
    (a.min(*b).min(*c), a.max(*b).max(*c))
}
