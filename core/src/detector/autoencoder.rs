//! Autoencoders with int8 weights: a trained network in flash reconstructs its inputs.
//!
//! An input that it cannot reconstruct is anomalous (Borghesi et al., 2019, arXiv 1811.05269).
//! Inference takes integers only and is exact: every target gives the bits of the framework whose
//! rounding the model names. Per dense layer, with weights `w`, biases `b` and multiplier `M`:
//!
//! ```text
//! q_x = clamp(round_half_even(x / s) + z, -128, 127)      or 16 bits, where the model says so
//! acc = b + sum w·q                                       i32, zero point folded into b
//! q   = clamp(R(acc · M) + z_out, low, high)              R: Rounding; low and high: activation
//! ```
//!
//! The model's [`Head`] names the meaning of the outputs: a reconstruction, a reconstruction with
//! expected variances, a point near a centre, or a discriminator's logit. All answer with an
//! [`Assessment`].
//!
//! The network is trained elsewhere; nothing is learned here.

mod alarm;
pub mod contribution;
mod reason;
mod score;
pub mod windowed;

pub use alarm::Alarm;
pub use contribution::Contribution;
pub use reason::Reason;
pub use score::Scores;
pub use windowed::Windowed;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::error::{Allowed, SettingsError};
use crate::math::sqrt;
use crate::model::{Head, Limits, Model, QuantParams, Threshold};
use crate::network::input::{quantise, scaled};
use crate::network::{Activations, CacheLine, Network, PackingTooSmall};
use crate::sample::{Cause, Reading, Tick};
use contribution::largest;
use core::num::NonZeroUsize;
use score::{Compare, negative_log_likelihood, precision, sum_of};

/// Most further inferences for an input with absent values.
pub const COMPLETIONS: usize = 16;

/// A trained network and an optional threshold. A [`Model`] converts into settings with its own
/// thresholds.
///
/// ```
/// # use bellwether::model::Aligned;
/// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/examples/pump.bwm"
/// # )));
/// use bellwether::Model;
/// use bellwether::autoencoder::{Rules, Settings};
/// use bellwether::model::{Score, Threshold};
/// let model = Model::parse(&PUMP.0)?;
/// let threshold = Some(Threshold::by_hand(Score::MeanSquare, 0.5));
/// let rules = Rules::<4>::new(Settings { model, threshold })?;
/// assert_eq!(rules.thresholds().next(), threshold);
/// assert_eq!(Rules::<4>::new(model)?.thresholds().next(), model.thresholds().next());
/// let refused = Rules::<2>::new(model).unwrap_err();
/// assert_eq!(refused.to_string(), "arena must be at least 4, found 2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<'m> {
    /// The network, with its thresholds.
    pub model: Model<'m>,
    /// One threshold in place of the model's.
    pub threshold: Option<Threshold>,
}

impl<'m> From<Model<'m>> for Settings<'m> {
    fn from(model: Model<'m>) -> Self {
        Self {
            model,
            threshold: None,
        }
    }
}

/// Checked [`Settings`]: a model that fits an arena of `N` values, and at least one threshold.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<'m, const N: usize> {
    network: Network<'m, N>,
    by_hand: Option<Threshold>,
    by_limits: bool,
}

impl<'m, const N: usize> Rules<'m, N> {
    /// Checks a model, or a model with a threshold.
    ///
    /// # Errors
    /// `arena` is too small for the model; the model has no `thresholds`; or the `threshold` is not
    /// finite, or belongs to a `score` that the model lacks.
    pub fn new(settings: impl Into<Settings<'m>>) -> Result<Self, SettingsError> {
        let Settings { model, threshold } = settings.into();
        match threshold {
            None => {
                let found = model.thresholds().count();
                if found == 0 {
                    let allowed = Allowed::AtLeast(1.0);
                    return Err(SettingsError::new("model.thresholds", 0.0, allowed));
                }
            }
            Some(Threshold { score, value, .. }) => {
                if !value.is_finite() {
                    let allowed = Allowed::Within(f32::MIN, f32::MAX);
                    return Err(SettingsError::new("threshold.value", value, allowed));
                }
                let known = model.head().scores();
                if !known.contains(&score) {
                    let codes = known.iter().map(|score| score.code());
                    let first = codes.clone().min().unwrap_or(0);
                    let last = codes.max().unwrap_or(0);
                    let allowed = Allowed::Within(first.into(), last.into());
                    let found = f32::from(score.code());
                    return Err(SettingsError::new("threshold.score", found, allowed));
                }
            }
        }
        let needed = model.arena_len();
        let network = Network::new(model)
            .map_err(|_| SettingsError::new("arena", N as f32, Allowed::AtLeast(needed as f32)))?;
        Ok(Self {
            network,
            by_hand: threshold,
            by_limits: threshold.is_none(),
        })
    }

    /// As [`Network::with_packed_weights`].
    ///
    /// # Errors
    /// The memory is too short.
    pub fn with_packed_weights(self, memory: &'m mut [CacheLine]) -> Result<Self, PackingTooSmall> {
        let network = self.network.with_packed_weights(memory)?;
        Ok(Self { network, ..self })
    }

    /// The network.
    pub const fn network(&self) -> &Network<'m, N> {
        &self.network
    }

    /// The model.
    pub const fn model(&self) -> &Model<'m> {
        self.network.model()
    }

    /// The thresholds, in the order of their comparison.
    pub fn thresholds(&self) -> impl Iterator<Item = Threshold> + use<'m, N> {
        let own = self.model().thresholds();
        let by_hand = self.by_hand;
        by_hand
            .into_iter()
            .chain(own.filter(move |_| by_hand.is_none()))
    }

    /// The same without the model's limits: [`Alarm`] judges by the thresholds.
    #[must_use]
    pub const fn by_thresholds(self) -> Self {
        Self {
            by_limits: false,
            ..self
        }
    }

    /// The limits that [`Alarm`] judges by; `None` if it judges by the thresholds: without limits in
    /// the model, with a threshold by hand, or after [`Self::by_thresholds`].
    pub fn limits(&self) -> Option<Limits> {
        self.model().limits().filter(|_| self.by_limits)
    }

    fn compare(&self) -> Compare {
        Compare::new(self.model().input_grid(), self.model().output_grid())
    }

    /// Number of inputs before the compared ones.
    const fn skipped(&self) -> usize {
        let model = self.model();
        model.inputs().saturating_sub(model.reconstructed())
    }

    /// Predicted log-variance of a value, or `None` if the network is too uncertain; 0 for heads
    /// that predict none.
    fn certain(&self, outputs: &[i16], value: usize) -> Option<f32> {
        let model = self.model();
        if model.head() != Head::Likelihood {
            return Some(0.0);
        }
        let at = model.reconstructed().saturating_add(value);
        let grid = QuantParams {
            scale: model.second_scale(),
            ..model.output_grid()
        };
        let log = grid.real(outputs.get(at).copied()?);
        (log <= model.max_log_variance()).then_some(log)
    }
}

/// An autoencoder over whole inputs of a model. All zeros when new.
///
/// The state is the activations and the numbers of the last assessment: [`Activations`] and 40
/// bytes more. Only the tick is carried from one input to the next.
///
/// ```
/// # use bellwether::model::Aligned;
/// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/examples/pump.bwm"
/// # )));
/// use bellwether::{Alert, Autoencoder, Model, Monitor, model};
/// const ARENA: usize = model::arena_len(&PUMP.0);
/// let model = Model::parse(&PUMP.0)?; // a motor's °C and W, which rise and fall together
/// let mut state = Autoencoder::<ARENA>::new(); // firmware: a `static` cell
/// let mut monitor = Monitor::new(&mut state, model.into())?;
/// assert_eq!(monitor.observe([40.5, 91.5]).alert(), Alert::None);
/// let hot = [42.5, 91.5];
/// assert_eq!(monitor.observe(hot).alert(), Alert::Single);
/// let [Some(most)] = monitor.detector().top::<1>(monitor.rules(), hot) else {
///     panic!("an anomaly has a largest contribution");
/// };
/// let names: Vec<&str> = model.features().map(|feature| feature.name).collect();
/// assert_eq!((names[most.feature], most.value, most.expected), ("motor", 42.5, 41.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Autoencoder<const N: usize> {
    pub(super) clock: Clock,
    activations: Activations<N>,
    scores: Scores,
    saturated: u16,
    /// The reason's code, 0 for none. An `Option<Reason>` would not be all zeros when `None`.
    reason: u8,
}

impl<const N: usize> Autoencoder<N> {
    /// An autoencoder before its first input.
    pub const fn new() -> Self {
        Self {
            clock: Clock::new(),
            activations: Activations::new(),
            scores: Scores::ZERO,
            saturated: 0,
            reason: 0,
        }
    }

    /// Assesses one input: [`Model::inputs`] readings or numbers (NaN is missing), frames of a
    /// window oldest first. Cost: [`Model::macs`] steps and one division per input.
    ///
    /// An absent value enters as the training data's mean and is left out of the score; a short
    /// slice lacks its last values. Where the network reconstructs it, the reconstruction takes the
    /// mean's place and the network runs again until nothing changes, at most [`COMPLETIONS`] times:
    /// errors of the present values are then close to those of a whole input. A factor makes good for
    /// the rest: errors in the scores of a reconstruction are multiplied by the share of its values that
    /// are present, so that a fault must be larger by as much. Further readings are ignored. The answer
    /// is `Blind` with fewer than half of the inputs, or fewer than half of the reconstructed ones. If
    /// the network is too uncertain of every present value, the answer is `Normal` without a score.
    pub fn assess<I>(&mut self, rules: &Rules<'_, N>, inputs: I) -> Assessment
    where
        I: IntoIterator<Item: Into<Reading>, IntoIter: Clone>,
    {
        let readings = inputs.into_iter().map(Into::into);
        self.reason = 0;
        match self.evaluate(rules, readings) {
            Some(cause) => Assessment::blind(cause),
            None => {
                let (answer, reason) = self.judge(rules, rules.thresholds());
                self.reason = reason;
                answer
            }
        }
    }

    /// Runs the network and computes the scores; returns the first cause of absence if too few
    /// values are present.
    fn evaluate(
        &mut self,
        rules: &Rules<'_, N>,
        readings: impl Iterator<Item = Reading> + Clone,
    ) -> Option<Cause> {
        (self.scores, self.saturated) = (Scores::ZERO, 0);
        let (blind, incomplete) = self.enter(rules, readings.clone());
        if blind.is_none() {
            rules.network.run(&mut self.activations);
            if incomplete {
                self.complete(rules, &readings);
            }
            self.scores = match rules.model().head() {
                Head::Outputs => Scores::ZERO,
                Head::Reconstruction | Head::Likelihood => self.errors(rules, readings),
                Head::Distance => self.distance(rules),
                Head::Logit => Scores {
                    head: self.real_outputs(rules).next().unwrap_or(0.0),
                    ..Scores::ZERO
                },
            };
        }
        blind
    }

    /// Quantises the inputs; returns the first cause of absence if too few are present, and whether a
    /// value is absent that the network may reconstruct.
    fn enter(
        &mut self,
        rules: &Rules<'_, N>,
        readings: impl Iterator<Item = Reading>,
    ) -> (Option<Cause>, bool) {
        let model = rules.model();
        let (grid, skipped) = (model.input_grid(), rules.skipped());
        let (mut absent, mut unscored, mut cause) = (0, 0, None);
        let mut clipped = 0_u16;
        let places = self.activations.inputs();
        // A chain of iterators takes less time from inside than a loop around it.
        scaled(model, readings).enumerate().for_each(|(k, scaled)| {
            let (q, saturated) = quantise(&grid, scaled.x);
            if let Some(place) = places.get_mut(k) {
                *place = q;
            }
            match scaled.absent {
                None => clipped = clipped.saturating_add(saturated.into()),
                Some(why) => {
                    absent += 1;
                    unscored += usize::from(k >= skipped);
                    cause = cause.or(Some(why));
                }
            }
        });
        self.saturated = clipped;
        let reconstructed = model.reconstructed();
        let few = 2 * absent > model.inputs() || 2 * unscored > reconstructed.max(unscored);
        (cause.filter(|_| few), unscored > 0)
    }

    /// Runs the network again with reconstructions in the place of absent values, if it has any.
    fn complete(
        &mut self,
        rules: &Rules<'_, N>,
        readings: &(impl Iterator<Item = Reading> + Clone),
    ) {
        let model = rules.model();
        let (input, output) = (model.input_grid(), model.output_grid());
        if model.reconstructed() == 0 {
            return;
        }
        let mut before = 0_i32;
        for _ in 0..COMPLETIONS {
            let from = rules.network.outputs_at();
            let moved = (from, rules.skipped(), model.reconstructed());
            self.activations.move_values(moved);
            let all = scaled(model, readings.clone()).enumerate();
            let mut sum = 0_i32;
            for ((k, scaled), place) in all.zip(self.activations.inputs()) {
                let completed = scaled.absent.is_some() && k >= rules.skipped();
                let x = if completed {
                    output.real(*place)
                } else {
                    scaled.x
                };
                *place = quantise(&input, x).0;
                if completed {
                    // A number that changes when one of them does.
                    sum = sum.wrapping_mul(31).wrapping_add(i32::from(*place));
                }
            }
            rules.network.run(&mut self.activations);
            if sum == before {
                break;
            }
            before = sum;
        }
    }

    /// The present values in order: index among the inputs, index among the outputs, scaled value,
    /// and output.
    fn pairs<'a>(
        &'a self,
        rules: &'a Rules<'_, N>,
        readings: impl Iterator<Item = Reading> + 'a,
    ) -> impl Iterator<Item = (usize, usize, f32, i16)> + 'a {
        let (model, outputs) = (rules.model(), rules.network.outputs(&self.activations));
        let outputs = outputs.get(..model.reconstructed()).unwrap_or(outputs);
        let skipped = rules.skipped();
        let all = scaled(model, readings).enumerate().skip(skipped);
        all.filter_map(move |(k, scaled)| {
            let value = k.wrapping_sub(skipped);
            let output = *outputs.get(value)?;
            let pair = (k, value, scaled.x, output);
            scaled.absent.is_none().then_some(pair)
        })
    }

    fn errors(
        &self,
        rules: &Rules<'_, N>,
        readings: impl Iterator<Item = Reading> + Clone,
    ) -> Scores {
        let compare = rules.compare();
        if rules.model().head() != Head::Likelihood {
            let pairs = self.pairs(rules, readings);
            let scores = compare.scores(pairs.map(|(_, _, x, output)| (x, output)));
            return scores.of_share(rules.model().reconstructed());
        }
        let outputs = self.outputs(rules);
        let certain = |value| rules.certain(outputs, value);
        let all = self.pairs(rules, readings.clone()).count();
        let pairs = self.pairs(rules, readings.clone());
        let pairs = pairs.filter(|(_, value, ..)| certain(*value).is_some());
        let scores = compare.scores(pairs.map(|(_, _, x, output)| (x, output)));
        let pairs = self.pairs(rules, readings);
        let terms = pairs.filter_map(|(_, value, x, output)| {
            certain(value).map(|log| (compare.error(x, output), log))
        });
        Scores {
            head: negative_log_likelihood(terms),
            uncertain: (all as u16).saturating_sub(scores.compared),
            ..scores
        }
    }

    fn real_outputs<'a>(&'a self, rules: &'a Rules<'_, N>) -> impl Iterator<Item = f32> + 'a {
        let grid = rules.model().output_grid();
        self.outputs(rules).iter().map(move |q| grid.real(*q))
    }

    fn distance(&self, rules: &Rules<'_, N>) -> Scores {
        let model = rules.model();
        let squares = self.real_outputs(rules).enumerate().map(|(k, output)| {
            let distance = output - model.centre(k);
            distance * distance
        });
        let (sum, count) = sum_of(squares);
        Scores {
            head: sum,
            compared: count as u16,
            ..Scores::ZERO
        }
    }

    /// Compares the scores, and returns the answer and the code of its reason. The first exceeded
    /// threshold decides, then the limit of saturated inputs; else the first threshold is reported.
    fn judge(
        &self,
        rules: &Rules<'_, N>,
        thresholds: impl Iterator<Item = Threshold>,
    ) -> (Assessment, u8) {
        let mut first = None;
        for threshold in thresholds.filter(|_| self.scores.exist()) {
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
                return (answer, Reason::Score(threshold.score).code());
            }
            first = first.or(Some(answer));
        }
        match rules.model().saturation_limit() {
            Some(limit) if self.saturated > limit => {
                let answer = Assessment {
                    score: Some(f32::from(self.saturated)),
                    threshold: Some(f32::from(limit)),
                    ..Assessment::bare(State::Anomalous)
                };
                (answer, Reason::Saturated.code())
            }
            _ => (first.unwrap_or(Assessment::bare(State::Normal)), 0),
        }
    }

    /// Scores of the last input; zeros if it was not assessed.
    pub const fn scores(&self) -> &Scores {
        &self.scores
    }

    /// Number of saturated inputs of the last call: those clipped to the ends of their grid.
    pub const fn saturated(&self) -> u16 {
        self.saturated
    }

    /// The reason why the last input was anomalous; `None` if it was not.
    pub fn reason(&self) -> Option<Reason> {
        Reason::from_code(self.reason)
    }

    /// The network's outputs for the last assessed input.
    pub fn outputs(&self, rules: &Rules<'_, N>) -> &[i16] {
        rules.network.outputs(&self.activations)
    }

    /// The contribution of every value to the last assessment, in order. Absent values, and those
    /// of which the network is too uncertain, are left out. `inputs` are those of the last call:
    /// the state does not keep them. Empty for heads without a reconstruction: see
    /// [`occluded`](Self::occluded).
    pub fn contributions<'a, I>(
        &'a self,
        rules: &'a Rules<'_, N>,
        inputs: I,
    ) -> impl Iterator<Item = Contribution> + 'a
    where
        I: IntoIterator<Item: Into<Reading> + 'a, IntoIter: 'a>,
    {
        let readings = inputs.into_iter().map(Into::into);
        let (model, compare) = (rules.model(), rules.compare());
        let (grid, outputs) = (model.output_grid(), self.outputs(rules));
        let features = feature_count(model);
        let pairs = self.pairs(rules, readings);
        pairs.filter_map(move |(k, value, x, output)| {
            let log = rules.certain(outputs, value)?;
            let scale = model.scale(k % features);
            Some(Contribution {
                feature: k % features,
                frame: k / features,
                value: scale.invert(x),
                expected: scale.invert(grid.real(output)),
                error: compare.error(x, output) * sqrt(precision(log)),
            })
        })
    }

    /// The `K` largest contributions, largest first. `inputs` are those of the last call.
    pub fn top<const K: usize>(
        &self,
        rules: &Rules<'_, N>,
        inputs: impl IntoIterator<Item: Into<Reading>>,
    ) -> [Option<Contribution>; K] {
        largest(self.contributions(rules, inputs))
    }

    /// The `K` variables with the largest effect on the score, for heads without a reconstruction.
    ///
    /// Each variable in turn is replaced by its training mean in all frames. Its error is the score
    /// less the score without the variable; its value is the newest present one. Cost: one
    /// inference per variable, so call it after an alarm. Afterwards the scores are those of
    /// `inputs` again; the outputs are not.
    pub fn occluded<const K: usize, I>(
        &mut self,
        rules: &Rules<'_, N>,
        inputs: I,
    ) -> [Option<Contribution>; K]
    where
        I: IntoIterator<Item: Into<Reading>, IntoIter: Clone>,
    {
        let readings = inputs.into_iter().map(Into::into);
        let model = rules.model();
        let features = feature_count(model);
        let score = rules.thresholds().next().map(|threshold| threshold.score);
        let Some(score) = score.or(model.head().scores().first().copied()) else {
            return [None; K];
        };
        let (scores, saturated) = (self.scores, self.saturated);
        let readings = readings.take(model.inputs()).enumerate();
        let without = (0..features.get()).filter_map(|feature| {
            let own = readings.clone().filter(|(k, _)| *k % features == feature);
            let usable = own.filter_map(|(k, reading)| Some((k, reading.usable().ok()?)));
            let (newest, value) = usable.last()?;
            let mean = model.scale(feature).mean;
            let others = readings.clone().map(|(k, reading)| {
                if k % features == feature {
                    Reading::Value(mean)
                } else {
                    reading
                }
            });
            self.evaluate(rules, others);
            Some(Contribution {
                feature,
                frame: newest / features,
                value,
                expected: mean,
                error: scores.get(score) - self.scores.get(score),
            })
        });
        let top = largest(without);
        (self.scores, self.saturated) = (scores, saturated);
        top
    }
}

/// Number of values in a frame, as a type that tells the compiler that division is safe.
fn feature_count(model: &Model<'_>) -> NonZeroUsize {
    NonZeroUsize::new(model.feature_count()).unwrap_or(NonZeroUsize::MIN)
}

impl<const N: usize> Default for Autoencoder<N> {
    fn default() -> Self {
        Self::new()
    }
}

/// Every frame is a whole input of the model, assessed on its own. Ticks need only advance.
impl<const N: usize> Detector for Autoencoder<N> {
    type Settings<'r> = Settings<'r>;
    type Rules<'r> = Rules<'r, N>;
    const MAX_VARIABLES: usize = N;

    fn warm_up(_: &Rules<'_, N>) -> u32 {
        0
    }

    fn observe(&mut self, rules: &Rules<'_, N>, tick: Tick, frame: &[Reading]) -> Assessment {
        match self.clock.advance(tick) {
            Some(_) => self.assess(rules, frame),
            None => Assessment::blind(Blindness::OutOfOrder),
        }
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<'m, const N: usize> TryFrom<Settings<'m>> for Rules<'m, N> {
    type Error = SettingsError;

    fn try_from(settings: Settings<'m>) -> Result<Self, SettingsError> {
        Self::new(settings)
    }
}
