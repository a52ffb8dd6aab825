//! Snapshots: docs/formats/snapshot.md.

use super::range::Range;
use super::{HalfSpace, Masses};
use crate::clock::Clock;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::threshold::quantile::QuantileThreshold;
use crate::wire::snapshot::{self, Reader, Writer};

impl<const V: usize, const TREES: usize, const NODES: usize> Snapshot
    for HalfSpace<V, TREES, NODES>
{
    const SNAPSHOT_MAX: usize = size_of::<Self>() - TREES * NODES + 96;

    /// The seed decides about the splits.
    fn shape(rules: &Self::Rules<'_>) -> u32 {
        let sizes = TREES << 16 | (NODES - 1);
        let seed = rules.settings.seed as usize;
        let variables = rules.settings.variables.into();
        snapshot::shape("half-space", "", [variables, sizes, seed])
    }

    fn save_body(&self, rules: &Self::Rules<'_>, body: &mut Writer<'_>) {
        self.clock.save(body);
        body.put(&self.rows);
        body.put(&(self.filled, self.reference));
        body.put(&self.threshold);
        let variables = usize::from(rules.settings.variables);
        let ranges = self.ranges.iter().take(variables);
        ranges.for_each(|range| range.save(body));
        for mass in self.masses.both().into_iter().flatten().flatten() {
            body.put(mass);
        }
    }

    fn restore_body(
        &mut self,
        rules: &Self::Rules<'_>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let rows: u32 = body.take()?;
        let (filled, reference) = body.take()?;
        let threshold = QuantileThreshold::saved(body)?;
        let variables = usize::from(rules.settings.variables);
        for place in self.ranges.iter_mut().take(variables) {
            let range = Range::saved(body)?;
            if commit {
                *place = range;
            }
        }
        if commit {
            self.masses = Masses::NEW;
        }
        let roles = self.masses.roles();
        for place in [roles.reference, roles.latest]
            .into_iter()
            .flatten()
            .flatten()
        {
            let mass = body.take()?;
            if commit {
                *place = mass;
            }
        }
        if commit {
            (self.rows, self.clock) = (rows, clock);
            (self.filled, self.reference) = (filled, reference);
            self.threshold = threshold;
        }
        Ok(())
    }
}
