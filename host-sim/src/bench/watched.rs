//! Detectors of the registry, under the protocol.

use super::scorer::Use;
use super::{Scorer, Series};
use crate::detect::{Entry, Setup, Watch};
use crate::recording::cadence::Step;
use bellwether::{Reading, Tick};

/// Streams a series through a detector. One that learns in front only learns from the rows that
/// fit, unless a setting says otherwise.
pub(super) fn run(
    entry: &Entry,
    series: &Series,
    settings: &[String],
    scored: &mut Use<'_>,
) -> anyhow::Result<()> {
    let mut all = Vec::new();
    if let Some(key) = entry.learning {
        all.push(format!("{key}={}", series.fit - series.begin));
    }
    all.extend_from_slice(settings);
    let setup = Setup {
        names: &series.variables,
        settings: &all,
        model: None,
    };
    scored(&mut Watched {
        watch: entry.watch(&setup)?,
        tick: series.begin as u64,
        row: Vec::new(),
    });
    Ok(())
}

/// A detector whose records are ranked.
struct Watched<'m> {
    watch: Box<dyn Watch + 'm>,
    tick: u64,
    row: Vec<Reading>,
}

impl Scorer for Watched<'_> {
    fn score(&mut self, row: &[f32]) -> f64 {
        self.row.clear();
        // NaN is a missing value.
        self.row.extend(row.iter().map(|x| Reading::Value(*x)));
        let record = self
            .watch
            .observe(Tick(self.tick), Step::Unknown, &self.row);
        self.tick += 1;
        record.rank()
    }

    fn state_bytes(&self) -> usize {
        self.watch.state_bytes()
    }
}
