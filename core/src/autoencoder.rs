//! Autoencoders with int8 weights: a trained network in flash reconstructs its inputs, and what
//! it cannot reconstruct is anomalous (Borghesi et al., 2019, arXiv 1811.05269).
//!
//! Inference is integers only, and exact: every target gives the bits of the framework whose
//! rounding the model names. Per dense layer, with weights `w`, biases `b` and multiplier `M`:
//!
//! ```text
//! q_x = clamp(round_half_even(x / s) + z, -128, 127)      or 16 bits, where the model says so
//! acc = b + sum w·q                                       i32, zero point folded into b
//! q   = clamp(R(acc · M) + z_out, low, high)              R: Rounding; low and high: activation
//! ```
//!
//! The network is trained elsewhere; nothing is learned here.

pub mod contribution;
mod conv1d;
pub mod dense;
pub mod framed;
pub mod input;
mod kernel;
pub mod network;
mod recurrent;
pub mod requantise;
pub mod score;

pub use contribution::Contribution;
pub use framed::Framed;
pub use network::{Activations, Network};
pub use score::Scores;

use crate::assessment::{Assessment, State};
use crate::model::{Head, Model, ModelError, Score, Threshold};
use crate::sample::{Cause, Reading};
use contribution::largest;
use input::{quantise, scaled};
use score::Compare;

/// What an autoencoder judges by: a model that fits `N` values and reconstructs its inputs,
/// and thresholds. Checked once.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AutoencoderRules<'m, const N: usize> {
    network: Network<'m, N>,
    by_hand: Option<Threshold>,
}

impl<'m, const N: usize> AutoencoderRules<'m, N> {
    /// With the model's own thresholds.
    ///
    /// # Errors
    /// The model is too wide, does not reconstruct, or has no threshold.
    pub fn new(model: Model<'m>) -> Result<Self, ModelError> {
        if model.thresholds().next().is_none() {
            return Err(ModelError::Uncalibrated);
        }
        Self::checked(model, None)
    }

    /// With one threshold in place of the model's.
    ///
    /// # Errors
    /// The model is too wide or does not reconstruct, or the threshold is not a finite number.
    pub fn with_threshold(model: Model<'m>, threshold: Threshold) -> Result<Self, ModelError> {
        if !threshold.value.is_finite() {
            return Err(ModelError::Uncalibrated);
        }
        Self::checked(model, Some(threshold))
    }

    fn checked(model: Model<'m>, by_hand: Option<Threshold>) -> Result<Self, ModelError> {
        if model.head() != Head::Reconstruction {
            return Err(ModelError::Uncalibrated);
        }
        let network = Network::new(model)?;
        Ok(Self { network, by_hand })
    }

    /// The network.
    pub const fn network(&self) -> &Network<'m, N> {
        &self.network
    }

    /// The model.
    pub const fn model(&self) -> &Model<'m> {
        self.network.model()
    }

    fn compare(&self) -> Compare {
        Compare::new(self.model().input_grid(), self.model().output_grid())
    }

    /// Inputs before those that are reconstructed.
    const fn skipped(&self) -> usize {
        self.model().inputs().saturating_sub(self.model().outputs())
    }
}

/// Why an input was judged anomalous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reason {
    /// This score was above its threshold.
    Score(Score),
    /// More inputs than the model's limit lay outside their grid, which clips them: the
    /// assessment's score and threshold are these counts.
    Outside,
}

/// An autoencoder's state: activations and the numbers of the last judgement; nothing is
/// carried from one input to the next. [`Activations`] and 20 bytes more; all zeros when new.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Autoencoder<const N: usize> {
    activations: Activations<N>,
    scores: Scores,
    outside: u16,
    /// 0 none, 1 outside, else the score's code and 2: a new state is all zeros, as `None` of
    /// an enum is not.
    reason: u8,
}

impl<const N: usize> Autoencoder<N> {
    /// Bytes of state: all the memory used between calls.
    pub const STATE_BYTES: usize = size_of::<Self>();

    /// Has judged nothing.
    pub const fn new() -> Self {
        Self {
            activations: Activations::new(),
            scores: Scores::ZERO,
            outside: 0,
            reason: 0,
        }
    }

    /// Judges one input: [`Model::inputs`] readings, or numbers of which a NaN is missing,
    /// frames of a window oldest first. [`Model::macs`] steps and one division per input.
    ///
    /// What is absent (and what a short slice lacks) enters as the training data's mean and is
    /// left out of the score; with fewer than half of the inputs, or of those that are
    /// reconstructed, the answer is `Blind`. Further readings are ignored.
    pub fn observe<T: Copy + Into<Reading>>(
        &mut self,
        rules: &AutoencoderRules<'_, N>,
        inputs: &[T],
    ) -> Assessment {
        (self.scores, self.outside, self.reason) = (Scores::ZERO, 0, 0);
        let model = rules.model();
        if let Some(cause) = self.enter(rules, inputs) {
            return Assessment::blind(cause);
        }
        rules.network.run(&mut self.activations);
        let pairs = scaled(model, inputs)
            .skip(rules.skipped())
            .zip(rules.network.outputs(&self.activations))
            .filter(|(scaled, _)| scaled.absent.is_none());
        self.scores = rules
            .compare()
            .scores(pairs.map(|(s, output)| (s.x, *output)));
        self.judge(rules)
    }

    /// Quantises the inputs; the first cause of absence, if too few are there.
    fn enter<T: Copy + Into<Reading>>(
        &mut self,
        rules: &AutoencoderRules<'_, N>,
        inputs: &[T],
    ) -> Option<Cause> {
        let model = rules.model();
        let grid = model.input_grid();
        let (mut absent, mut unscored, mut cause) = (0, 0, None);
        for (k, scaled) in scaled(model, inputs).enumerate() {
            let (q, outside) = quantise(&grid, scaled.x);
            if let Some(place) = self.activations.inputs().get_mut(k) {
                *place = q;
            }
            match scaled.absent {
                None => self.outside = self.outside.saturating_add(outside.into()),
                Some(why) => {
                    absent += 1;
                    unscored += usize::from(k >= rules.skipped());
                    cause = cause.or(Some(why));
                }
            }
        }
        cause.filter(|_| 2 * absent > model.inputs() || 2 * unscored > model.outputs())
    }

    /// The first threshold that is exceeded decides; else the limit of inputs outside; else
    /// the first threshold is reported.
    fn judge(&mut self, rules: &AutoencoderRules<'_, N>) -> Assessment {
        let mut first = None;
        let own = rules.model().thresholds();
        let own = own.filter(|_| rules.by_hand.is_none());
        for threshold in rules.by_hand.into_iter().chain(own) {
            let score = self.scores.get(threshold.score);
            let state = if score > threshold.value {
                State::Anomalous
            } else {
                State::Normal
            };
            let answer = Assessment {
                score: Some(score),
                threshold: Some(threshold.value),
                ..Assessment::bare(state)
            };
            if state == State::Anomalous {
                self.reason = 2 + threshold.score.code();
                return answer;
            }
            first = first.or(Some(answer));
        }
        match rules.model().outside_limit() {
            Some(limit) if self.outside > limit => {
                self.reason = 1;
                Assessment {
                    score: Some(f32::from(self.outside)),
                    threshold: Some(f32::from(limit)),
                    ..Assessment::bare(State::Anomalous)
                }
            }
            _ => first.unwrap_or(Assessment::blind(Cause::Missing)),
        }
    }

    /// Scores of the last input; zeros if it could not be judged.
    pub const fn scores(&self) -> &Scores {
        &self.scores
    }

    /// Inputs of the last call that lay outside their grid and were clipped to it.
    pub const fn outside(&self) -> u16 {
        self.outside
    }

    /// Why the last input was anomalous, if it was.
    pub fn reason(&self) -> Option<Reason> {
        match self.reason.checked_sub(2) {
            None => (self.reason == 1).then_some(Reason::Outside),
            Some(code) => {
                let score = Score::ALL.into_iter().find(|score| score.code() == code);
                score.map(Reason::Score)
            }
        }
    }

    /// The network's outputs for the last input that could be judged.
    pub fn outputs(&self, rules: &AutoencoderRules<'_, N>) -> &[i16] {
        rules.network.outputs(&self.activations)
    }

    /// The part of every value in the last judgement, in order, absent ones left out. `inputs`
    /// are those of that call: they are not kept.
    pub fn contributions<'a, T: Copy + Into<Reading>>(
        &'a self,
        rules: &'a AutoencoderRules<'_, N>,
        inputs: &'a [T],
    ) -> impl Iterator<Item = Contribution> + 'a {
        let (model, compare) = (rules.model(), rules.compare());
        let output_grid = model.output_grid();
        let targets = scaled(model, inputs).enumerate().skip(rules.skipped());
        targets
            .zip(self.outputs(rules))
            .filter_map(move |((k, scaled), &output)| {
                let features = model.feature_count().max(1);
                let scale = model.scale(k % features);
                scaled.absent.is_none().then(|| Contribution {
                    feature: k % features,
                    frame: k / features,
                    value: scale.invert(scaled.x),
                    expected: scale.invert(output_grid.real(output)),
                    error: compare.error(scaled.x, output),
                })
            })
    }

    /// The `K` values with the largest errors, largest first. `inputs` are those of the last
    /// call.
    pub fn top<const K: usize, T: Copy + Into<Reading>>(
        &self,
        rules: &AutoencoderRules<'_, N>,
        inputs: &[T],
    ) -> [Option<Contribution>; K] {
        largest(self.contributions(rules, inputs))
    }
}

impl<const N: usize> Default for Autoencoder<N> {
    fn default() -> Self {
        Self::new()
    }
}
