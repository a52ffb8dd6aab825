//! The distance of a row from the mean in the metric of the covariance (Mahalanobis 1936), both learned on
//! the device, and a limit from chi-square: the multivariate control chart of Hotelling (1947), for single
//! rows.
//!
//! ```text
//! b = x - mean    mean += w b    C = (1 - w)(C + w b b')     w = 1/n, after `learn` rows at least 1/memory
//! d² = b' C⁻¹ b = z'z,  R'z = b,  C = R'R                    R by rotations (`factor.rs`), C is never formed
//! part_j = b_j (C⁻¹ b)_j,  Σ part_j = d²
//! limit  = ν (1 - 2/(9ν) + q √(2/(9ν)))³                     Wilson and Hilferty (1931); ν values, q = `sigmas`
//! ```
//!
//! The limit is a quantile of chi-square with ν degrees. For q = 3 it is off by 2.6 % for one value,
//! 2.0 % for two, and at most 1.6 % for three to 60 (tests compare the incomplete gamma function). That
//! d² of normal rows is chi-square holds for a covariance that is known: one learned from few rows makes d² larger.
//!
//! **Missing values.** A row with fewer than half of its values is answered `Blind` and not learned from.
//! Of other rows d² is that of the present values under their own covariance, ν is their number, and no
//! value is invented. In learning, a missing value counts as the mean, and a variable's variance is divided
//! by its share of rows with a value, s: variances are exact, and a covariance is too small by a factor of
//! √(s_i s_j) if values are missing independently, by none if they are missing together.
//!
//! Differs from the textbook: the deviation of a variable whose predecessors are known is at least `ridge`
//! of its own and `floor` of its mean, so that a constant or a copied variable does not flag every digit.
//! After `learn` rows a row above the limit is learned as if it were at the limit, so that no single row
//! moves mean or covariance far. Values count as within ±1e18.
//!
//! Cost per row: V² multiply-adds, and 2 V² more in rows that are learned from; a row with m missing
//! values 2 m V² more, and a copy of R on the stack (4 V² bytes). Nine variables on a Cortex-M4F (`opt-level` 3):
//! 4,750 instructions, 6,850 in rows that are learned from.

mod factor;
mod settings;
#[cfg(test)]
mod tests;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::math::{abs, sqrt};
use crate::sample::{Cause, Reading, Tick, mostly_usable};
use crate::wire::snapshot::{self, Reader, Writer};
use factor::{Deviations, FAR, Factor};
pub use settings::{Rules, Settings};

/// Smallest deviation of all.
const LEAST: f32 = 1e-9;

/// Mean and covariance of `V` variables. 4 V² + 12 V + 24 bytes, all zeros when new; meant for up to about
/// 32 variables (4.5 KB).
///
/// ```
/// use bellwether::{Monitor, mahalanobis::{Mahalanobis, Settings}};
/// let mut state = Mahalanobis::<2>::new();
/// let settings = Settings { learn: 100, ..Settings::DEFAULT };
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// for row in 0..200_u32 {
///     let wave = (row % 10) as f32; // °C
///     let noise = (row * 37 % 11) as f32 * 0.1;
///     // Within its range, but not where the first variable has it.
///     let fault = if row == 150 { 5.0 } else { 0.0 };
///     let answer = monitor.observe([40.0 + wave, 60.0 + wave + noise + fault]);
///     assert_eq!(answer.is_anomalous(), row == 150);
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Mahalanobis<const V: usize> {
    means: [f64; V],
    factor: Factor<V>,
    /// Share of rows in which a variable had a value.
    shares: [f32; V],
    /// Rows that were learned from.
    rows: u32,
    learned: bool,
    clock: Clock,
}

impl<const V: usize> Mahalanobis<V> {
    /// A detector that has seen nothing.
    pub const fn new() -> Self {
        Self {
            means: [0.0; V],
            factor: Factor::NEW,
            shares: [0.0; V],
            rows: 0,
            learned: false,
            clock: Clock::new(),
        }
    }

    /// The part of every usable value in d² (`error`; they add up to it, and single ones can be below 0), with
    /// the mean (`expected`), ascending by variable; none before it has learned.
    pub fn contributions(
        &self,
        rules: &Rules<V>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> + Clone {
        let frame = frame.get(..rules.0.variables.into()).unwrap_or(frame);
        let parts = self.learned.then(|| {
            let deviations = self.deviations(rules, frame);
            let parts = self.factor.parts(&deviations, rules.0.ridge);
            (parts, deviations.present)
        });
        let parts = parts.into_iter().flat_map(|(parts, present)| {
            let present = present.into_iter();
            parts.into_iter().zip(present)
        });
        let variables = parts.zip(&self.means).zip(frame).enumerate();
        variables.filter_map(|(feature, (((error, present), mean), reading))| {
            let value = reading.usable().ok().filter(|_| present)?;
            Some(Contribution {
                feature,
                frame: 0,
                value,
                expected: *mean as f32,
                error,
            })
        })
    }

    /// A row's deviations, scaled to variances over all rows.
    fn deviations(&self, rules: &Rules<V>, frame: &[Reading]) -> Deviations<V> {
        let mut row = Deviations {
            of: [0.0; V],
            present: [false; V],
            least: [0.0; V],
        };
        let to = row.of.iter_mut().zip(&mut row.present).zip(&mut row.least);
        let from = frame.iter().zip(&self.means).zip(&self.shares);
        for (((of, present), least), ((reading, mean), share)) in to.zip(from) {
            if let Ok(x) = reading.usable()
                && *share > 0.0
            {
                let scale = sqrt(*share);
                *of = deviation(x, *mean) * scale;
                *least = (rules.0.floor * abs(*mean as f32)).max(LEAST) * scale;
                *present = true;
            }
        }
        row
    }

    /// Takes up a row with a weight, and its deviations as a share of theirs.
    fn learn(&mut self, frame: &[Reading], weight: f32, shrink: f32) {
        let mut steps = [0.0; V];
        let variables = self.means.iter_mut().zip(&mut self.shares);
        let readings = frame.iter().map(|reading| reading.usable().ok());
        // Variables that a short frame lacks are missing.
        let readings = readings.chain(core::iter::repeat(None));
        for (((mean, share), step), reading) in variables.zip(&mut steps).zip(readings) {
            *share += weight * (f32::from(u8::from(reading.is_some())) - *share);
            if let Some(x) = reading {
                let own = (weight / *share).min(1.0);
                let before = deviation(x, *mean) * shrink;
                *mean += f64::from(own) * f64::from(before);
                *step = before * sqrt(weight * (1.0 - own));
            }
        }
        self.factor.update(sqrt(1.0 - weight), steps, 0);
    }

    fn warm(&mut self, rules: &Rules<V>, frame: &[Reading]) -> Assessment {
        self.rows = self.rows.saturating_add(1);
        self.learn(frame, 1.0 / self.rows as f32, 1.0);
        let left = rules.0.learn.saturating_sub(self.rows);
        self.learned = left == 0;
        Assessment::bare(State::Warming { left })
    }

    fn judge(&mut self, rules: &Rules<V>, frame: &[Reading]) -> Assessment {
        let deviations = self.deviations(rules, frame);
        let count = deviations.count();
        if count == 0 {
            return Assessment::blind(Cause::Missing);
        }
        let square = self.factor.solve(&deviations, rules.0.ridge).square();
        let limit = rules.limit(count);
        let state = if square > limit {
            State::Anomalous
        } else {
            State::Normal
        };
        if rules.0.memory > 0 {
            self.rows = self.rows.saturating_add(1).min(rules.0.memory);
            let shrink = if square > limit {
                sqrt(limit / square)
            } else {
                1.0
            };
            self.learn(frame, 1.0 / self.rows as f32, shrink);
        }
        Assessment::judged(state, square, limit)
    }
}

/// The distance of a value from a mean, both within half the largest deviation.
fn deviation(x: f32, mean: f64) -> f32 {
    (f64::from(x.clamp(-FAR / 2.0, FAR / 2.0)) - mean) as f32
}

impl<const V: usize> Default for Mahalanobis<V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize> Detector for Mahalanobis<V> {
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
        match mostly_usable(frame, rules.0.variables) {
            Err(cause) => Assessment::blind(cause),
            Ok(frame) if self.learned => self.judge(rules, frame),
            Ok(frame) => self.warm(rules, frame),
        }
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<const V: usize> Snapshot for Mahalanobis<V> {
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 64;

    /// Neither a window nor a history.
    fn shape(rules: &Rules<V>) -> u32 {
        snapshot::shape("mahalanobis", "", [rules.0.variables.into(), 0, 0])
    }

    fn save_body(&self, rules: &Rules<V>, body: &mut Writer<'_>) {
        let variables = usize::from(rules.0.variables);
        self.clock.save(body);
        body.put(&(self.rows, self.learned));
        for (mean, share) in self.means.iter().zip(&self.shares).take(variables) {
            body.put(&(mean, share));
        }
        for (k, row) in self.factor.0.iter().take(variables).enumerate() {
            let behind = row.iter().take(variables).skip(k);
            behind.for_each(|x| body.put(x));
        }
    }

    fn restore_body(
        &mut self,
        rules: &Rules<V>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let variables = usize::from(rules.0.variables);
        let clock = Clock::saved(body, 2)?;
        let (rows, learned) = body.take()?;
        let places = self.means.iter_mut().zip(&mut self.shares);
        for (mean_at, share_at) in places.take(variables) {
            let (mean, share): (f64, f32) = body.take()?;
            let far = f64::from(FAR / 2.0) * 1.000_001;
            if !((-far..=far).contains(&mean) && (0.0..=1.000_001).contains(&share)) {
                return Err(body.content());
            }
            if commit {
                (*mean_at, *share_at) = (mean, share);
            }
        }
        for (k, row) in self.factor.0.iter_mut().take(variables).enumerate() {
            for (j, place) in row.iter_mut().take(variables).enumerate().skip(k) {
                let x: f32 = body.take()?;
                if !factor::possible(x, j == k) {
                    return Err(body.content());
                }
                if commit {
                    *place = x;
                }
            }
        }
        if commit {
            (self.rows, self.learned, self.clock) = (rows, learned, clock);
        }
        Ok(())
    }
}
