//! Control charts: the mean and the deviation of each variable are learned in front, and a [`Chart`] then
//! judges every value in deviations from that mean.
//!
//! ```text
//! z_i   = (x_i - mean_i) / max(s_i, floor · |mean_i|, 1e-9), at most 50    mean, s: the first `learn` rows
//! score = max_i chart_i(z_i)                                anomalous: a variable is above the chart's limit
//! ```
//!
//! | chart | finds | state per variable |
//! |---|---|--:|
//! | [`Limits`] | values out of limits with hysteresis: warning, critical | 40 B |
//! | [`Cusum`] | small lasting shifts | 48 B |
//! | [`PageHinkley`] | shifts, and takes the new level for normal | 56 B |
//! | [`Gaussian`] | values off an exponentially weighted mean | 48 B |
//! | [`Window`] | values off the mean of the last `N` | 4 N + 40 B |
//! | [`Profile`] | values off the profile of a day | 5 B + 40 B |
//!
//! 24 bytes more for all of them. A value is worth at most 50 deviations, so that no single one fills a sum.

pub mod cusum;
pub mod gaussian;
pub mod limits;
pub mod page_hinkley;
pub mod profile;
#[cfg(test)]
mod tests;
pub mod window;

pub use cusum::Cusum;
pub use gaussian::Gaussian;
pub use limits::Limits;
pub use page_hinkley::PageHinkley;
pub use profile::Profile;
pub use window::Window;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::detector::snapshot::Snapshot;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::sample::{Cause, Reading, Tick, mostly_usable};
use crate::statistics::moments::Moments;
use crate::wire::snapshot::{self, Reader, Writer};

/// Most deviations of a value.
pub const MOST: f32 = 50.0;

/// The statistic of one variable. Its state is all zeros when new.
pub trait Chart: Clone {
    /// A user's choices.
    type Settings: Copy;
    /// The chart's name, one lower-case word.
    const NAME: &'static str;
    /// Sizes that a snapshot must agree on, up to two.
    const SIZES: [usize; 2] = [0, 0];
    /// The state before the first value.
    const NEW: Self;
    /// The settings that suit a first look.
    const DEFAULT: Self::Settings;

    /// Checks the settings.
    ///
    /// # Errors
    /// A setting is out of range.
    fn check(settings: &Self::Settings) -> Result<(), SettingsError>;

    /// Judges a value in deviations from the learned mean, then learns from it.
    fn step(&mut self, settings: &Self::Settings, tick: Tick, z: f32) -> Point;

    /// Appends the state to a snapshot.
    fn save(&self, body: &mut Writer<'_>);

    /// The state of a snapshot.
    ///
    /// # Errors
    /// It is none of a chart.
    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError>;
}

/// A value on a chart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Point {
    /// The statistic, 0 or more.
    pub score: f32,
    /// The limit that it is held against.
    pub limit: f32,
    /// The value that was expected, in deviations from the learned mean.
    pub expected: f32,
}

impl Point {
    /// Whether the statistic is above its limit.
    pub fn is_out(self) -> bool {
        self.score > self.limit
    }
}

/// The choices of a user, for all variables alike.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<C> {
    /// Variables in use, 1 to the capacity.
    pub variables: u16,
    /// Rows that mean and deviation are learned from, 2 or more.
    pub learn: u32,
    /// Smallest deviation, as a share of the mean; finite, 0 or more.
    pub floor: f32,
    /// Those of the chart.
    pub chart: C,
}

impl<C> Settings<C> {
    /// These of a chart, learned from a day of minutes; a hundredth of the mean is the least deviation.
    pub const fn new(variables: u16, chart: C) -> Self {
        Self {
            variables,
            learn: 1440,
            floor: 0.01,
            chart,
        }
    }
}

/// Checked [`Settings`] of charts of `V` variables.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<C, const V: usize>(Settings<C>);

/// One variable: its learned moments, its chart, and the last point on it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Variable<C> {
    moments: Moments,
    chart: C,
    point: Point,
}

/// A chart for each of `V` variables.
///
/// A row with fewer than half of its values is answered `Blind` and not learned from; of other rows,
/// missing values are passed over.
///
/// ```
/// use bellwether::chart::{Charts, Cusum, Settings, cusum};
/// use bellwether::Monitor;
/// let settings = Settings { learn: 100, ..Settings::new(1, cusum::Settings::DEFAULT) };
/// let mut state = Charts::<Cusum, 1>::new();
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// let mut first = None;
/// for row in 0..300_u32 {
///     let wave = (row % 10) as f32; // mean 4.5, deviation 2.9
///     let shift = if row >= 200 { 3.0 } else { 0.0 }; // one deviation
///     if monitor.observe([40.0 + wave + shift]).is_anomalous() {
///         first = first.or(Some(row));
///     }
/// }
/// assert_eq!(first, Some(208));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Charts<C, const V: usize> {
    variables: [Variable<C>; V],
    /// Rows that were learned from.
    rows: u32,
    learned: bool,
    clock: Clock,
}

impl<C: Chart, const V: usize> Charts<C, V> {
    /// Charts without a value.
    pub const fn new() -> Self {
        Self {
            variables: [const {
                Variable {
                    moments: Moments::NEW,
                    chart: C::NEW,
                    point: Point {
                        score: 0.0,
                        limit: 0.0,
                        expected: 0.0,
                    },
                }
            }; V],
            rows: 0,
            learned: false,
            clock: Clock::new(),
        }
    }

    /// The chart of a variable.
    pub fn chart(&self, variable: usize) -> Option<&C> {
        Some(&self.variables.get(variable)?.chart)
    }

    /// The last point of every variable with a value in this row (`error`: its statistic), ascending by
    /// variable; none before the charts have learned.
    pub fn contributions(
        &self,
        rules: &Rules<C::Settings, V>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> + Clone {
        let floor = rules.0.floor;
        let variables = self.learned.then_some(&self.variables);
        let variables = variables.into_iter().flatten().zip(frame);
        let variables = variables.take(rules.0.variables.into()).enumerate();
        variables.filter_map(move |(feature, (of, reading))| {
            Some(Contribution {
                feature,
                frame: 0,
                value: reading.usable().ok()?,
                expected: of.moments.mean as f32 + of.point.expected * of.moments.unit(floor),
                error: of.point.score,
            })
        })
    }

    fn learn(&mut self, rules: &Settings<C::Settings>, frame: &[Reading]) -> Assessment {
        for (of, reading) in self.variables.iter_mut().zip(frame) {
            if let Ok(x) = reading.usable() {
                of.moments.learn(x);
            }
        }
        self.rows = self.rows.saturating_add(1);
        let left = rules.learn.saturating_sub(self.rows);
        if left == 0 {
            self.variables.iter_mut().for_each(|of| of.moments.finish());
            self.learned = true;
        }
        Assessment::bare(State::Warming { left })
    }

    /// The largest point decides; one out of its limit goes before one within.
    fn judge(
        &mut self,
        rules: &Settings<C::Settings>,
        tick: Tick,
        frame: &[Reading],
    ) -> Assessment {
        let mut worst: Option<(Point, f32)> = None;
        for (of, reading) in self.variables.iter_mut().zip(frame) {
            let Ok(x) = reading.usable() else { continue };
            let Some(z) = of.moments.z(x, rules.floor) else {
                continue;
            };
            of.point = of.chart.step(&rules.chart, tick, z.clamp(-MOST, MOST));
            let rank = |point: Point| (point.is_out(), point.score);
            if worst.is_none_or(|(before, _)| rank(of.point) > rank(before)) {
                let expected = of.point.expected * of.moments.unit(rules.floor);
                worst = Some((of.point, of.moments.mean as f32 + expected));
            }
        }
        let Some((point, expected)) = worst else {
            return Assessment::blind(Cause::Missing);
        };
        let state = match point.is_out() {
            true => State::Anomalous,
            false => State::Normal,
        };
        Assessment::judged(state, point.score, point.limit).expecting(expected)
    }
}

impl<C: Chart, const V: usize> Default for Charts<C, V> {
    fn default() -> Self {
        Self::new()
    }
}

/// A chart whose settings are checked; it ties the settings to one chart.
pub trait Charted: Copy {
    /// The chart of these settings.
    type Chart: Chart<Settings = Self>;
}

impl<S: Charted, const V: usize> TryFrom<Settings<S>> for Rules<S, V> {
    type Error = SettingsError;

    fn try_from(settings: Settings<S>) -> Result<Self, SettingsError> {
        let Settings {
            variables,
            learn,
            floor,
            chart,
        } = settings;
        if variables == 0 || usize::from(variables) > V {
            return Err(SettingsError::count("variables", variables.into(), V));
        }
        if learn < 2 {
            return Err(SettingsError::new(
                "learn",
                learn as f32,
                Allowed::AtLeast(2.0),
            ));
        }
        if !(floor.is_finite() && floor >= 0.0) {
            return Err(SettingsError::new("floor", floor, Allowed::AtLeast(0.0)));
        }
        S::Chart::check(&chart)?;
        Ok(Self(settings))
    }
}

impl<C: Chart, const V: usize> Detector for Charts<C, V>
where
    C::Settings: Charted<Chart = C>,
{
    type Settings<'r> = Settings<C::Settings>;
    type Rules<'r> = Rules<C::Settings, V>;
    const MAX_VARIABLES: usize = V;

    fn warm_up(rules: &Self::Rules<'_>) -> u32 {
        rules.0.learn
    }

    fn observe(&mut self, rules: &Self::Rules<'_>, tick: Tick, frame: &[Reading]) -> Assessment {
        if self.clock.advance(tick).is_none() {
            return Assessment::blind(Blindness::OutOfOrder);
        }
        let frame = match mostly_usable(frame, rules.0.variables) {
            Ok(frame) => frame,
            Err(cause) => return Assessment::blind(cause),
        };
        if self.learned {
            self.judge(&rules.0, tick, frame)
        } else {
            self.learn(&rules.0, frame)
        }
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<C: Chart, const V: usize> Snapshot for Charts<C, V>
where
    C::Settings: Charted<Chart = C>,
{
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 64 + 16 * V;

    fn shape(rules: &Self::Rules<'_>) -> u32 {
        let [a, b] = C::SIZES;
        snapshot::shape("chart", C::NAME, [rules.0.variables.into(), a, b])
    }

    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>) {
        self.clock.save(body);
        body.put(&(self.rows, self.learned));
        for of in self.variables.iter().take(rules.0.variables.into()) {
            of.moments.save(body);
            of.chart.save(body);
        }
    }

    fn restore_body(
        &mut self,
        rules: &Self::Rules<'_>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let (rows, learned) = body.take()?;
        for place in self.variables.iter_mut().take(rules.0.variables.into()) {
            let moments = Moments::saved(body)?;
            let chart = C::saved(body)?;
            if commit {
                *place = Variable {
                    moments,
                    chart,
                    point: Point::default(),
                };
            }
        }
        if commit {
            (self.rows, self.learned, self.clock) = (rows, learned, clock);
        }
        Ok(())
    }
}
