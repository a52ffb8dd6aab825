//! RoLA (Lee and Lin, 2023): one lane per variable, and a vote among the variables that
//! correlate now. The type users hold.

use crate::assessment::Assessment;
use crate::lane::{Call, Lane, WARM_UP, Workbench};
use crate::predictor::{Predictor, TabulatedLstm};
use crate::sample::{Cause, Frame, Reading, Tick, VariableSet};
use crate::settings::{Rules, Settings};
use crate::snapshot::{self, Reader, Snapshot};
use crate::statistics::correlation::pearson;
use crate::verdict::Verdict;
use crate::window::Window;
use crate::{Detector, SettingsError, SnapshotError, State, vote};

/// The sizes of the papers for nine variables: one day of minutes for thresholds and
/// correlations. At most 105 KiB of state.
pub type Paper9 = Ensemble<9, 1440, 1440>;
/// Nine variables, half a day of minutes: at most 53 KiB, for a part with 64 KiB of RAM.
pub type Mid9 = Ensemble<9, 720, 720>;
/// Nine variables, two hours of minutes: at most 11 KiB, for a part with 16 KiB of RAM.
pub type Tiny9 = Ensemble<9, 128, 128>;

const _: () = assert!(Paper9::STATE_BYTES <= 105 * 1024);
const _: () = assert!(Mid9::STATE_BYTES <= 54 * 1024);
const _: () = assert!(Tiny9::STATE_BYTES <= 11 * 1024);

/// State of an ensemble of at most `V` variables, with room for `W` errors per lane and `P`
/// frames of history. All zeros when new, so that a `static` costs no flash.
///
/// ```
/// use bellwether::{Ensemble, Reading, Settings, Tick};
/// type Rola = Ensemble<3, 240, 240>;
/// let rules = Rola::rules(Settings::DEFAULT)?;
/// let mut rola = Rola::new();
/// let verdict = rola.observe(&rules, Tick(0), &[Reading::Value(21.5); 3]);
/// assert!(!verdict.is_anomalous());
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ensemble<const V: usize, const W: usize, const P: usize, F: Predictor = TabulatedLstm> {
    lanes: [Lane<W, F>; V],
    /// Per variable, NaN where not usable.
    history: [Window<f32, P>; V],
    bench: Workbench<F>,
    started: bool,
    last: Tick,
    verdict: Verdict<V>,
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Ensemble<V, W, P, F> {
    /// Bytes of state: all the memory the ensemble uses between calls.
    pub const STATE_BYTES: usize = size_of::<Self>();

    /// An ensemble that has seen nothing.
    pub const fn new() -> Self {
        const {
            assert!(
                V > 0 && V <= crate::sample::MAX_VARIABLES,
                "1 to 128 variables"
            );
        };
        Self {
            lanes: [const { Lane::new() }; V],
            history: [const { Window::new() }; V],
            bench: Workbench::new(),
            started: false,
            last: Tick(0),
            verdict: Verdict::EMPTY,
        }
    }

    /// Checks settings for this ensemble.
    ///
    /// # Errors
    /// Names the field that is out of range.
    pub const fn rules(settings: Settings<V>) -> Result<Rules<V>, SettingsError> {
        settings.check::<W, P>()
    }

    /// One variable's lane.
    pub fn lane(&self, variable: usize) -> Option<&Lane<W, F>> {
        self.lanes.get(variable)
    }

    /// Each lane, to emulate defects of other implementations.
    #[cfg(feature = "testing")]
    pub fn lanes_mut(&mut self) -> &mut [Lane<W, F>; V] {
        &mut self.lanes
    }

    /// Judges one frame: every lane, then the vote if any lane flagged. Readings are in the
    /// order of the variables; those that are not given are missing. A tick that does not
    /// advance is answered `Blind{OutOfOrder}` and not learned from.
    ///
    /// Cost: constant per lane, plus at most `V·(V-1)/2` correlations over the history in a
    /// frame in which all lanes flag.
    pub fn observe(&mut self, rules: &Rules<V>, tick: Tick, frame: &[Reading]) -> &Verdict<V> {
        let variables = rules.variables();
        self.verdict.tick = tick;
        self.verdict.variables = rules.settings.variables;
        self.verdict.limit = rules.settings.vote.limit;
        let late = self.started && tick <= self.last;
        let missed = if self.started && !late {
            tick.0 - self.last.0 - 1
        } else {
            0
        };
        if !late {
            self.started = true;
            self.last = tick;
        }
        self.bench.refill(&rules.lane);
        let mut flagged = VariableSet::EMPTY;
        let lanes = self.lanes.iter_mut().zip(&mut self.history).take(variables);
        let answers = self.verdict.lanes.iter_mut().zip(&mut self.verdict.values);
        let frame = frame
            .iter()
            .copied()
            .chain(core::iter::repeat(Reading::Absent(Cause::Missing)));
        let inputs = frame.zip(&rules.settings.floor);
        for (k, (((lane, history), (answer, value)), (reading, floor))) in
            lanes.zip(answers).zip(inputs).enumerate()
        {
            let reading = if late {
                Reading::Absent(Cause::OutOfOrder)
            } else {
                reading
            };
            *value = reading.usable().unwrap_or(f32::NAN);
            if late {
                *answer = Assessment::blind(Cause::OutOfOrder);
                continue;
            }
            lane.skip(missed);
            let call = Call {
                rules: &rules.lane,
                floor: *floor,
                bench: &mut self.bench,
                lane: k as u8,
            };
            *answer = lane.observe(call, reading);
            let stuck = answer.state
                == State::Blind {
                    cause: Cause::Stuck,
                };
            history.push(if stuck { f32::NAN } else { *value });
            if answer.is_anomalous() {
                flagged.insert(k);
            }
        }
        self.vote(rules, flagged);
        &self.verdict
    }

    fn vote(&mut self, rules: &Rules<V>, flagged: VariableSet) {
        let Self {
            history, verdict, ..
        } = self;
        let correlations = &mut verdict.correlations;
        let (span, limit) = (rules.history(), rules.settings.vote.limit);
        let min_samples = usize::from(rules.settings.vote.min_samples);
        let poll = vote::confirm(&flagged, rules.variables(), |a, b| {
            let known = (b < a && flagged.contains(b))
                .then(|| correlations.get(b).and_then(|row| row.get(a)).copied())
                .flatten();
            let r = match (known, history.get(a), history.get(b)) {
                (Some(r), ..) => r,
                (None, Some(x), Some(y)) => pearson(x, y, span, min_samples),
                _ => None,
            };
            if let Some(slot) = correlations.get_mut(a).and_then(|row| row.get_mut(b)) {
                *slot = r;
            }
            r.is_some_and(|r| crate::math::abs(r) > limit)
        });
        verdict.flagged = flagged;
        verdict.confirmed = poll.confirmed;
        verdict.agreeing = poll.agreeing;
        verdict.local = poll.local;
        verdict.outvoted = poll.outvoted;
    }
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Default
    for Ensemble<V, W, P, F>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Detector
    for Ensemble<V, W, P, F>
{
    type Input = (Tick, Frame<V>);
    type Rules = Rules<V>;
    const WARM_UP: u16 = WARM_UP;
    const STATE_BYTES: usize = size_of::<Self>();

    fn observe(&mut self, rules: &Rules<V>, (tick, frame): (Tick, Frame<V>)) -> Assessment {
        Self::observe(self, rules, tick, &frame).assessment()
    }

    fn reset(&mut self) {
        for (lane, history) in self.lanes.iter_mut().zip(&mut self.history) {
            *lane = Lane::new();
            history.clear();
        }
        self.bench = Workbench::new();
        self.started = false;
        self.last = Tick(0);
        self.verdict = Verdict::EMPTY;
    }
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Snapshot
    for Ensemble<V, W, P, F>
{
    type Rules = Rules<V>;
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 16 * V + 128;

    fn save(&self, rules: &Rules<V>, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write(buffer, shape::<F, V>(rules), |writer| {
            writer.put(&(self.started, self.last))?;
            self.bench.save(writer)?;
            let variables = self.lanes.iter().zip(&self.history).take(rules.variables());
            for (lane, history) in variables {
                lane.save(writer)?;
                let (older, newer) = history.last(rules.history());
                writer.put(&((older.len() + newer.len()) as u16))?;
                older
                    .iter()
                    .chain(newer)
                    .try_for_each(|value| writer.put(value))?;
            }
            Ok(())
        })
    }

    fn restore(&mut self, rules: &Rules<V>, bytes: &[u8]) -> Result<(), SnapshotError> {
        let body = snapshot::open(bytes, shape::<F, V>(rules))?;
        // First all is read and checked, then it is read again and stored: a snapshot that
        // makes no sense changes nothing.
        self.read(rules, Reader::new(body), false)?;
        self.read(rules, Reader::new(body), true)
    }
}

impl<const V: usize, const W: usize, const P: usize, F: Predictor> Ensemble<V, W, P, F> {
    fn read(
        &mut self,
        rules: &Rules<V>,
        mut reader: Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let (started, last): (bool, Tick) = reader.take()?;
        if commit {
            Detector::reset(self);
            self.started = started;
            self.last = last;
        }
        self.bench.restore(&mut reader, rules.variables(), commit)?;
        let variables = self
            .lanes
            .iter_mut()
            .zip(&mut self.history)
            .take(rules.variables());
        for (lane, history) in variables {
            lane.restore(&mut reader, rules.lane.window(), commit)?;
            let len: u16 = reader.take()?;
            if usize::from(len) > rules.history() {
                return Err(reader.content());
            }
            for _ in 0..len {
                let value: f32 = reader.take()?;
                if value.is_infinite() {
                    return Err(reader.content());
                }
                if commit {
                    history.push(value);
                }
            }
        }
        reader.end()
    }
}

/// What must agree between the detector that saved and the one that restores.
fn shape<F: Predictor, const V: usize>(rules: &Rules<V>) -> u32 {
    snapshot::shape(
        F::NAME,
        [rules.variables(), rules.lane.window(), rules.history()],
    )
}
