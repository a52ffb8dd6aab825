//! Saving and restoring SPOT.

use super::{FAR, Rules, SpotThreshold};
use crate::error::SnapshotError;
use crate::wire::snapshot::{self, Reader, Writer};

impl<const C: usize> SpotThreshold<C> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 24 + 4 * C;

    /// Saves the state and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, rules: &Rules<C>, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, shape(rules), &|body| self.save_body(body))
    }

    /// Replaces the state by a saved one.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The state is unchanged.
    pub fn restore(&mut self, rules: &Rules<C>, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, shape(rules), Self::SNAPSHOT_MAX, &mut |body| {
            restored.restore_body(rules, body)
        })?;
        *self = restored;
        Ok(())
    }

    fn save_body(&self, body: &mut Writer<'_>) {
        body.put(&(self.initial, self.threshold, self.count, self.peaks));
        body.put(&self.held);
        let held = self.excesses.iter().take(self.held.into());
        held.for_each(|excess| body.put(excess));
    }

    fn restore_body(
        &mut self,
        rules: &Rules<C>,
        body: &mut Reader<'_>,
    ) -> Result<(), SnapshotError> {
        (self.initial, self.threshold, self.count, self.peaks) = body.take()?;
        self.held = body.take()?;
        let calibrating = self.count < rules.calibration;
        let possible = if calibrating {
            let room = u32::from(rules.excesses) + 1;
            u32::from(self.held) == self.count.min(room)
                && (self.initial, self.threshold, self.peaks) == (0.0, 0.0, 0)
        } else {
            u32::from(self.held) == self.peaks.min(C as u32)
                && self.peaks <= self.count
                && (-FAR..=FAR).contains(&self.initial)
                && self.threshold >= self.initial
                && self.threshold.is_finite()
        };
        if !possible {
            return Err(body.content());
        }
        let least = if calibrating { -FAR } else { 0.0 };
        for place in self.excesses.iter_mut().take(self.held.into()) {
            *place = body.take()?;
            if !(least..=2.0 * FAR).contains(place) {
                return Err(body.content());
            }
        }
        Ok(())
    }
}

/// The calibration decides what the stored scores are; the risk takes effect at the next excess.
fn shape<const C: usize>(rules: &Rules<C>) -> u32 {
    let sizes = [C, rules.excesses.into(), rules.calibration as usize];
    snapshot::shape("spot", "", sizes)
}
