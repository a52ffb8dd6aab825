//! RoLA (Lee and Lin, 2023): one lane per variable, and a vote among the variables that correlate
//! now.

mod ballot;
mod settings;

pub use crate::ensemble::verdict::Correlation;
pub use settings::{Rules, Settings, VoteSettings};

use crate::alert::Alert;
use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::repad2::predictor::{Predictor, TabulatedLstm};
use crate::detector::repad2::{Lane, LaneCall, TrainingScratch, WARM_UP};
use crate::detector::snapshot::Snapshot;
use crate::ensemble::verdict::Verdict;
use crate::outcome::Outcome;
use crate::sample::{Cause, Reading, Tick};
use crate::statistics::correlation::pearson;
use crate::statistics::window::Window;
use crate::wire::snapshot::{self, Reader, Writer};
use crate::{Detector, SnapshotError};
use ballot::Ballot;

/// The sizes of the papers for nine variables: one day of minutes for thresholds and
/// correlations. 104,976 bytes of state on a Cortex-M, 105,056 on a PC.
pub type Paper9 = Rola<9, 1440, 1440>;
/// Nine variables, half a day of minutes, for a part with 64 KiB of RAM: 53,136 or 53,216 bytes.
pub type Mid9 = Rola<9, 720, 720>;
/// Nine variables, two hours of minutes, for a part with 16 KiB of RAM: 10,512 or 10,592 bytes.
pub type Tiny9 = Rola<9, 128, 128>;

/// One variable: its lane, and its history of values, NaN for unusable ones.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Channel<const W: usize, const P: usize, F: Predictor> {
    lane: Lane<W, F>,
    history: Window<f32, P>,
}

impl<const W: usize, const P: usize, F: Predictor> Channel<W, P, F> {
    const fn new() -> Self {
        Self {
            lane: Lane::new(),
            history: Window::new(),
        }
    }

    /// Assesses a reading and records it; returns the assessed value, NaN if there is none. Kept
    /// out of line so that the lane gets all registers.
    #[inline(never)]
    fn observe(
        &mut self,
        call: &mut LaneCall<'_, F>,
        reading: &Reading,
        answer: &mut Assessment,
    ) -> f32 {
        let earlier = self.lane.observe(call, *reading, answer);
        let value = reading.usable().unwrap_or(f32::NAN);
        let stuck = State::Blind {
            cause: Blindness::Input(Cause::Stuck),
        };
        let noted = if answer.state == stuck {
            f32::NAN
        } else {
            value
        };
        self.history.push(noted);
        earlier.unwrap_or(value)
    }
}

/// State of an ensemble of at most `V` variables, with a capacity of `W` errors per lane and `P`
/// frames of history. All zeros when new, so that a `static` costs no flash.
///
/// [`Monitor`](crate::Monitor) drives it with three calls. With rules in a `static` and ticks of
/// its own, a program calls it directly:
///
/// ```
/// use bellwether::rola::{Rola, Rules, Settings};
/// use bellwether::{Alert, Reading, Tick};
/// static RULES: Rules<3, 240, 240> = match Rules::new(Settings::DEFAULT) {
///     Ok(rules) => rules,
///     Err(_) => panic!("checked by the compiler"),
/// };
/// let mut rola = Rola::<3, 240, 240>::new();
/// let verdict = rola.decide(&RULES, Tick(0), &[Reading::Value(21.5); 3]);
/// assert_eq!(verdict.alert(), Alert::None);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rola<const V: usize, const W: usize, const P: usize, F: Predictor = TabulatedLstm> {
    channels: [Channel<W, P, F>; V],
    scratch: TrainingScratch<F>,
    clock: Clock,
    verdict: Verdict<V>,
    ballot: Ballot<V>,
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Rola<V, W, P, F> {
    /// An ensemble before its first frame.
    pub const fn new() -> Self {
        const {
            assert!(
                V > 0 && V <= crate::sample::MAX_VARIABLES,
                "1 to 512 variables"
            );
        };
        Self {
            channels: [const { Channel::new() }; V],
            scratch: TrainingScratch::new(),
            clock: Clock::new(),
            verdict: Verdict::EMPTY,
            ballot: Ballot::new(),
        }
    }

    /// One variable's lane.
    #[must_use]
    pub fn lane(&self, variable: usize) -> Option<&Lane<W, F>> {
        self.channels.get(variable).map(|channel| &channel.lane)
    }

    /// The lanes, to emulate defects of other implementations.
    #[cfg(feature = "testing")]
    pub fn lanes_mut(&mut self) -> impl Iterator<Item = &mut Lane<W, F>> {
        self.channels.iter_mut().map(|channel| &mut channel.lane)
    }

    /// The verdict on the last frame.
    #[must_use]
    pub const fn verdict(&self) -> &Verdict<V> {
        &self.verdict
    }

    /// As [`Detector::observe`], with the whole verdict: every lane, then the vote if any lane
    /// flagged.
    ///
    /// Cost: constant per lane, plus a vote if any lane flagged. A vote computes one correlation
    /// over the history for each pair of variables with at least one flagged, `V·(V-1)/2` at most.
    /// Then it computes one for each pair of an outvoted and a confirmed variable, until the
    /// outvoted one has found support. [`VoteSettings::pairs_per_frame`] bounds the correlations of
    /// a frame.
    pub fn decide(&mut self, rules: &Rules<V, W, P>, tick: Tick, frame: &[Reading]) -> &Verdict<V> {
        self.verdict.tick = tick;
        self.verdict.variables = rules.settings.variables;
        self.verdict.clear_vote();
        let mut flagged = false;
        if let Some(missed) = self.clock.advance(tick) {
            self.scratch.refill(&rules.lane);
            let mut call = LaneCall {
                rules: &rules.lane,
                floor: 1.0,
                scratch: &mut self.scratch,
                lane: 0,
            };
            let channels = self.channels.iter_mut().zip(&rules.settings.floor);
            let answers = self.verdict.lanes.iter_mut().zip(&mut self.verdict.values);
            let variables = channels.zip(answers).take(rules.variables());
            for ((channel, floor), (answer, value)) in variables {
                call.floor = *floor;
                let k = usize::from(call.lane);
                let reading = frame.get(k).unwrap_or(&Reading::Absent(Cause::Missing));
                if missed > 0 {
                    channel.lane.skip(missed);
                }
                *value = channel.observe(&mut call, reading, answer);
                if answer.is_anomalous()
                    && let Some(outcome) = self.verdict.outcomes.get_mut(k)
                {
                    flagged = true;
                    *outcome = Outcome::Waiting;
                }
                call.lane = call.lane.wrapping_add(1);
            }
            if flagged || self.ballot.vote.is_in_progress() {
                self.vote(rules, flagged);
            }
        } else {
            self.refuse(frame);
        }
        &self.verdict
    }

    /// Answers a frame with a tick that did not advance.
    fn refuse(&mut self, frame: &[Reading]) {
        let readings = frame.iter().map(|reading| reading.usable());
        let readings = readings.chain(core::iter::repeat(Err(Cause::Missing)));
        for (value, reading) in self.verdict.values.iter_mut().zip(readings) {
            *value = reading.unwrap_or(f32::NAN);
        }
        self.verdict.lanes = [Assessment::blind(Blindness::OutOfOrder); V];
    }

    /// Begins a vote on the last frame, or continues the one in progress.
    #[cold]
    #[inline(never)]
    fn vote(&mut self, rules: &Rules<V, W, P>, flagged: bool) {
        let Self {
            channels,
            ballot,
            verdict,
            ..
        } = self;
        if flagged {
            verdict.alert = Alert::Single;
        }
        ballot.take(verdict.tick, &verdict.outcomes);
        let (late, settings) = (ballot.late(), &rules.settings.vote);
        let pairs = settings.pairs_per_frame.map_or(u32::MAX, u32::from);
        let related = |a, b| related(channels, rules, late, a, b).is_some();
        if ballot.vote.advance(rules.variables(), pairs, related) {
            verdict.enter_vote(ballot.tick, ballot.vote.outcomes());
        }
    }

    /// The correlations behind a vote that ended in the last frame, each pair once; empty without
    /// one. They are not stored: the iterator computes each from the histories of the vote.
    ///
    /// Cost: one correlation over the history per pair of the vote.
    pub fn correlations(
        &self,
        rules: &Rules<V, W, P>,
    ) -> impl Iterator<Item = Correlation> + Clone {
        let variables = match self.verdict.vote_tick {
            Some(_) => rules.variables(),
            None => 0,
        };
        let late = self.ballot.late();
        let voted = self.ballot.vote.outcomes().iter().take(variables);
        let flagged = voted.clone().enumerate().filter(|(_, o)| o.is_flagged());
        flagged.flat_map(move |(a, _)| {
            let others = voted.clone().enumerate();
            let asked = others.filter(move |(b, o)| a != *b && !(*b < a && o.is_flagged()));
            asked.filter_map(move |(b, _)| {
                let r = related(&self.channels, rules, late, a, b)?;
                Some(Correlation { a, b, r })
            })
        })
    }
}

/// The correlation of two variables as of the frame `late` frames ago; `None` if it is too weak to
/// vote.
fn related<const V: usize, const W: usize, const P: usize, F: Predictor>(
    channels: &[Channel<W, P, F>; V],
    rules: &Rules<V, W, P>,
    late: usize,
    a: usize,
    b: usize,
) -> Option<f32> {
    let (x, y) = (channels.get(a)?, channels.get(b)?);
    let min_samples = rules.settings.vote.min_samples.into();
    let r = pearson(&x.history, &y.history, rules.history(), late, min_samples)?;
    (crate::math::abs(r) > rules.settings.vote.limit).then_some(r)
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Default for Rola<V, W, P, F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Detector for Rola<V, W, P, F> {
    type Settings<'r> = Settings<V>;
    type Rules<'r> = Rules<V, W, P>;
    const MAX_VARIABLES: usize = V;

    fn warm_up(_: &Rules<V, W, P>) -> u32 {
        WARM_UP.into()
    }

    #[inline]
    fn observe(&mut self, rules: &Rules<V, W, P>, tick: Tick, frame: &[Reading]) -> Assessment {
        self.decide(rules, tick, frame).assessment()
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    #[inline(never)]
    fn reset(&mut self) {
        for channel in &mut self.channels {
            channel.lane = Lane::new();
            channel.history.clear();
        }
        self.scratch = TrainingScratch::new();
        self.clock = Clock::new();
        self.verdict = Verdict::EMPTY;
        self.ballot = Ballot::new();
    }
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Snapshot for Rola<V, W, P, F> {
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 16 * V + 128;

    fn shape(rules: &Rules<V, W, P>) -> u32 {
        let sizes = [rules.variables(), rules.lane.window(), rules.history()];
        snapshot::shape(F::NAME, F::FUNCTIONS, sizes)
    }

    fn save_body(&self, rules: &Rules<V, W, P>, body: &mut Writer<'_>) {
        self.clock.save(body);
        self.scratch.save(body);
        let held = rules.history() + self.ballot.held();
        for channel in self.channels.iter().take(rules.variables()) {
            channel.lane.save(body);
            let (older, newer) = channel.history.last(held);
            body.put(&((older.len() + newer.len()) as u16));
            older.iter().chain(newer).for_each(|value| body.put(value));
        }
        // Since version 2: the vote, one byte if none is in progress.
        self.ballot.save(body, rules.variables());
    }

    fn restore_body(
        &mut self,
        rules: &Rules<V, W, P>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 1)?;
        let started = clock.last().is_some();
        if commit {
            self.reset();
            self.clock = clock;
        }
        let trainees = self.scratch.restore(body, rules.variables(), commit)?;
        let mut most = 0;
        let channels = self.channels.iter_mut().take(rules.variables());
        for (k, channel) in channels.enumerate() {
            let window = rules.lane.window();
            let training = channel.lane.restore(body, window, commit)?;
            if !training && trainees.contains(&(k + 1)) {
                return Err(body.content());
            }
            let len: u16 = body.take()?;
            most = most.max(usize::from(len));
            for _ in 0..len {
                let value: f32 = body.take()?;
                if value.is_infinite() {
                    return Err(body.content());
                }
                if commit {
                    channel.history.push(value);
                }
            }
        }
        let ballot = Ballot::restored(body, rules.variables())?;
        let about_nothing = ballot.vote.is_in_progress() && !started;
        if about_nothing || most > rules.history() + ballot.held() {
            return Err(body.content());
        }
        if commit {
            self.ballot = ballot;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
