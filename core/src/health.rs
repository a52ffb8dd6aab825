//! Health of sensors: faults of a sensor itself, beside every detector.
//!
//! A detector that compares values cannot see a sensor that repeats its last value, or sends none. These
//! watchers learn what is usual for each variable while a fit goes on, and then complain:
//!
//! ```text
//! missing   share of missing values > (1 + usual share)/2, at least a half        share: 1/10 of each row
//! stuck     rows with one value ≥ max(8, (1.5 + 3 p)·L)            in between
//!           rows with one value ≥ 20 + 5 L                         at 0, at the usual rest, at or beyond the ends
//! range     beyond lowest and highest value of the fit by a tenth of their distance
//! rate      |difference| > 3 · largest of the fit
//! ```
//!
//! L is 1 more than the longest run of one value in the fit, at least 3, and `p` the share of values that
//! repeat the last one. A variable that is usually steady therefore has long runs. Rows in which the other
//! variables stand still too are not counted: a machine at rest is no broken sensor. A run that ended by
//! itself was one: half of its length is usual from then on.
//!
//! A variable has one complaint at a time, the first in this order. The complaints are apart from alarms and
//! their promise. Limits were chosen on faults injected into recordings and simulated plants (DESIGN.md).
//!
//! Cost per row and variable: some ten comparisons and additions, and a division while it learns.

mod complaint;
mod sensor;
#[cfg(test)]
mod tests;

pub use complaint::{Complaint, Symptom};

use crate::error::SnapshotError;
use crate::sample::Reading;
use crate::wire::snapshot::{self, Reader, Writer};
use sensor::Sensor;

/// Share of rows with another value above which a variable usually moves.
const MOVING: f32 = 0.2;
/// Share of the usual movement of all others, below which they stand still.
const STILL: f32 = 0.7;

/// The health of `V` sensors: 40 bytes for each and 4 more. All zeros when new.
///
/// ```
/// use bellwether::Reading;
/// use bellwether::health::{Health, Symptom};
/// let mut health = Health::<2>::new();
/// let row = |t: u32| [(t % 7) as f32, (t % 5) as f32].map(Reading::Value);
/// for t in 0..500 {
///     health.learn(&row(t));
/// }
/// for t in 500..520 {
///     let [a, _] = row(t);
///     health.observe(&[a, Reading::Value(3.0)]); // the second one is stuck
/// }
/// let found: Vec<_> = health.complaints().collect();
/// assert_eq!((found[0].variable, found[0].symptom), (1, Symptom::Stuck));
/// assert_eq!((found.len(), found[0].rows), (1, 13));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Health<const V: usize> {
    sensors: [Sensor; V],
    /// Rows that were learned from.
    rows: u32,
}

impl<const V: usize> Health<V> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 5 + V * sensor::SAVED_MAX;

    /// Before the first row.
    pub const fn new() -> Self {
        Self {
            sensors: [const { Sensor::new() }; V],
            rows: 0,
        }
    }

    /// Learns what is usual from a row that is believed normal. Only missing values are complained about.
    pub fn learn(&mut self, frame: &[Reading]) {
        self.rows = self.rows.saturating_add(1);
        for (sensor, reading) in self.sensors.iter_mut().zip(frame) {
            sensor.learn(reading.usable().ok(), self.rows);
        }
    }

    /// Watches a row. Without a row that was learned from, there are no complaints. Variables beyond the
    /// frame are not watched.
    pub fn observe(&mut self, frame: &[Reading]) {
        if self.rows == 0 {
            for (sensor, reading) in self.sensors.iter_mut().zip(frame) {
                sensor.follow(reading.usable().ok());
            }
            return;
        }
        let readings = || frame.iter().map(|reading| reading.usable().ok());
        let mut pairs = self.sensors.iter().zip(readings());
        // Where no value is repeated, it does not matter what the others do.
        let others = if pairs.any(|(sensor, x)| sensor.repeats(x)) {
            self.movement(readings())
        } else {
            (0.0, 0.0)
        };
        for (sensor, x) in self.sensors.iter_mut().zip(readings()) {
            let counts = sensor.repeats(x) && others_move(sensor, x, others);
            sensor.observe(x, counts);
        }
    }

    /// Usual movement of all variables that usually move, and their movement in this row.
    fn movement(&self, readings: impl Iterator<Item = Option<f32>>) -> (f32, f32) {
        let (mut usual, mut now) = (0.0, 0.0);
        for (sensor, x) in self.sensors.iter().zip(readings) {
            if sensor.moves() > MOVING {
                usual += sensor.moves();
                now += sensor.moved(x);
            }
        }
        (usual, now)
    }

    /// The complaints after the last row, ascending by variable.
    pub fn complaints(&self) -> impl Iterator<Item = Complaint> + Clone {
        let sensors = self.sensors.iter().enumerate();
        sensors.filter_map(|(variable, sensor)| {
            Some(Complaint {
                variable: variable as u16,
                symptom: sensor.symptom()?,
                rows: sensor.age(),
            })
        })
    }

    /// Lowest and highest value of a variable that is no complaint: the range of the values that were learned
    /// from and a tenth of it on either side, at least 1 % of the largest value. `None` without a value.
    pub fn usual(&self, variable: usize) -> Option<(f32, f32)> {
        self.sensors.get(variable)?.usual()
    }

    /// The last value of a variable; `None` before the first.
    pub(crate) fn last(&self, variable: usize) -> Option<f32> {
        self.sensors.get(variable)?.last()
    }

    /// Whether a value of a variable is beyond its usual range; not, if that is not known.
    pub(crate) fn is_beyond(&self, variable: usize, x: f32) -> bool {
        let sensor = self.sensors.get(variable);
        sensor.is_some_and(|sensor| sensor.is_beyond(x))
    }

    /// Rows with the last value of a variable, and the longest usual run of one value.
    pub(crate) fn runs(&self, variable: usize) -> (u16, u16) {
        self.sensors.get(variable).map_or((0, 0), Sensor::runs)
    }

    /// Share of missing values of a variable, of late.
    pub(crate) fn gaps(&self, variable: usize) -> f32 {
        self.sensors.get(variable).map_or(0.0, Sensor::gaps)
    }

    /// Rows that were learned from.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        for sensor in &mut self.sensors {
            *sensor = Sensor::new();
        }
        self.rows = 0;
    }

    /// Saves what is known of the first `variables` and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small: [`Self::SNAPSHOT_MAX`] suffices.
    pub fn save(&self, variables: u16, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(variables), &|body| {
            self.save_body(variables, body);
        })
    }

    /// Replaces what is known of the first `variables` by a saved state of as many.
    ///
    /// # Errors
    /// The reason why the bytes were refused. Nothing changed.
    pub fn restore(&mut self, variables: u16, bytes: &[u8]) -> Result<(), SnapshotError> {
        for commit in [false, true] {
            snapshot::read_slice(bytes, shape(variables), Self::SNAPSHOT_MAX, &mut |body| {
                self.restore_body(variables, body, commit)
            })?;
        }
        Ok(())
    }

    /// Appends the first variables to a snapshot.
    pub(crate) fn save_body(&self, variables: u16, body: &mut Writer<'_>) {
        body.put(&self.rows);
        for sensor in self.sensors.iter().take(variables.into()) {
            sensor.save(body);
        }
    }

    /// Takes them from a snapshot; stores them if `commit`.
    pub(crate) fn restore_body(
        &mut self,
        variables: u16,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let rows = body.take()?;
        for place in self.sensors.iter_mut().take(variables.into()) {
            let sensor = Sensor::saved(body)?;
            if commit {
                *place = sensor;
            }
        }
        if commit {
            self.rows = rows;
        }
        Ok(())
    }
}

/// Whether the others move as is usual, or there are none, of all variables' `usual` movement and that of `now`.
fn others_move(sensor: &Sensor, x: Option<f32>, (mut usual, mut now): (f32, f32)) -> bool {
    if sensor.moves() > MOVING {
        usual -= sensor.moves();
        now -= sensor.moved(x);
    }
    usual <= MOVING || now >= STILL * usual
}

fn shape(variables: u16) -> u32 {
    snapshot::shape("health", "", [variables.into(), 0, 0])
}

impl<const V: usize> Default for Health<V> {
    fn default() -> Self {
        Self::new()
    }
}
