//! Trivial predictors: the yardstick the trained ones must beat, and proof of the trait.

use super::{Fit, Predictor};
use crate::detector::repad2::CONTEXT;
use serde::{Deserialize, Serialize};

/// Expects the last value again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Persistence;

impl Predictor for Persistence {
    const NAME: &'static str = "persistence";
    type Trainer = ();
    const IDLE: () = ();
    const UNTRAINED: Self = Self;
    const EPOCHS: u16 = 0;

    fn fit_step(_: &mut (), _: &[f32; CONTEXT], _: &mut u16) -> Fit<Self> {
        Fit::Done(Self)
    }

    fn predict(&self, context: &[f32; CONTEXT]) -> f32 {
        let [.., last] = context;
        *last
    }
}

/// Expects the exponentially weighted mean, weight 1/4 on the newest value. Training restarts
/// it on the mean of the context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ewma {
    level: f32,
}

const NEWEST: f32 = 0.25;

impl Predictor for Ewma {
    const NAME: &'static str = "ewma";
    type Trainer = ();
    const IDLE: () = ();
    const UNTRAINED: Self = Self { level: 0.0 };
    const EPOCHS: u16 = 0;

    fn fit_step(_: &mut (), [a, b, c]: &[f32; CONTEXT], _: &mut u16) -> Fit<Self> {
        Fit::Done(Self {
            level: a / 3.0 + b / 3.0 + c / 3.0,
        })
    }

    fn predict(&self, _: &[f32; CONTEXT]) -> f32 {
        self.level
    }

    fn follow(&mut self, value: f32) {
        self.level += NEWEST * (value - self.level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::repad2::predictor::fit;

    #[test]
    fn persistence_repeats_and_ewma_forgets_by_quarters() {
        assert_eq!(
            fit::<Persistence>(&[1.0, 2.0, 3.0]).predict(&[4.0, 5.0, 6.0]),
            6.0
        );
        let mut model = fit::<Ewma>(&[3.0, 3.0, 3.0]);
        assert_eq!(model.predict(&[0.0; 3]), 3.0);
        model.follow(7.0);
        assert_eq!(model.predict(&[0.0; 3]), 4.0);
    }
}
