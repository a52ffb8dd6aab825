//! Snapshots of a cascade: the watcher's body, the costly detector's, then what is awake.

use super::Cascade;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// Makes the shape another than that of a bare detector.
const TAG: u32 = 0x3ca5_cade;

impl<W: Snapshot, C: Snapshot> Snapshot for Cascade<W, C> {
    const SNAPSHOT_MAX: usize = W::SNAPSHOT_MAX + C::SNAPSHOT_MAX + 16;

    fn shape(rules: &Self::Rules<'_>) -> u32 {
        W::shape(&rules.watcher) ^ C::shape(&rules.costly).rotate_left(1) ^ TAG
    }

    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>) {
        self.watcher.save_body(&rules.watcher, body);
        self.costly.save_body(&rules.costly, body);
        body.put(&(self.held, self.asleep, self.is_warm));
    }

    fn restore_body(
        &mut self,
        rules: &Self::Rules<'_>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        self.watcher.restore_body(&rules.watcher, body, commit)?;
        self.costly.restore_body(&rules.costly, body, commit)?;
        let (held, asleep, is_warm): (u32, u32, bool) = body.take()?;
        if commit {
            (self.held, self.asleep, self.is_warm) = (held.min(rules.wake.hold), asleep, is_warm);
        }
        Ok(())
    }
}
