//! Snapshots of a node.

use super::limits::Limits;
use super::settings::Variables;
use super::{Lanes, Node, Rules};
use crate::clock::Clock;
use crate::detector::quartet::hold;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::statistics::held::Held;
use crate::wire::snapshot::{Reader, Writer};

/// Makes the shape another than that of the bare lanes.
const TAG: u32 = 0x0de5_24a8;

impl<L: Lanes, const V: usize> Snapshot for Node<L, V> {
    const SNAPSHOT_MAX: usize = L::SNAPSHOT_MAX + 24 * V + 512;

    fn shape(rules: &Rules<L::Rules, V>) -> u32 {
        L::shape(rules.lanes()) ^ TAG
    }

    fn save_body(&self, rules: &Rules<L::Rules, V>, body: &mut Writer<'_>) {
        self.clock.save(body);
        let is_fitted = self.is_fitted(rules);
        body.put(&is_fitted);
        if is_fitted {
            self.lanes.save(rules.lanes(), body);
            self.factor.save(rules.lanes().variables(), body);
            self.limits.save(body);
        }
    }

    fn restore_body(
        &mut self,
        rules: &Rules<L::Rules, V>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let is_fitted: bool = body.take()?;
        if commit {
            self.forget();
            self.clock = clock;
        }
        if !is_fitted {
            return Ok(());
        }
        if !self.lanes.restore(rules.lanes(), body, commit)? {
            return Err(body.content());
        }
        self.factor
            .restore(rules.lanes().variables(), body, commit)?;
        let mut limits = Limits::saved(body)?;
        if limits.held_out == 0 {
            return Err(body.content());
        }
        if commit {
            let held = limits.held.value;
            limits.held = Held::new(hold(self.lanes.rows()));
            limits.held.value = held;
            self.limits = limits;
        }
        Ok(())
    }
}
