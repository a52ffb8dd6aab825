//! Many models of each variable's recent changes, trained at different times, which must all agree: the
//! scheme of Netdata's agent (its documentation of anomaly detection, 2022), without a buffer of rows.
//!
//! ```text
//! vector    the last 6 of (d_t + d_t-1 + d_t-2)/3,  d_t = x_t - x_t-1;  the mean is (x_t - x_t-3)/3
//! model     two centers, k-means of the vectors of a training
//! distance  mean distance of a vector from both centers
//! score     (distance - least)/(most - least)         least, most: distances in the training
//! variable  anomalous if every model's score is `limit` or more
//! row       n anomalous variables of N judged ones: the node's anomaly rate is n/N
//! score     (n + t)/N,  threshold (⌊rate N⌋ + 1/2)/N  anomalous: n/N > rate
//! ```
//!
//! t, 0 to 1/2, decides between rows of equal n: m/(2 + 2 m), m the mean score of all variables. It does
//! not decide about an anomaly.
//!
//! Differs from the agent, and from k-means over a buffer: a training sees each vector once. In its first half the vectors
//! move the centers (MacQueen 1967), from the centers of the training before on; in its second half
//! the centers are fixed, and distances are measured. A new training begins every half, so that two are in
//! progress. Those of the variables end in different rows, and every row costs the same. `limit` and the number
//! of models are the agent's (0.99, 18). A variable is judged once it has `quorum` models; with the first few unanimity is weak.
//! A missing value is passed over, where the agent forgets the vector: differences are those of values that
//! follow one another. A variable that is constant scores 0 until it has moved in a training.
//!
//! A row with fewer than half of its values is answered `Blind` and not learned from; a variable without a
//! value is not judged in this row. All is learned, anomalous rows too: what lasts for one and a half trainings is
//! normal for one model, and so for the variable.
//!
//! Cost per row and variable: two distances to learn and two per model until one says normal, newest first;
//! a distance is 18 operations and a square root. Nine variables on a Cortex-M4F (`opt-level` 3): 5,800 instructions
//! a row in the mean, 7,750 in the dearest of 1,272 rows. A row in which all 18 models of all variables are asked costs more.

mod history;
mod model;
mod settings;
#[cfg(test)]
mod tests;
mod variable;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::sample::{Cause, Reading, Tick, mostly_usable};
use crate::threshold::compared;
use crate::wire::snapshot::{self, Reader, Writer};
pub use settings::{Rules, Settings};
use variable::Variable;

/// `MODELS` models of each of `V` variables. 56 bytes per model and 160 more per variable (1,168 with the
/// agent's 18), and 24; all zeros when new.
///
/// ```
/// use bellwether::{Monitor, consensus::{Consensus, Settings}};
/// let mut state = Consensus::<2, 18>::new();
/// let settings = Settings { window: 100, ..Settings::DEFAULT };
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// for row in 0..1000_u32 {
///     let wave = (row * 37 % 101) as f32 * 0.1; // °C
///     let fault = if row == 900 { 30.0 } else { 0.0 };
///     let answer = monitor.observe([40.0 + wave, 60.0 - wave + fault]);
///     if (900..1000).contains(&row) {
///         // As long as the jump is in the vector.
///         assert_eq!(answer.is_anomalous(), row < 909, "{row}");
///     }
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Consensus<const V: usize, const MODELS: usize> {
    variables: [Variable<MODELS>; V],
    /// Usable rows.
    rows: u32,
    clock: Clock,
}

impl<const V: usize, const MODELS: usize> Consensus<V, MODELS> {
    /// A detector that has seen nothing.
    pub const fn new() -> Self {
        const {
            assert!(MODELS > 0 && MODELS < 255, "1 to 254 models");
        };
        Self {
            variables: [const { Variable::NEW }; V],
            rows: 0,
            clock: Clock::new(),
        }
    }

    /// Of the frame that was observed last, every judged value's score (`error`; anomalous from the limit on), with the
    /// value before it (`expected`), ascending by variable. The score is that of the newest model that says normal, else the
    /// smallest of all.
    pub fn contributions(&self, frame: &[Reading]) -> impl Iterator<Item = Contribution> + Clone {
        let variables = self.variables.iter().zip(frame).enumerate();
        variables.filter_map(|(feature, (variable, reading))| {
            Some(Contribution {
                feature,
                frame: 0,
                value: reading.usable().ok()?,
                expected: variable.history.before(),
                error: variable.score()?,
            })
        })
    }

    fn judge(&self, rules: &Rules<V, MODELS>) -> Assessment {
        let (mut judged, mut flagged, mut sum) = (0_u16, 0_u16, 0.0);
        for score in self.variables.iter().filter_map(Variable::score) {
            judged += 1;
            flagged += u16::from(score >= rules.0.limit);
            // So that the sum of all is finite.
            sum += score.min(1e30);
        }
        if judged == 0 {
            return Assessment::blind(Cause::Missing);
        }
        let all = f32::from(judged);
        let mean = sum / all;
        let score = (f32::from(flagged) + 0.5 * mean / (1.0 + mean)) / all;
        let allowed = (rules.0.rate * all) as u16;
        let threshold = (f32::from(allowed) + 0.5) / all;
        let answer = Assessment::judged(State::Normal, score, threshold);
        compared(answer, score, threshold)
    }
}

impl<const V: usize, const MODELS: usize> Default for Consensus<V, MODELS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const MODELS: usize> Detector for Consensus<V, MODELS> {
    type Settings<'r> = Settings<V, MODELS>;
    type Rules<'r> = Rules<V, MODELS>;
    const MAX_VARIABLES: usize = V;

    fn warm_up(rules: &Rules<V, MODELS>) -> u32 {
        rules.warm_up()
    }

    fn observe(&mut self, rules: &Rules<V, MODELS>, tick: Tick, frame: &[Reading]) -> Assessment {
        if self.clock.advance(tick).is_none() {
            return Assessment::blind(Blindness::OutOfOrder);
        }
        let frame = match mostly_usable(frame, rules.0.variables) {
            Ok(frame) => frame,
            Err(cause) => return Assessment::blind(cause),
        };
        let Settings { limit, quorum, .. } = rules.0;
        // Variables that a short frame lacks are missing.
        let readings = frame.iter().map(|reading| reading.usable().ok());
        let readings = readings.chain(core::iter::repeat(None));
        for (k, (variable, reading)) in self.variables.iter_mut().zip(readings).enumerate() {
            match reading {
                Some(x) => variable.observe(x, limit, quorum, rules.half(), rules.early(k)),
                None => variable.pass(),
            }
        }
        self.rows = self.rows.saturating_add(1);
        if self.rows <= rules.warm_up() {
            let left = rules.warm_up() - self.rows;
            return Assessment::bare(State::Warming { left });
        }
        self.judge(rules)
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    /// One variable after the other: a new state as a whole would take as much stack.
    fn reset(&mut self) {
        for variable in &mut self.variables {
            *variable = Variable::NEW;
        }
        (self.rows, self.clock) = (0, Clock::new());
    }
}

impl<const V: usize, const MODELS: usize> Snapshot for Consensus<V, MODELS> {
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 64;

    fn shape(rules: &Rules<V, MODELS>) -> u32 {
        let variables = rules.0.variables.into();
        snapshot::shape("consensus", "", [variables, MODELS, 0])
    }

    fn save_body(&self, rules: &Rules<V, MODELS>, body: &mut Writer<'_>) {
        self.clock.save(body);
        body.put(&self.rows);
        let variables = self.variables.iter().take(rules.0.variables.into());
        variables.for_each(|variable| variable.save(body));
    }

    fn restore_body(
        &mut self,
        rules: &Rules<V, MODELS>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let rows = body.take()?;
        let variables = self.variables.iter_mut();
        for variable in variables.take(rules.0.variables.into()) {
            variable.restore(body, commit)?;
        }
        if commit {
            (self.rows, self.clock) = (rows, clock);
        }
        Ok(())
    }
}
