//! Saving and restoring alarms, apart or within the snapshot of a detector.

use super::flags::Flags;
use super::guard::Guard;
use super::moments::{FAR, MEMORY, Moments};
use super::season::Season;
use super::{Alarm, DWELL, Rules};
use crate::error::SnapshotError;
use crate::wire::snapshot::{self, Reader, Writer};

/// Limit of a severity: the largest difference over the smallest deviation, doubled.
const HIGHEST: f32 = 4.0 * FAR / super::FLOOR;

impl<const BUCKETS: usize> Alarm<BUCKETS> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 46 + BUCKETS;

    /// Saves the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Rules<BUCKETS>, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(rules), &|body| self.save_body(rules, body))
    }

    /// Replaces the state by a saved one. The promise may be another; the rows per day may not.
    /// Rows that passed in between are passed over with [`Self::skip`].
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, rules: &Rules<BUCKETS>, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, shape(rules), Self::SNAPSHOT_MAX, &mut |body| {
            restored = Self::saved_body(rules, body)?;
            Ok(())
        })?;
        *self = restored;
        Ok(())
    }

    /// Appends the state to a snapshot.
    pub(crate) fn save_body(&self, rules: &Rules<BUCKETS>, body: &mut Writer<'_>) {
        body.put(&(self.smoothed, self.learned));
        self.moments.save(body);
        self.guard.save(body);
        self.flags.save(body);
        body.put(&(self.peak, self.age, self.quiet, self.silent));
        if rules.rows_per_day().is_some() {
            body.put(&self.row);
            self.season.save(body);
        }
    }

    /// The state in a snapshot, refused if no rows lead to it.
    pub(crate) fn saved_body(
        rules: &Rules<BUCKETS>,
        body: &mut Reader<'_>,
    ) -> Result<Self, SnapshotError> {
        let (smoothed, learned) = body.take()?;
        let moments = Moments::saved(body)?;
        let guard = Guard::saved(body)?;
        let flags = Flags::saved(body)?;
        let (peak, age, quiet, silent) = body.take()?;
        let (row, season) = match rules.rows_per_day() {
            Some(_) => (body.take()?, Season::saved(body)?),
            None => (0, Season::new()),
        };
        let learnable = (-FAR..=FAR).contains(&smoothed) && learned <= MEMORY;
        let alarming = if flags.has(Flags::ON) {
            (0.0..=HIGHEST).contains(&peak) && quiet <= DWELL
        } else {
            (peak, age, quiet) == (0.0, 0, 0)
        };
        let today = rules.rows_per_day().is_none_or(|day| row < day);
        if !(learnable && alarming && today) {
            return Err(body.content());
        }
        Ok(Self {
            smoothed,
            moments,
            guard,
            peak,
            age,
            season,
            learned,
            row,
            silent,
            quiet,
            flags,
        })
    }
}

fn shape<const BUCKETS: usize>(rules: &Rules<BUCKETS>) -> u32 {
    let day = rules.rows_per_day().unwrap_or(0);
    snapshot::shape("alarm", "", [BUCKETS, day.into(), 0])
}
