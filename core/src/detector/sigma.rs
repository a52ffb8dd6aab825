//! Mean and standard deviation of each variable, learned in front, and fixed limits around them: the
//! three-sigma rule of Shewhart's control charts (1931), for individual values.
//!
//! ```text
//! mean_i = 1/n Σ x    s_i = √(1/n Σ (x - mean_i)²)    over the n values of variable i in the first `learn` rows
//! z_i    = (x - mean_i) / max(s_i, floor · |mean_i|, 1e-9)
//! score  = max_i |z_i|, or the mean of min(|z_i|, 50)    anomalous: score > sigmas
//! ```
//!
//! Differs from a chart: s is the root of the mean square, not a mean range over d₂; and a floor keeps
//! a variable that was constant from flagging every digit. After the first `learn` rows nothing is
//! learned: a stream that changes for good stays anomalous until `reset`.
//!
//! Sums are those of [`moments`](crate::statistics), in `f64` while it learns: three additions, products and
//! a division per variable and row. Then all is f32: a difference and a division per variable.

#[cfg(test)]
mod tests;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::detector::snapshot::Snapshot;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::math::abs;
use crate::sample::{Cause, Reading, Tick, mostly_usable};
use crate::statistics::moments::Moments;
use crate::wire::snapshot::{self, Reader, Writer};

/// The score of a row, from the deviations of its variables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Score {
    /// The largest deviation: a single variable out of its limits is an anomaly.
    #[default]
    Largest,
    /// The mean deviation. Each counts at most 50, so that one broken sensor does not decide. It ranks
    /// rows of many variables better and flags fewer of them.
    Mean,
}

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const V: usize> {
    /// Variables in use, 1 to `V`.
    pub variables: u16,
    /// Rows that are learned from, 1 or more.
    pub learn: u32,
    /// The score of a row.
    pub score: Score,
    /// Standard deviations above which a score is anomalous; finite and above 0.
    pub sigmas: f32,
    /// Smallest deviation, as a share of the mean; finite, 0 or more.
    pub floor: f32,
}

impl<const V: usize> Settings<V> {
    /// Three deviations, learned from a day of minutes; a hundredth of the mean at least.
    pub const DEFAULT: Self = Self {
        variables: V as u16,
        learn: 1440,
        score: Score::Largest,
        sigmas: 3.0,
        floor: 0.01,
    };
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize>(Settings<V>);

impl<const V: usize> TryFrom<Settings<V>> for Rules<V> {
    type Error = SettingsError;

    fn try_from(settings: Settings<V>) -> Result<Self, SettingsError> {
        let Settings {
            variables,
            learn,
            sigmas,
            floor,
            ..
        } = settings;
        if variables == 0 || usize::from(variables) > V {
            return Err(SettingsError::count("variables", variables.into(), V));
        }
        if learn == 0 {
            return Err(SettingsError::new("learn", 0.0, Allowed::AtLeast(1.0)));
        }
        if !(sigmas.is_finite() && sigmas > 0.0) {
            return Err(SettingsError::new("sigmas", sigmas, Allowed::Above(0.0)));
        }
        if !(floor.is_finite() && floor >= 0.0) {
            return Err(SettingsError::new("floor", floor, Allowed::AtLeast(0.0)));
        }
        Ok(Self(settings))
    }
}

/// Largest part of a variable in a mean.
const MOST: f32 = 50.0;

/// Fixed limits about the mean of each of `V` variables. 24 bytes per variable and 24 more; all zeros
/// when new.
///
/// A row with fewer than half of its values is answered `Blind` and not learned from; of other rows,
/// missing values are passed over.
///
/// ```
/// use bellwether::{Monitor, sigma::{Settings, Sigma}};
/// let mut state = Sigma::<2>::new();
/// let settings = Settings { learn: 100, ..Settings::DEFAULT };
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// for row in 0..200_u32 {
///     let wave = (row % 10) as f32; // °C; mean 4.5, deviation 2.9
///     let fault = if row == 150 { 20.0 } else { 0.0 };
///     let answer = monitor.observe([40.0 + wave, 60.0 + wave + fault]);
///     assert_eq!(answer.is_anomalous(), row == 150);
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sigma<const V: usize> {
    variables: [Moments; V],
    /// Rows that were learned from.
    rows: u32,
    learned: bool,
    clock: Clock,
}

impl<const V: usize> Sigma<V> {
    /// A detector that has seen nothing.
    pub const fn new() -> Self {
        Self {
            variables: [Moments::NEW; V],
            rows: 0,
            learned: false,
            clock: Clock::new(),
        }
    }

    /// Every usable value of a row in deviations from its variable's mean (`error`), with the mean
    /// (`expected`), ascending by variable; none before it has learned.
    pub fn contributions(
        &self,
        rules: &Rules<V>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> + Clone {
        let floor = rules.0.floor;
        let learned = self.learned.then_some(&self.variables);
        let variables = learned.into_iter().flatten().zip(frame);
        let variables = variables.take(rules.0.variables.into()).enumerate();
        variables.filter_map(move |(feature, (variable, reading))| {
            let value = reading.usable().ok()?;
            Some(Contribution {
                feature,
                frame: 0,
                value,
                expected: variable.mean as f32,
                error: variable.z(value, floor)?,
            })
        })
    }

    fn learn(&mut self, rules: &Rules<V>, frame: &[Reading]) -> Assessment {
        for (variable, reading) in self.variables.iter_mut().zip(frame) {
            if let Ok(x) = reading.usable() {
                variable.learn(x);
            }
        }
        self.rows = self.rows.saturating_add(1);
        let left = rules.0.learn.saturating_sub(self.rows);
        if left == 0 {
            self.variables.iter_mut().for_each(Moments::finish);
            self.learned = true;
        }
        Assessment::bare(State::Warming { left })
    }

    fn judge(&self, rules: &Rules<V>, frame: &[Reading]) -> Assessment {
        let parts = self.contributions(rules, frame);
        let worst = parts.clone().reduce(|worst, next| {
            if abs(next.error) > abs(worst.error) {
                next
            } else {
                worst
            }
        });
        let Some(worst) = worst else {
            return Assessment::blind(Cause::Missing);
        };
        let score = match rules.0.score {
            Score::Largest => abs(worst.error),
            Score::Mean => {
                let (count, sum) = parts.fold((0.0, 0.0), |(count, sum), part| {
                    (count + 1.0, sum + abs(part.error).min(MOST))
                });
                sum / count
            }
        };
        let state = if score > rules.0.sigmas {
            State::Anomalous
        } else {
            State::Normal
        };
        Assessment::judged(state, score, rules.0.sigmas).expecting(worst.expected)
    }
}

impl<const V: usize> Default for Sigma<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize> Detector for Sigma<V> {
    type Settings<'r> = Settings<V>;
    type Rules<'r> = Rules<V>;
    const MAX_VARIABLES: usize = V;

    fn warm_up(rules: &Rules<V>) -> u32 {
        rules.0.learn
    }

    fn observe(&mut self, rules: &Rules<V>, tick: Tick, frame: &[Reading]) -> Assessment {
        if self.clock.advance(tick).is_none() {
            return Assessment::blind(Blindness::OutOfOrder);
        }
        let frame = match mostly_usable(frame, rules.0.variables) {
            Ok(frame) => frame,
            Err(cause) => return Assessment::blind(cause),
        };
        if self.learned {
            self.judge(rules, frame)
        } else {
            self.learn(rules, frame)
        }
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<const V: usize> Snapshot for Sigma<V> {
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 64;

    /// Neither a window nor a history.
    fn shape(rules: &Rules<V>) -> u32 {
        snapshot::shape("sigma", "", [rules.0.variables.into(), 0, 0])
    }

    fn save_body(&self, rules: &Rules<V>, body: &mut Writer<'_>) {
        self.clock.save(body);
        body.put(&(self.rows, self.learned));
        for of in self.variables.iter().take(rules.0.variables.into()) {
            of.save(body);
        }
    }

    fn restore_body(
        &mut self,
        rules: &Rules<V>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let (rows, learned) = body.take()?;
        for place in self.variables.iter_mut().take(rules.0.variables.into()) {
            let read = Moments::saved(body)?;
            if commit {
                *place = read;
            }
        }
        if commit {
            (self.rows, self.learned, self.clock) = (rows, learned, clock);
        }
        Ok(())
    }
}
