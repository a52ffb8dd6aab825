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

    /// `consensus` sees each vector of a training once, the peer `netdata` keeps a training's rows and iterates: how
    /// far they agree about the variables that all models call anomalous. Measured over 10,000 rows of 38 variables: 9,951
    /// rows without any for both, 28 with some for both, 17 for this one only, 4 for the peer only; 46 variables
    /// against 33, 28 of them the same.
    #[test]
    fn consensus_agrees_with_the_peer_that_keeps_its_rows() {
        let Some(mut series) = machine() else { return };
        (series.begin, series.fit) = (0, 5_000);
        series.rows.truncate(15_000);
        series.all_labels.truncate(15_000);
        let variables = series.variables.len() as f64;
        // The peer's window: a fifth of the rows, 1,440 at most.
        let set = ["window=1440", "quorum=1", "rate=0"];
        let (ranks, peer) = (
            scores("consensus", &set, &series),
            scores("netdata", &[], &series),
        );
        // A rank is r/(1 + r), r the score over half a variable's share.
        let ours = |rank: &f64| (0.5 * rank / (1.0 - rank) + 1e-6).floor();
        let theirs = |score: &f64| (score * variables + 1e-6).floor();
        let pairs = ranks.iter().map(ours).zip(peer.iter().map(theirs));
        let (mut calm, mut both, mut only_ours, mut only_theirs) = (0, 0, 0, 0);
        let (mut of_ours, mut of_theirs, mut common) = (0.0, 0.0, 0.0_f64);
        for (ours, theirs) in pairs {
            match (ours > 0.0, theirs > 0.0) {
                (false, false) => calm += 1,
                (true, true) => both += 1,
                (true, false) => only_ours += 1,
                (false, true) => only_theirs += 1,
            }
            of_ours += ours;
            of_theirs += theirs;
            common += ours.min(theirs);
        }
        let rows = calm + both + only_ours + only_theirs;
        let said =
            format!("{calm} {both} {only_ours} {only_theirs}, {of_ours} {of_theirs} {common}");
        assert_eq!(rows, 10_000);
        assert!(calm + both >= 9_975, "{said}");
        assert!(only_theirs <= 5 && both >= 25, "{said}");
        assert!(
            common >= 0.8 * of_theirs && of_ours <= 1.5 * of_theirs,
            "{said}"
        );
    }
}
