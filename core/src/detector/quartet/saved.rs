//! Snapshots of a quartet.

use super::fit::RANGES;
use super::parts::Layout;
use super::quarantine::Quarantine;
use super::surprise::Calibration;
use super::{Quartet, Rules};
use crate::clock::Clock;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::wire::snapshot::{self, Reader, Writer};

impl Layout {
    /// Lengths of the floats, in the order of [`RANGES`].
    const fn floats(self) -> [usize; RANGES.len()] {
        let (v, d) = (self.shape.count(), self.shape.residual());
        [v, v, v, v, d, d, d * (d + 1) / 2]
    }

    /// The largest squared distance of two vectors.
    fn farthest(self) -> u32 {
        let long = self.long() as u32;
        long.max(self.short() as u32).saturating_mul(255 * 255)
    }
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> Snapshot
    for Quartet<FLOATS, BYTES, DISTANCES>
{
    const SNAPSHOT_MAX: usize = 4 * FLOATS + BYTES + 5 * DISTANCES + 128;

    fn shape(rules: &Rules<FLOATS, BYTES, DISTANCES>) -> u32 {
        let shape = rules.shape();
        let sizes = [shape.variables, shape.vectors, shape.candidates];
        snapshot::shape("quartet", "", sizes.map(usize::from))
    }

    fn save_body(&self, rules: &Rules<FLOATS, BYTES, DISTANCES>, body: &mut Writer<'_>) {
        self.clock.save(body);
        let rows = if self.is_fitted(rules) { self.rows } else { 0 };
        body.put(&rows);
        if rows == 0 {
            return;
        }
        let layout = Layout {
            shape: self.shape,
            rows,
        };
        body.put(&(self.calibration.usual, self.calibration.inv_scale));
        body.put(&(self.held.value, self.stored));
        self.quarantine.save(body);
        let floats: usize = layout.floats().into_iter().sum();
        self.floats.iter().take(floats).for_each(|x| body.put(x));
        let bytes = self.bytes.iter().take(layout.bytes());
        bytes.for_each(|byte| body.put(byte));
        let distances = self.distances.iter().take(self.shape.distances());
        distances.for_each(|distance| body.put(distance));
    }

    fn restore_body(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        self.restore_state(rules, body, commit, false).map(drop)
    }
}

/// Rows of a fit, and the vectors in both memories.
pub(in crate::detector) type About = (u32, [u16; 2]);

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize>
    Quartet<FLOATS, BYTES, DISTANCES>
{
    /// Reads a state; what a fit that is not done has in it may be `unfinished`.
    pub(in crate::detector) fn restore_state(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        body: &mut Reader<'_>,
        commit: bool,
        unfinished: bool,
    ) -> Result<Option<About>, SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let rows: u32 = body.take()?;
        if commit {
            self.forget();
            self.clock = clock;
        }
        if rows == 0 {
            return Ok(None);
        }
        let layout = Layout {
            shape: rules.shape(),
            rows,
        };
        let (usual, inv_scale) = body.take()?;
        let calibration = Calibration { usual, inv_scale };
        let (held, stored): (f32, [u16; 2]) = body.take()?;
        let least = if unfinished { 0 } else { 1 };
        let counts = least..=layout.shape.vectors;
        let whole = (unfinished || calibration.is_whole())
            && (held.is_finite() && held >= 0.0)
            && stored.iter().all(|count| counts.contains(count));
        if !whole {
            return Err(body.content());
        }
        let quarantine = Quarantine::saved(body, layout.shape, stored)?;
        if commit {
            self.begin(layout);
            (self.calibration, self.held.value) = (calibration, held);
            (self.stored, self.quarantine) = (stored, quarantine);
        }
        let mut places = self.floats.iter_mut();
        for ((_, low, high), length) in RANGES.into_iter().zip(layout.floats()) {
            for place in places.by_ref().take(length) {
                let value: f32 = body.take()?;
                // A covariance is where a projection will be.
                if !((low..=high).contains(&value) || unfinished && value.is_finite()) {
                    return Err(body.content());
                }
                if commit {
                    *place = value;
                }
            }
        }
        let before = layout.bytes_before_places();
        let each = layout.shape.distances() / 2;
        for (k, place) in self.bytes.iter_mut().take(layout.bytes()).enumerate() {
            let byte: i8 = body.take()?;
            let of_long = k >= before + each;
            let [short, long] = stored;
            let count = if of_long { long } else { short };
            let neighbour = u16::from(byte.cast_unsigned());
            if k >= before && neighbour >= count && neighbour > 0 {
                return Err(body.content());
            }
            if commit {
                *place = byte;
            }
        }
        let most = layout.farthest();
        let distances = self.distances.iter_mut();
        for place in distances.take(layout.shape.distances()) {
            let distance: u32 = body.take()?;
            if distance > most && distance != u32::MAX {
                return Err(body.content());
            }
            if commit {
                *place = distance;
            }
        }
        Ok(Some((rows, stored)))
    }
}
