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
//! Values that cannot be used do not advance T and change nothing that was learned.
//! Cost of a sample that is not retrained: constant, whatever `W` is.

use crate::CONTEXT;
use crate::assessment::{Assessment, State};
use crate::math::abs;
use crate::predictor::{Fit, Predictor, TabulatedLstm};
use crate::sample::{Cause, Reading};
use crate::settings::{LaneRules, Recheck};
use crate::snapshot::{Reader, Writer};
use crate::statistics::sliding::{ErrorWindow, Judgement, MAX_ERROR};
use crate::{Detector, SnapshotError};
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[serde(bound = "")]
struct Memory<F: Predictor> {
    /// D[T-3..=T].
    recent: [f32; CONTEXT + 1],
    /// e(T-2), e(T-1), e(T).
    errors: [f32; CONTEXT],
    model: F,
    /// T, up to [`WARM_UP`].
    seen: u8,
    distrusted: bool,
    fitting: Fitting,
    trainings: u32,
    /// Suspicious samples in a row (guard).
    suspicious: u16,
    /// Repetitions of the last value.
    repeats: u16,
    /// Frames without a usable value, up to now.
    absent: u16,
}

impl<F: Predictor> Memory<F> {
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
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lane<const W: usize, F: Predictor = TabulatedLstm> {
    memory: Memory<F>,
    window: ErrorWindow<W>,
}

/// What a lane is given with each reading.
pub(crate) struct Call<'a, F: Predictor> {
    pub rules: &'a LaneRules,
    pub floor: f32,
    pub bench: &'a mut Workbench<F>,
    /// The lane's index: who owns the bench.
    pub lane: u8,
}

impl<const W: usize, F: Predictor> Lane<W, F> {
    /// A lane that has seen nothing.
    pub const fn new() -> Self {
        Self {
            memory: Memory::NEW,
            window: ErrorWindow::new(),
        }
    }

    /// Trainings since the lane was made.
    pub const fn trainings(&self) -> u32 {
        self.memory.trainings
    }

    /// Errors the threshold rests on now.
    pub const fn history(&self) -> usize {
        self.window.len()
    }

    /// Marks the model as trusted, whatever the last judgement was. Emulates a defect of the
    /// public implementation, to reproduce its stored results.
    #[cfg(feature = "testing")]
    pub fn trust(&mut self) {
        self.memory.distrusted = false;
    }

    /// Notes frames in which nothing arrived.
    pub(crate) fn skip(&mut self, frames: u64) {
        let frames = u16::try_from(frames).unwrap_or(u16::MAX);
        self.memory.absent = self.memory.absent.saturating_add(frames);
    }

    /// Judges one reading, then learns from it. Inlined: both callers are a call of their own.
    #[inline(always)]
    pub(crate) fn observe(
        &mut self,
        call: &mut Call<'_, F>,
        reading: Reading,
        answer: &mut Assessment,
    ) {
        let value = match reading.usable() {
            Ok(value) => value,
            Err(cause) => {
                self.skip(1);
                *answer = Assessment::blind(cause);
                return;
            }
        };
        let settings = call.rules.settings;
        if settings
            .restart_after_gap
            .is_some_and(|limit| self.memory.absent >= limit)
        {
            self.restart(call.bench, call.lane);
        }
        self.memory.absent = 0;
        if let Some(limit) = settings.stuck_after
            && self.repeats(value) >= limit
        {
            *answer = Assessment::blind(Cause::Stuck);
            return;
        }
        let [_, a, b, c] = self.memory.recent;
        self.memory.recent = [a, b, c, value];
        self.judge(call, value, answer);
        self.memory.model.follow(value);
    }

    #[inline(always)]
    fn judge(&mut self, call: &mut Call<'_, F>, value: f32, answer: &mut Assessment) {
        let memory = &mut self.memory;
        if memory.fitting == Fitting::WarmUp {
            // The training of an earlier value is not finished: this one is context only.
            if let Fit::Done(model) = call.bench.fit(call.lane, &[0.0; CONTEXT]) {
                memory.fitting = Fitting::Nothing;
                memory.model = model;
                memory.trainings += 1;
            }
            *answer = Assessment::bare(State::Warming {
                left: WARM_UP - u16::from(memory.seen),
            });
            return;
        }
        if u16::from(memory.seen) < WARM_UP {
            *answer = self.warm_up(call, value);
            return;
        }
        if memory.fitting == Fitting::Nothing && !memory.distrusted {
            let expected = self.memory.model.predict(&self.past());
            self.compare(call, value, expected, false, answer);
            if answer.is_anomalous() {
                self.retrain(call, value, true, answer);
            }
        } else {
            let again = memory.fitting == Fitting::Again;
            self.retrain(call, value, again, answer);
        }
        self.guard(call, answer);
    }

    /// Judges a value with a model that is trained on the three before it, and keeps the model
    /// only if it finds the value normal. `again`: the value was judged before.
    #[cold]
    #[inline(never)]
    fn retrain(
        &mut self,
        call: &mut Call<'_, F>,
        value: f32,
        again: bool,
        answer: &mut Assessment,
    ) {
        let Some(model) = self.train(call, again) else {
            *answer = Assessment::blind(Cause::Training);
            return;
        };
        let replace = again && call.rules.settings.recheck == Recheck::Replace;
        self.compare(call, value, model.predict(&self.past()), replace, answer);
        answer.trained = true;
        self.memory.distrusted = answer.is_anomalous();
        if !self.memory.distrusted {
            self.memory.model = model;
            answer.state = State::Adapted;
        }
    }

    /// Trains on the three values before this one; `None` while that is not finished.
    fn train(&mut self, call: &mut Call<'_, F>, again: bool) -> Option<F> {
        let past = self.past();
        match call.bench.fit(call.lane, &past) {
            Fit::Done(model) => {
                self.memory.fitting = Fitting::Nothing;
                self.memory.trainings += 1;
                Some(model)
            }
            Fit::Pending => {
                self.memory.fitting = if again { Fitting::Again } else { Fitting::Only };
                None
            }
        }
    }

    /// Counts how often the last value has come again, this time included.
    fn repeats(&mut self, value: f32) -> u16 {
        let [.., last] = self.memory.recent;
        let repeated = self.memory.seen > 0 && value == last;
        let repeats = if repeated {
            self.memory.repeats.saturating_add(1)
        } else {
            0
        };
        self.memory.repeats = repeats;
        repeats
    }

    /// D[T-3], D[T-2], D[T-1].
    fn past(&self) -> [f32; CONTEXT] {
        let [a, b, c, _] = self.memory.recent;
        [a, b, c]
    }

    #[cold]
    fn warm_up(&mut self, call: &mut Call<'_, F>, value: f32) -> Assessment {
        let t = usize::from(self.memory.seen);
        let mut answer = Assessment::bare(State::Warming {
            left: WARM_UP - 1 - t as u16,
        });
        if t >= CONTEXT {
            let expected = self.memory.model.predict(&self.past());
            answer.expected = Some(expected);
            let score = self.score(call.floor, value, expected, false);
            if t >= 2 * CONTEXT - 1 {
                answer.score = Some(self.window.push(score, call.rules.window()));
            }
        }
        self.memory.seen += 1;
        if t >= CONTEXT - 1 {
            let [_, context @ ..] = self.memory.recent;
            match call.bench.fit(call.lane, &context) {
                Fit::Done(model) => {
                    self.memory.model = model;
                    self.memory.trainings += 1;
                    answer.trained = true;
                }
                Fit::Pending => self.memory.fitting = Fitting::WarmUp,
            }
        }
        answer
    }

    /// Compares the score of a prediction with the threshold. `replace`: the score takes the
    /// place of the newest one.
    #[inline(always)]
    fn compare(
        &mut self,
        call: &Call<'_, F>,
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
        let Judgement { above, threshold } = self.window.judge(score, call.rules.sigmas);
        *answer = Assessment {
            state: if above {
                State::Anomalous
            } else {
                State::Normal
            },
            expected: Some(expected),
            score: Some(score),
            threshold: Some(threshold),
            trained: false,
        };
    }

    /// Notes the error of a prediction; the mean of the last three, not yet rounded.
    fn score(&mut self, floor: f32, value: f32, expected: f32, replace: bool) -> f32 {
        let size = abs(value);
        let error = abs(value - expected) / if size > floor { size } else { floor };
        // A NaN fails the comparison and saturates.
        let error = if error <= MAX_ERROR { error } else { MAX_ERROR };
        let [a, b, c] = self.memory.errors;
        let (a, b) = if replace { (a, b) } else { (b, c) };
        self.memory.errors = [a, b, error];
        (a + b + error) / CONTEXT as f32
    }

    /// `min_history` and the guard against an inflated threshold.
    fn guard(&mut self, call: &mut Call<'_, F>, answer: &mut Assessment) {
        let settings = &call.rules.settings;
        let needed = usize::from(settings.min_history).min(call.rules.window());
        if answer.is_anomalous() && self.window.len() < needed {
            answer.state = State::Early;
        }
        let Some(guard) = settings.guard else {
            return;
        };
        let suspicious = answer.state == State::Normal && answer.score > Some(guard.error);
        self.memory.suspicious = if suspicious {
            self.memory.suspicious.saturating_add(1)
        } else {
            0
        };
        if self.memory.suspicious >= guard.samples {
            self.restart(call.bench, call.lane);
            answer.state = State::Blind {
                cause: Cause::ThresholdInflated,
            };
        }
    }

    /// Forgets everything but the count of trainings.
    fn restart(&mut self, bench: &mut Workbench<F>, lane: u8) {
        bench.release(lane);
        self.memory = Memory {
            trainings: self.memory.trainings,
            ..Memory::NEW
        };
        self.window.clear();
    }

    /// Appends the state to a snapshot.
    pub(crate) fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        writer.put(&self.memory)?;
        writer.put(&(self.window.len() as u16))?;
        self.window.iter().try_for_each(|error| writer.put(error))
    }

    /// Reads what [`Self::save`] wrote; stores it only if `commit`.
    pub(crate) fn restore(
        &mut self,
        reader: &mut Reader<'_>,
        span: usize,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let memory: Memory<F> = reader.take()?;
        let sound = memory.recent.iter().all(|x| x.is_finite())
            && memory.errors.iter().all(|e| (0.0..=MAX_ERROR).contains(e))
            && u16::from(memory.seen) <= WARM_UP;
        let len: u16 = reader.take()?;
        if !sound || usize::from(len) > span.min(W) {
            return Err(reader.content());
        }
        if commit {
            self.memory = memory;
            self.window.clear();
        }
        for _ in 0..len {
            let error: f32 = reader.take()?;
            if !(0.0..=MAX_ERROR).contains(&error) {
                return Err(reader.content());
            }
            if commit {
                self.window.push(error, span);
            }
        }
        Ok(())
    }
}

impl<const W: usize, F: Predictor> Default for Lane<W, F> {
    fn default() -> Self {
        Self::new()
    }
}

/// The training scratch that all lanes share, and the epochs left in this frame.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Workbench<F: Predictor> {
    trainer: F::Trainer,
    /// Index + 1 of the lane whose training is in progress; 0 for none.
    owner: u8,
    context: [f32; CONTEXT],
    /// Epochs the training in progress has had.
    spent: u16,
    /// Epochs left in this frame.
    left: u16,
}

impl<F: Predictor> Workbench<F> {
    pub(crate) const fn new() -> Self {
        Self {
            trainer: F::IDLE,
            owner: 0,
            context: [0.0; CONTEXT],
            spent: 0,
            left: 0,
        }
    }

    /// A new frame begins.
    pub(crate) fn refill(&mut self, rules: &LaneRules) {
        self.left = rules.settings.epochs_per_frame.unwrap_or(u16::MAX);
    }

    /// Begins or continues a lane's training; waits while another lane's is in progress.
    fn fit(&mut self, lane: u8, context: &[f32; CONTEXT]) -> Fit<F> {
        let owner = lane.saturating_add(1);
        if self.owner == 0 {
            self.owner = owner;
            self.context = *context;
            self.spent = 0;
        } else if self.owner != owner {
            return Fit::Pending;
        }
        let before = self.left;
        let fit = F::fit_step(&mut self.trainer, &self.context, &mut self.left);
        self.spent += before - self.left;
        if matches!(fit, Fit::Done(_)) {
            self.owner = 0;
        }
        fit
    }

    fn release(&mut self, lane: u8) {
        if self.owner == lane.saturating_add(1) {
            *self = Self {
                left: self.left,
                ..Self::new()
            };
        }
    }

    pub(crate) fn save(&self, writer: &mut Writer<'_>) -> Result<(), SnapshotError> {
        writer.put(&(self.owner, self.context, self.spent))
    }

    /// Training is deterministic, so the epochs done are done again instead of stored.
    pub(crate) fn restore(
        &mut self,
        reader: &mut Reader<'_>,
        variables: usize,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let (owner, context, spent): (u8, [f32; CONTEXT], u16) = reader.take()?;
        if usize::from(owner) > variables
            || (owner > 0 && spent >= F::EPOCHS.max(1))
            || !context.iter().all(|x| x.is_finite())
        {
            return Err(reader.content());
        }
        if commit {
            *self = Self::new();
            if owner > 0 {
                self.owner = owner;
                self.context = context;
                self.spent = spent;
                let _ = F::fit_step(&mut self.trainer, &self.context, &mut spent.clone());
            }
        }
        Ok(())
    }
}

/// RePAD2 over a single variable: a lane with its own training scratch.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Repad2<const W: usize, F: Predictor = TabulatedLstm> {
    lane: Lane<W, F>,
    bench: Workbench<F>,
}

impl<const W: usize, F: Predictor> Repad2<W, F> {
    /// A detector that has seen nothing. All zeros.
    pub const fn new() -> Self {
        Self {
            lane: Lane::new(),
            bench: Workbench::new(),
        }
    }

    /// The lane.
    pub const fn lane(&self) -> &Lane<W, F> {
        &self.lane
    }
}

impl<const W: usize, F: Predictor> Default for Repad2<W, F> {
    fn default() -> Self {
        Self::new()
    }
}

/// Rules of a single lane: those all lanes share, and its own floor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Repad2Rules {
    /// Checked settings.
    pub lane: LaneRules,
    /// Smallest divisor of a relative error, above 0.
    pub floor: f32,
}

impl<const W: usize, F: Predictor> Detector for Repad2<W, F> {
    type Input = Reading;
    type Rules = Repad2Rules;
    const WARM_UP: u16 = WARM_UP;
    const STATE_BYTES: usize = size_of::<Self>();

    fn observe(&mut self, rules: &Repad2Rules, input: Reading) -> Assessment {
        self.bench.refill(&rules.lane);
        let mut call = Call {
            rules: &rules.lane,
            floor: rules.floor,
            bench: &mut self.bench,
            lane: 0,
        };
        let mut answer = Assessment::bare(State::Normal);
        self.lane.observe(&mut call, input, &mut answer);
        answer
    }

    fn reset(&mut self) {
        self.lane.restart(&mut self.bench, 0);
        self.lane.memory.trainings = 0;
    }
}
