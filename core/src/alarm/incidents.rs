//! One answer per incident, for streams of one variable.
//!
//! ```text
//! z1 = (m - mean1)/√(variance1 + 0.05²)    protected: as the severity of an alarm, without smoothing
//! z2 = (m - mean2)/√(variance2 + 0.1²)     not protected: learns everything at full weight
//! severity = max(z1, 0)/2 + max(z2, 0)
//! detected: severity >= 9.5, and none of the 300 rows before had as high a severity
//! ```
//!
//! Benchmarks such as NAB (Lavin and Ahmad 2015) reward the first sharp row of an incident and punish
//! every further one. Alarms smooth over ten rows, which is why they are better elsewhere and worse
//! there: with the severity of alarms, NAB's standard score on its 39 files here is 34.6, with this one
//! 57.0 (50 to 57 with all settings chosen on the other half of the files). The protected mean knows
//! what is odd, the other forgets what lasts.
//!
//! Cost per row: two roots, three divisions, some 20 other operations of f32, and 300 comparisons more
//! in every 300th row. Instructions on Cortex-M4F and M0 (`opt-level` 3): 280 and 4,200, and 4,900
//! and 16,000 in every 300th row. The order of operations is fixed, so the same rows give the same
//! bits on every target.

use super::moments::{FAR, MEMORY, Moments, weight};
use super::{PROTECTED, SLOW};
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::statistics::maximum::Maximum;
use crate::wire::snapshot::{self, Reader, Writer};

/// Rows among which a severity must be the highest.
const ROWS: usize = 300;
/// Smallest deviations of the protected mean and of the other.
const FLOORS: (f32, f32) = (0.05, 0.1);
/// Limit of a severity: the largest difference over both smallest deviations, doubled.
const HIGHEST: f32 = 4.0 * FAR * (0.5 / FLOORS.0 + 1.0 / FLOORS.1);

/// The checked threshold of incidents.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    threshold: f32,
}

impl Rules {
    /// 9.5.
    pub const DEFAULT: Self = Self { threshold: 9.5 };

    /// Checks the severity of an incident: finite and above 0.
    ///
    /// # Errors
    /// It is not.
    pub const fn new(threshold: f32) -> Result<Self, SettingsError> {
        if !(threshold.is_finite() && threshold > 0.0) {
            let allowed = Allowed::Above(0.0);
            return Err(SettingsError::new("threshold", threshold, allowed));
        }
        Ok(Self { threshold })
    }

    /// The severity of an incident.
    pub const fn threshold(self) -> f32 {
        self.threshold
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The answer to one row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Incident {
    /// Severity of the row, 0 or more.
    pub severity: f32,
    /// Whether none of the 300 rows before had as high a severity.
    pub is_highest: bool,
    /// Whether the row begins an incident: the highest, and at the threshold or above.
    pub is_detected: bool,
}

/// The state of incidents of one stream of scores. 1,228 bytes, all zeros when new.
///
/// ```
/// use bellwether::alarm::incidents::{Incidents, Rules};
/// let mut incidents = Incidents::after_fit(750);
/// let detected = (0..900).filter(|row| {
///     let score = if (400..410).contains(row) { 2.0 } else { 0.0 };
///     let answer = incidents.observe(Rules::DEFAULT, Some(score));
///     answer.is_some_and(|row| row.is_detected)
/// });
/// assert_eq!(detected.collect::<Vec<_>>(), [400]);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Incidents {
    protected: Moments,
    open: Moments,
    severities: Maximum<ROWS>,
    learned: u16,
}

impl Incidents {
    /// The state before the first row, of a stream that nothing is known about.
    pub const fn new() -> Self {
        Self::after_fit(0)
    }

    /// The state before the first row after a fit: as if `rows` rows with a score of 0 had been
    /// seen.
    pub const fn after_fit(rows: u32) -> Self {
        Self {
            protected: Moments::new(),
            open: Moments::new(),
            severities: Maximum::new(),
            learned: if rows < MEMORY as u32 {
                rows as u16
            } else {
                MEMORY
            },
        }
    }

    /// Takes the score of the next row, and learns from it. `None` and NaN: the row has no score,
    /// nothing is learned, and the answer is `None`. Scores count as within ±1e6.
    pub fn observe(&mut self, rules: Rules, score: Option<f32>) -> Option<Incident> {
        let Some(score) = score.filter(|score| !score.is_nan()) else {
            self.severities.push(0.0);
            return None;
        };
        let severity = self.learn(score.clamp(-FAR, FAR));
        let is_highest = severity > self.severities.value();
        self.severities.push(severity);
        Some(Incident {
            severity,
            is_highest,
            is_detected: is_highest && severity >= rules.threshold,
        })
    }

    /// The severity of a score, which is learned.
    fn learn(&mut self, score: f32) -> f32 {
        let deviation = self.protected.deviation(FLOORS.0);
        let difference = score - self.protected.mean;
        let z1 = difference / deviation;
        let z2 = (score - self.open.mean) / self.open.deviation(FLOORS.1);
        let weight = weight(self.learned);
        self.learned = self.learned.saturating_add(1).min(MEMORY);
        let slowed = if z1 > PROTECTED {
            SLOW * weight
        } else {
            weight
        };
        let limited = difference.min(PROTECTED * deviation);
        self.protected.learn(limited, slowed);
        self.open.learn(score - self.open.mean, weight);
        0.5 * z1.max(0.0) + z2.max(0.0)
    }
}

impl Default for Incidents {
    fn default() -> Self {
        Self::new()
    }
}

impl Incidents {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 26 + 4 * ROWS;

    /// Saves the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(), &|body| self.save_body(body))
    }

    /// Replaces the state by a saved one.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, shape(), Self::SNAPSHOT_MAX, &mut |body| {
            restored.restore_body(body)
        })?;
        *self = restored;
        Ok(())
    }

    /// Appends the state to a snapshot.
    pub(crate) fn save_body(&self, body: &mut Writer<'_>) {
        body.put(&self.learned);
        self.protected.save(body);
        self.open.save(body);
        self.severities.save(body);
    }

    /// Reads the state in a snapshot, refused if no rows lead to it.
    pub(crate) fn restore_body(&mut self, body: &mut Reader<'_>) -> Result<(), SnapshotError> {
        self.learned = body.take()?;
        self.protected = Moments::saved(body)?;
        self.open = Moments::saved(body)?;
        self.severities.restore(body, 0.0..=HIGHEST)?;
        if self.learned > MEMORY {
            return Err(body.content());
        }
        Ok(())
    }
}

fn shape() -> u32 {
    snapshot::shape("incidents", "", [ROWS, 0, 0])
}
