//! An autoencoder of one frame as a [`Detector`].

use super::{Autoencoder, AutoencoderRules};
use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::sample::Frame;

/// An autoencoder over frames of `V` variables, for code that is written for any detector: as
/// [`Autoencoder::observe`], with the model in a `static` and the frame by value (8·V bytes).
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Framed<const V: usize, const N: usize>(pub Autoencoder<N>);

impl<const V: usize, const N: usize> Framed<V, N> {
    /// Has judged nothing.
    pub const fn new() -> Self {
        Self(Autoencoder::new())
    }
}

impl<const V: usize, const N: usize> Detector for Framed<V, N> {
    type Input = Frame<V>;
    type Rules = AutoencoderRules<'static, N>;
    /// It was trained elsewhere.
    const WARM_UP: u16 = 0;
    const STATE_BYTES: usize = size_of::<Self>();

    fn observe(&mut self, rules: &Self::Rules, input: Frame<V>) -> Assessment {
        self.0.observe(rules, &input)
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
