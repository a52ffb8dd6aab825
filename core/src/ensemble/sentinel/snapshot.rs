//! Saving and restoring: the detector's body, then alarm, health, shares and kinds.

use super::{BUCKETS, Rules, Scorer, Sentinel};
use crate::alarm::Alarm;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::health::Health;
use crate::kind::Kinds;
use crate::wire::snapshot::{Reader, Writer};

/// Makes the shape another than the bare detector's.
const TAG: u32 = 0x7e11_73a1;

impl<D: Scorer + Snapshot, const V: usize, const KINDS: usize> Snapshot for Sentinel<D, V, KINDS> {
    const SNAPSHOT_MAX: usize = D::SNAPSHOT_MAX
        + Alarm::<BUCKETS>::SNAPSHOT_MAX
        + Health::<V>::SNAPSHOT_MAX
        + 4 * V
        + Kinds::<KINDS>::SAVED_MAX;

    fn shape(rules: &Self::Rules<'_>) -> u32 {
        D::shape(rules.detector()) ^ TAG
    }

    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>) {
        self.detector.save_body(rules.detector(), body);
        self.lookout.save_body(rules.alarm(), body);
    }

    fn restore_body(
        &mut self,
        rules: &Rules<D::Rules<'_>>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        self.detector.restore_body(rules.detector(), body, commit)?;
        self.lookout.restore_body(rules.alarm(), body, commit)
    }
}
