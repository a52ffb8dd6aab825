//! Detectors of the registry, under the protocol.

use super::scorer::Use;
use super::{Scorer, Series};
use crate::detect::{Entry, Setup, Watch};
use crate::recording::cadence::Step;
use bellwether::{Alert, Reading, Tick};

/// Streams a series through a detector. One that learns in front only learns from the rows that
/// fit, unless a setting says otherwise.
pub(super) fn run(
    entry: &Entry,
    series: &Series,
    settings: &[String],
    scored: &mut Use<'_>,
) -> anyhow::Result<()> {
    let mut all = Vec::new();
    let first = if entry.learns_all { 0 } else { series.begin };
    if let Some(key) = entry.learning {
        all.push(format!("{key}={}", series.fit - first));
    }
    all.extend_from_slice(settings);
    let setup = Setup {
        names: &series.variables,
        settings: &all,
        model: None,
        fit: None,
    };
    let mut watched = Watched {
        watch: entry.watch(&setup)?,
        tick: first as u64,
        row: Vec::new(),
        alerts: false,
    };
    for row in &series.rows[first..series.begin] {
        watched.score(row);
    }
    scored(&mut watched);
    Ok(())
}

/// A detector whose records are ranked.
struct Watched<'m> {
    watch: Box<dyn Watch + 'm>,
    tick: u64,
    row: Vec<Reading>,
    /// Whether the last record has an alert.
    alerts: bool,
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
        self.alerts = record.alert() > Alert::None;
        record.rank()
    }

    fn alarm(&self) -> Option<bool> {
        Some(self.alerts)
    }

    fn promise(&self) -> f64 {
        self.watch.promise()
    }

    fn state_bytes(&self) -> usize {
        self.watch.state_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Detector;
    use crate::recording::Dataset;
    use std::path::{Path, PathBuf};

    /// A recording beside the sources; `None` without data.
    fn machine() -> Option<Series> {
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
        let data = std::env::var_os("BELLWETHER_DATA").map_or(beside, PathBuf::from);
        let path = data.join("smd/machine-1-6.train.csv.gz");
        if !path.exists() {
            let required = std::env::var_os("BELLWETHER_REQUIRE_DATA").is_some();
            assert!(
                !required,
                "{} is absent, and data is required",
                path.display()
            );
            println!("skipped: no data ({})", path.display());
            return None;
        }
        let datasets = Dataset::find(&path).unwrap();
        Some(Series::read(&datasets[0]).unwrap())
    }

    fn scores(name: &str, set: &[&str], series: &Series) -> Vec<f64> {
        let rows = &series.rows[series.begin..];
        let detector = Detector::named(name).unwrap();
        let score = |scorer: &mut dyn Scorer| -> Vec<f64> {
            rows.iter().map(|row| scorer.score(row)).collect()
        };
        let set: Vec<String> = set.iter().map(|text| (*text).to_owned()).collect();
        let all = detector.run(series, &set, 1, score).unwrap();
        all[series.fit - series.begin..].to_vec()
    }

    /// `sigma` learns the limits that the peers `static3s` and `static3s_mean` fit: the same mean,
    /// deviation and floor. Ranks are score / threshold squeezed, and the peer stops at 50. Broken by
    /// another floor, a population that is a sample, or a row too many.
    #[test]
    fn sigma_is_the_peers_of_fixed_limits() {
        let Some(mut series) = machine() else { return };
        // The peer fits to all rows in front, this one streams them.
        series.begin = 0;
        series.fit = 5_000;
        series.rows.truncate(15_000);
        series.all_labels.truncate(15_000);
        let pairs: [(&[&str], _, _); 2] = [
            (&[], "static3s", 100),
            (&["score=mean"], "static3s_mean", 10),
        ];
        for (set, peer, some) in pairs {
            let (ranks, peer) = (scores("sigma", set, &series), scores(peer, &[], &series));
            assert_eq!(ranks.len(), 10_000);
            let mut above = 0;
            for (k, (rank, peer)) in ranks.iter().zip(&peer).enumerate() {
                let score = (3.0 * rank / (1.0 - rank)).min(50.0);
                let apart = (score - peer).abs();
                assert!(apart <= 1e-5 * peer + 1e-4, "row {k}: {score} {peer}");
                above += u32::from(score > 3.0);
            }
            assert!(
                above > some,
                "{above} rows above the limit: nothing was compared"
            );
        }
    }
}
