//! One lane: RePAD2 (Lee and Lin, 2023) over one variable.
//!
//! With T counting usable values from 0, D actual, F predicted, M the model:
//!
//! ```text
//! e(y)     = |D[y] - F[y]| / max(|D[y]|, floor)
//! score(T) = (e(T-2) + e(T-1) + e(T)) / 3                       T >= 5
//! threshold(T) = mean + k·σ of the last W scores, this one included
//!
//! T = 0,1     collect
//! T = 2..=6   M := fit(D[T-2..=T]);  from T = 5 the score enters the window
//! T >= 7      model trusted: judge with M. Above the threshold: judge again as below
//!             else: M' := fit(D[T-3..T]); judge with M'
//!                   normal: M := M', trusted          -> adapted
//!                   above:  M stays, not trusted      -> anomalous
//! ```
//!
//! Values that cannot be used do not advance T and change nothing that was learned. Neither do
//! those that come while a training that is spread over frames is in progress: the value that
//! called for it is judged when it ends, and nothing in between is looked at.
//! Cost of a sample that is not retrained: constant, whatever `W` is.

use super::predictor::{Fit, Predictor, TabulatedLstm};
use super::{CONTEXT, LaneRules, Recheck, TrainingScratch};
use crate::SnapshotError;
use crate::assessment::{Assessment, Blindness, State};
use crate::math::abs;
use crate::sample::{Cause, Reading};
use crate::threshold::sigmas::{Comparison, ErrorWindow, MAX_ERROR};
use crate::wire::snapshot::{Reader, Writer};
use serde::{Deserialize, Serialize};

/// Usable values before the first judgement: 2·b + 1.
pub const WARM_UP: u16 = 2 * CONTEXT as u16 + 1;

/// What a training in progress is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Fitting {
    Nothing,
    WarmUp,
    /// A second judgement of a sample that the trusted model found anomalous.
    Again,
    /// The only judgement of a sample while the model is not trusted.
    Only,
}

/// Everything a lane keeps but its window. Zero bits when new.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(bound = "")]
pub(super) struct LaneState<F: Predictor> {
    /// D[T-3..=T].
    recent: [f32; CONTEXT + 1],
    /// e(T-2), e(T-1), e(T).
    errors: [f32; CONTEXT],
    model: F,
    /// T, up to [`WARM_UP`].
    seen: u8,
    distrusted: bool,
    fitting: Fitting,
    pub(super) trainings: u32,
    /// Suspicious samples in a row (guard).
    suspicious: u16,
    /// Repetitions of the last value.
    repeats: u16,
    /// Frames without a usable value, up to now.
    absent: u16,
}

impl<F: Predictor> LaneState<F> {
    const NEW: Self = Self {
        recent: [0.0; CONTEXT + 1],
        errors: [0.0; CONTEXT],
        model: F::UNTRAINED,
        seen: 0,
        distrusted: false,
        fitting: Fitting::Nothing,
        trainings: 0,
        suspicious: 0,
        repeats: 0,
        absent: 0,
    };
}

/// State of one RePAD2 lane with room for `W` errors. All zeros when new.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lane<const W: usize, F: Predictor = TabulatedLstm> {
    pub(super) state: LaneState<F>,
    window: ErrorWindow<W>,
}

/// What a lane is given with each reading.
pub(crate) struct LaneCall<'a, F: Predictor> {
    pub rules: &'a LaneRules,
    pub floor: f32,
    pub scratch: &'a mut TrainingScratch<F>,
    /// The lane's index: which lane owns the scratch.
    pub lane: u16,
}

impl<const W: usize, F: Predictor> Lane<W, F> {
    /// A lane that has seen nothing.
    pub const fn new() -> Self {
        Self {
            state: LaneState::NEW,
            window: ErrorWindow::new(),
        }
    }

    /// Trainings since the lane was made.
    pub const fn trainings(&self) -> u32 {
        self.state.trainings
    }

    /// Errors the threshold rests on now.
    pub const fn history(&self) -> usize {
        self.window.count()
    }

    /// Marks the model as trusted, whatever the last judgement was. Emulates a defect of the
    /// public implementation, to reproduce its stored results.
    #[cfg(feature = "testing")]
    pub fn trust(&mut self) {
        self.state.distrusted = false;
    }

    /// Notes frames in which nothing arrived.
    pub(crate) fn skip(&mut self, frames: u64) {
        let frames = u16::try_from(frames).unwrap_or(u16::MAX);
        self.state.absent = self.state.absent.saturating_add(frames);
    }

    /// Judges one reading, then learns from it. Inlined: both callers are a call of their own.
    /// Returns the value that was judged if it is an earlier one.
    #[inline(always)]
    pub(crate) fn observe(
        &mut self,
        call: &mut LaneCall<'_, F>,
        reading: Reading,
        answer: &mut Assessment,
    ) -> Option<f32> {
        // Not even linked for predictors that fit in one step.
        if F::EPOCHS > 0 && self.state.fitting != Fitting::Nothing {
            return self.resume(call, reading, answer);
        }
        let value = match reading.usable() {
            Ok(value) => value,
            Err(cause) => {
                self.skip(1);
                *answer = Assessment::blind(cause);
                return None;
            }
        };
        let settings = call.rules.settings;
        if settings
            .restart_after_gap
            .is_some_and(|limit| self.state.absent >= limit)
        {
            self.restart(call.scratch, call.lane);
        }
        self.state.absent = 0;
        if let Some(limit) = settings.stuck_after
            && self.repeats(value) >= limit
        {
            *answer = Assessment::blind(Cause::Stuck);
            return None;
        }
        let [_, a, b, c] = self.state.recent;
        self.state.recent = [a, b, c, value];
        if u16::from(self.state.seen) < WARM_UP {
            *answer = self.warm_up(call, value);
        } else {
            self.judge(call, value, answer);
        }
        None
    }

    #[inline(always)]
    fn judge(&mut self, call: &mut LaneCall<'_, F>, value: f32, answer: &mut Assessment) {
        if self.state.distrusted {
            self.retrain(call, false, answer);
        } else {
            let expected = self.state.model.predict(&self.past());
            self.compare(call, value, expected, false, answer);
            if answer.is_anomalous() {
                self.retrain(call, true, answer);
            }
        }
        self.state.model.follow(value);
        self.guard(call, answer);
    }

    /// A frame while a training is in progress, which it advances whatever the reading is.
    /// `recent` still ends with the value that called for it.
    #[cold]
    #[inline(never)]
    fn resume(
        &mut self,
        call: &mut LaneCall<'_, F>,
        reading: Reading,
        answer: &mut Assessment,
    ) -> Option<f32> {
        let usable = reading.usable();
        let limit = call.rules.settings.restart_after_gap;
        let waiting = |left: u16| {
            let left = left.into();
            let warming = Assessment::bare(State::Warming { left });
            usable.map_or_else(Assessment::blind, |_| warming)
        };
        if usable.is_err() {
            self.skip(1);
        } else if limit.is_some_and(|limit| self.state.absent >= limit) {
            self.restart(call.scratch, call.lane);
            *answer = waiting(WARM_UP);
            return None;
        } else {
            self.state.absent = 0;
        }
        match self.state.fitting {
            Fitting::WarmUp => {
                let [_, context @ ..] = self.state.recent;
                if let Fit::Done(model) = call.scratch.fit(call.lane, &context) {
                    self.state.fitting = Fitting::Nothing;
                    self.state.model = model;
                    self.state.trainings += 1;
                }
                *answer = waiting(WARM_UP - u16::from(self.state.seen));
                None
            }
            again => {
                self.retrain(call, again == Fitting::Again, answer);
                if self.state.fitting != Fitting::Nothing {
                    if let Err(cause) = usable {
                        *answer = Assessment::blind(cause);
                    }
                    return None;
                }
                self.guard(call, answer);
                let [.., judged] = self.state.recent;
                Some(judged)
            }
        }
    }

    /// Judges the last value with a model that is trained on the three before it, and keeps the
    /// model only if it finds the value normal. `again`: the value was judged before.
    #[cold]
    #[inline(never)]
    fn retrain(&mut self, call: &mut LaneCall<'_, F>, again: bool, answer: &mut Assessment) {
        let past = self.past();
        let model = match call.scratch.fit(call.lane, &past) {
            Fit::Done(model) => model,
            Fit::Pending => {
                self.state.fitting = if again { Fitting::Again } else { Fitting::Only };
                *answer = Assessment::blind(Blindness::Training);
                return;
            }
        };
        self.state.fitting = Fitting::Nothing;
        self.state.trainings += 1;
        let [.., value] = self.state.recent;
        let replace = again && call.rules.settings.recheck == Recheck::Replace;
        self.compare(call, value, model.predict(&past), replace, answer);
        answer.trained = true;
        self.state.distrusted = answer.is_anomalous();
        if !self.state.distrusted {
            self.state.model = model;
            answer.state = State::Adapted;
        }
    }

    /// Counts how often the last value has come again, this time included.
    fn repeats(&mut self, value: f32) -> u16 {
        let [.., last] = self.state.recent;
        let repeated = self.state.seen > 0 && value == last;
        let repeats = if repeated {
            self.state.repeats.saturating_add(1)
        } else {
            0
        };
        self.state.repeats = repeats;
        repeats
    }

    /// D[T-3], D[T-2], D[T-1].
    fn past(&self) -> [f32; CONTEXT] {
        let [a, b, c, _] = self.state.recent;
        [a, b, c]
    }

    #[cold]
    fn warm_up(&mut self, call: &mut LaneCall<'_, F>, value: f32) -> Assessment {
        let t = usize::from(self.state.seen);
        let mut answer = Assessment::bare(State::Warming {
            left: u32::from(WARM_UP) - 1 - t as u32,
        });
        if t >= CONTEXT {
            let expected = self.state.model.predict(&self.past());
            answer.expected = Some(expected);
            let score = self.score(call.floor, value, expected, false);
            if t >= 2 * CONTEXT - 1 {
                answer.score = Some(self.window.push(score, call.rules.window()));
            }
        }
        self.state.seen += 1;
        if t >= CONTEXT - 1 {
            let [_, context @ ..] = self.state.recent;
            match call.scratch.fit(call.lane, &context) {
                Fit::Done(model) => {
                    self.state.model = model;
                    self.state.trainings += 1;
                    answer.trained = true;
                }
                Fit::Pending => self.state.fitting = Fitting::WarmUp,
            }
        }
        answer
    }

    /// Compares the score of a prediction with the threshold. `replace`: the score takes the
    /// place of the newest one.
    #[inline(always)]
    fn compare(
        &mut self,
        call: &LaneCall<'_, F>,
        value: f32,
        expected: f32,
        replace: bool,
        answer: &mut Assessment,
    ) {
        let score = self.score(call.floor, value, expected, replace);
        if replace {
            self.window.replace_newest(score);
        } else {
            // The mean of errors within the range of the window.
            self.window.enter(score, call.rules.window());
        }
        let Comparison { above, threshold } = self.window.judge(score, call.rules.sigmas);
        *answer = Assessment {
            state: if above {
                State::Anomalous
            } else {
                State::Normal
            },
            expected: Some(expected),
            score: Some(score),
            threshold: Some(threshold),
            ..Assessment::bare(State::Normal)
        };
    }

    /// Notes the error of a prediction; the mean of the last three, not yet rounded.
    fn score(&mut self, floor: f32, value: f32, expected: f32, replace: bool) -> f32 {
        let size = abs(value);
        let error = abs(value - expected) / if size > floor { size } else { floor };
        // A NaN fails the comparison and saturates.
        let error = if error <= MAX_ERROR { error } else { MAX_ERROR };
        let [a, b, c] = self.state.errors;
        let (a, b) = if replace { (a, b) } else { (b, c) };
        self.state.errors = [a, b, error];
        (a + b + error) / CONTEXT as f32
    }

    /// `min_history` and the guard against an inflated threshold.
    fn guard(&mut self, call: &mut LaneCall<'_, F>, answer: &mut Assessment) {
        let settings = &call.rules.settings;
        let needed = usize::from(settings.min_history).min(call.rules.window());
        if answer.is_anomalous() && self.window.count() < needed {
            answer.state = State::Early;
        }
        let Some(guard) = settings.guard else {
            return;
        };
        let suspicious = answer.state == State::Normal && answer.score > Some(guard.error);
        self.state.suspicious = if suspicious {
            self.state.suspicious.saturating_add(1)
        } else {
            0
        };
        if self.state.suspicious >= guard.samples {
            self.restart(call.scratch, call.lane);
            answer.state = State::Blind {
                cause: Blindness::ThresholdInflated,
            };
        }
    }

    /// Forgets everything but the count of trainings.
    pub(super) fn restart(&mut self, scratch: &mut TrainingScratch<F>, lane: u16) {
        scratch.release(lane);
        self.state = LaneState {
            trainings: self.state.trainings,
            ..LaneState::NEW
        };
        self.window.clear();
    }

    /// Appends the state to a snapshot.
    pub(crate) fn save(&self, body: &mut Writer<'_>) {
        body.put(&self.state);
        body.put(&(self.window.count() as u16));
        self.window.iter().for_each(|error| body.put(error));
    }

    /// Reads what [`Self::save`] wrote; stores it only if `commit`. Whether a training is in
    /// progress.
    pub(crate) fn restore(
        &mut self,
        body: &mut Reader<'_>,
        span: usize,
        commit: bool,
    ) -> Result<bool, SnapshotError> {
        let state: LaneState<F> = body.take()?;
        let training = state.fitting != Fitting::Nothing;
        let sound = state.recent.iter().all(|x| x.is_finite())
            && state.errors.iter().all(|e| (0.0..=MAX_ERROR).contains(e))
            && u16::from(state.seen) <= WARM_UP
            && (!training || F::EPOCHS > 0);
        let len: u16 = body.take()?;
        if !sound || usize::from(len) > span.min(W) {
            return Err(body.content());
        }
        if commit {
            self.state = state;
            self.window.clear();
        }
        for _ in 0..len {
            let error: f32 = body.take()?;
            if !(0.0..=MAX_ERROR).contains(&error) {
                return Err(body.content());
            }
            if commit {
                self.window.push(error, span);
            }
        }
        Ok(training)
    }
}

impl<const W: usize, F: Predictor> Default for Lane<W, F> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
