//! Saving and restoring: the detector's body, then alarm, health and shares.

use super::{Rules, Scored, Sentinel};
use crate::alarm::{Alarm, Event};
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::health::Health;
use crate::wire::snapshot::{Reader, Writer};

/// Makes the shape another than the bare detector's.
const TAG: u32 = 0x7e11_73a1;

impl<D: Scored + Snapshot, const V: usize> Snapshot for Sentinel<D, V> {
    const SNAPSHOT_MAX: usize = D::SNAPSHOT_MAX
        + Alarm::<{ super::BUCKETS }>::SNAPSHOT_MAX
        + Health::<V>::SNAPSHOT_MAX
        + 4 * V;

    fn shape(rules: &Self::Rules<'_>) -> u32 {
        D::shape(rules.detector()) ^ TAG
    }

    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>) {
        self.detector.save_body(rules.detector(), body);
        self.alarm.save_body(rules.alarm(), body);
        body.put(&self.scored);
        self.health.save_body(V as u16, body);
        self.shares.iter().for_each(|share| body.put(share));
    }

    fn restore_body(
        &mut self,
        rules: &Rules<D::Rules<'_>>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        self.detector.restore_body(rules.detector(), body, commit)?;
        let alarm = Alarm::saved_body(rules.alarm(), body)?;
        let scored = body.take()?;
        self.health.restore_body(V as u16, body, commit)?;
        for place in &mut self.shares {
            let share: f32 = body.take()?;
            if !(share.is_finite() && share >= 0.0) {
                return Err(body.content());
            }
            if commit {
                *place = share;
            }
        }
        if commit {
            (self.alarm, self.scored) = (alarm, scored);
            self.event = Event::NONE;
        }
        Ok(())
    }
}
