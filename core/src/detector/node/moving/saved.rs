//! Snapshots of a node whose normal moves.

use super::{Lasting, Model, Moving, Rules};
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::node::settings::Variables;
use crate::node::{Lanes, Node};
use crate::wire::snapshot::{Reader, Writer};

/// Makes the shape another than that of a node.
const TAG: u32 = 0x51c0_3b9e;

impl<L: Lanes, const V: usize, const ROWS: usize> Snapshot for Moving<L, V, ROWS> {
    const SNAPSHOT_MAX: usize = 2 * Node::<L, V>::SNAPSHOT_MAX + 4 * V * ROWS + 64;

    fn shape(rules: &Rules<L::Rules, V, ROWS>) -> u32 {
        Node::<L, V>::shape(rules.node()) ^ TAG ^ (ROWS as u32).rotate_left(16)
    }

    fn save_body(&self, rules: &Rules<L::Rules, V, ROWS>, body: &mut Writer<'_>) {
        self.first.save_body(rules.node(), body);
        self.second.save_body(rules.node(), body);
        body.put(&(self.counted == Model::Second));
        self.lasting.save(body);
        self.kept.save(rules.node().lanes().variables(), body);
    }

    fn restore_body(
        &mut self,
        rules: &Rules<L::Rules, V, ROWS>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        self.first.restore_body(rules.node(), body, commit)?;
        self.second.restore_body(rules.node(), body, commit)?;
        let is_second: bool = body.take()?;
        let lasting = Lasting::saved(body)?;
        let variables = rules.node().lanes().variables();
        self.kept.restore(variables, body, commit)?;
        if commit {
            self.counted = if is_second {
                Model::Second
            } else {
                Model::First
            };
            self.lasting = lasting;
        }
        Ok(())
    }
}
