//! The detectors of the bench, by name: those of the registry, and peers.

use super::peers::components::Components;
use super::peers::consensus::Consensus;
use super::peers::deviation::{Fixed, Weighted, WindowGauss};
use super::peers::forest::Forest;
use super::peers::{Peer, Reduce};
use super::scorer::{ForwardFilled, Use};
use super::{Scorer, Series, autoencoder, watched};
use crate::detect::{Entry, REGISTRY};
use crate::random::Random;
use anyhow::Context;
use std::sync::LazyLock;

/// Fits to a recording with these settings and a seed, and passes on the scorer of its rows.
type Run = fn(&Series, &[String], u64, &mut Use<'_>) -> anyhow::Result<()>;

/// Refuses settings that are none.
type Check = fn(&[String]) -> anyhow::Result<()>;

/// A detector with its settings, which are fixed unless it can be tuned.
#[derive(Clone, Debug)]
pub struct Detector {
    /// Its name.
    pub name: &'static str,
    /// A description, with the settings.
    pub about: String,
    /// Whether it is here to be compared with only.
    pub is_peer: bool,
    /// Whether the seed makes a difference.
    pub is_seeded: bool,
    /// Checks settings `KEY=VALUE`; `None` if all are fixed.
    pub(super) check: Option<Check>,
    road: Road,
}

/// The way from a detector to its scores.
#[derive(Clone, Copy, Debug)]
enum Road {
    /// As in `bellwether run`.
    Watched(&'static Entry),
    /// By a function of its own.
    Own(Run),
}

static ALL: LazyLock<Vec<Detector>> = LazyLock::new(|| {
    let ours = REGISTRY.iter().map(Detector::ours);
    ours.chain(Detector::peers()).collect()
});

impl Detector {
    /// Every detector: ours first.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// A detector of the registry. If it needs a model, the model is trained first.
    fn ours(entry: &'static Entry) -> Self {
        let detector = Self {
            name: entry.name,
            about: format!(
                "{}; rows by their score over its threshold, those that a vote confirmed first; \
                 defaults of `bellwether run`",
                entry.about
            ),
            is_peer: false,
            is_seeded: false,
            check: Some(entry.check),
            road: Road::Watched(entry),
        };
        match entry.needs_model {
            false => detector,
            true => Self {
                about:
                    "batch: the sparse autoencoder of `bellwether model train`, its integers as \
                     firmware runs them; surprise of the largest error; of one variable the last 8 \
                     values; its bytes are those of the model in flash and of the RAM"
                        .to_owned(),
                is_seeded: true,
                check: Some(autoencoder::check),
                road: Road::Own(autoencoder::run),
                ..detector
            },
        }
    }

    fn peers() -> impl Iterator<Item = Self> {
        let peers = [
            Self::peer(
                "netdata",
                "difference, mean of 3, 6 lags; k-means of 2 on the last n/5 (100 to 1,440) rows, 18 \
             models that must agree; share of flagged variables, mean consensus as tie-break",
                |series, _, _, scored| consensus(series, false, scored),
            ),
            Self::peer(
                "netdata_mean",
                "netdata, by the mean consensus",
                |series, _, _, scored| consensus(series, true, scored),
            ),
            Self::peer(
                "wgauss",
                "|x - mean| / deviation over the last n/5 (50 to 1,000) rows, largest of all variables",
                |series, _, _, scored| window(series, Reduce::Largest, scored),
            ),
            Self::peer(
                "wgauss_mean",
                "wgauss, mean over variables",
                |series, _, _, scored| window(series, Reduce::Mean, scored),
            ),
            Self::peer(
                "ewma",
                "residual to a weighted mean (0.1) over a weighted deviation (0.01), largest",
                |series, _, _, scored| {
                    forward_filled(series, Weighted::new(Reduce::Largest), scored)
                },
            ),
            Self::peer(
                "ewma_mean",
                "ewma, mean over variables",
                |series, _, _, scored| forward_filled(series, Weighted::new(Reduce::Mean), scored),
            ),
            Self::peer(
                "static3s",
                "|x - mean| / deviation of the rows that fit, largest",
                |series, _, _, scored| forward_filled(series, Fixed::new(Reduce::Largest), scored),
            ),
            Self::peer(
                "static3s_mean",
                "static3s, mean over variables",
                |series, _, _, scored| forward_filled(series, Fixed::new(Reduce::Mean), scored),
            ),
            Self::peer(
                "pca",
                "batch: components with 95 % of the variance of scaled rows, mean squared residual; of \
             one variable the last 8 values",
                |series, _, _, scored| {
                    scored(&mut ForwardFilled::scaled(series, Components::default()));
                    Ok(())
                },
            ),
            Self {
                is_seeded: true,
                ..Self::peer(
                    "iforest",
                    "batch: isolation forest, 100 trees of 256 rows; of one variable the last 8 values",
                    |series, _, seed, scored| {
                        scored(&mut ForwardFilled::compared(series, Forest::new(seed)));
                        Ok(())
                    },
                )
            },
            Self {
                is_seeded: true,
                ..Self::peer("random", "the floor: noise", |_, _, seed, scored| {
                    scored(&mut Noise(Random::new(seed)));
                    Ok(())
                })
            },
        ];
        peers.into_iter()
    }

    fn peer(name: &'static str, about: &str, run: Run) -> Self {
        Self {
            name,
            about: about.to_owned(),
            is_peer: true,
            is_seeded: false,
            check: None,
            road: Road::Own(run),
        }
    }

    /// The detector of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|detector| detector.name == name)
    }

    /// Fits to the leading rows, and passes on the scorer of the streamed ones.
    ///
    /// # Errors
    /// The series is not one the detector can take.
    pub fn run<T>(
        &self,
        series: &Series,
        settings: &[String],
        seed: u64,
        score: impl FnOnce(&mut dyn Scorer) -> T,
    ) -> anyhow::Result<T> {
        let (mut score, mut result) = (Some(score), None);
        let used: &mut Use<'_> = &mut |scorer| {
            result = score.take().map(|score| score(scorer));
        };
        match self.road {
            Road::Watched(entry) => watched::run(entry, series, settings, used)?,
            Road::Own(run) => run(series, settings, seed, used)?,
        }
        result.with_context(|| format!("{} scored nothing", self.name))
    }
}

/// A fifth of the rows that are streamed, within bounds.
fn fifth(series: &Series, least: usize, most: usize) -> usize {
    ((series.rows.len() - series.begin) / 5).clamp(least, most)
}

fn forward_filled(series: &Series, peer: impl Peer, scored: &mut Use<'_>) -> anyhow::Result<()> {
    scored(&mut ForwardFilled::fitted(series, peer));
    Ok(())
}

fn consensus(series: &Series, by_mean: bool, scored: &mut Use<'_>) -> anyhow::Result<()> {
    let peer = Consensus::new(fifth(series, 100, 1_440), by_mean);
    forward_filled(series, peer, scored)
}

fn window(series: &Series, reduce: Reduce, scored: &mut Use<'_>) -> anyhow::Result<()> {
    let peer = WindowGauss::new(fifth(series, 50, 1_000), reduce);
    forward_filled(series, peer, scored)
}

/// Noise.
struct Noise(Random);

impl Scorer for Noise {
    fn score(&mut self, _: &[f32]) -> f64 {
        self.0.unit()
    }

    fn state_bytes(&self) -> usize {
        size_of::<Random>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::entrant::Own;
    use crate::bench::{Entrant, ScoredRun};

    fn judge(detector: &'static Detector, series: &Series, seed: u64) -> ScoredRun {
        // A hundred epochs would take minutes in an unoptimised build.
        let quick = match detector.name {
            "autoencoder" => vec!["epochs=2".to_owned()],
            _ => Vec::new(),
        };
        let entrant = Entrant::of(detector, quick).unwrap();
        entrant.judge(series, seed).unwrap()
    }

    fn series(rows: usize) -> Series {
        let mut random = Random::new(11);
        let row = |t: usize| {
            let wave = (t as f64 / 20.0).sin();
            [wave, wave * 2.0 + 1.0, 0.3].map(|x| (x + 0.1 * random.noise()) as f32)
        };
        let rows: Vec<Vec<f32>> = (0..rows).map(row).map(Vec::from).collect();
        Series {
            set: "x".to_owned(),
            name: "y".to_owned(),
            variables: ["a", "b", "c"].map(str::to_owned).to_vec(),
            all_labels: (0..rows.len()).map(|t| t % 97 == 90).collect(),
            rows,
            fit: 300,
            begin: 0,
        }
    }

    /// Broken by any detector that looks ahead: what comes later must not change a score.
    #[test]
    fn every_detector_is_causal_and_reproducible() {
        let (whole, until) = (series(900), 600);
        let mut other = whole.clone();
        for row in &mut other.rows[until..] {
            row.fill(1e3);
        }
        for detector in Detector::all() {
            let run = judge(detector, &whole, 5);
            let (scores, bytes) = (run.scores, run.state_bytes);
            assert_eq!(scores.len(), 600, "{}", detector.name);
            assert!(bytes > 0, "{}", detector.name);
            let again = judge(detector, &whole, 5);
            assert_eq!(
                (&scores, bytes, &run.own),
                (&again.scores, again.state_bytes, &again.own),
                "{}",
                detector.name
            );
            let changed = judge(detector, &other, 5);
            let before = until - whole.fit;
            assert_eq!(
                scores[..before],
                changed.scores[..before],
                "{}",
                detector.name
            );
            // Those of the registry have a threshold of their own.
            let alarms = |own: Option<Own>| own.map(|own| own.alarms[..before].to_vec());
            assert_eq!(run.own.is_some(), !detector.is_peer, "{}", detector.name);
            assert_eq!(alarms(run.own), alarms(changed.own), "{}", detector.name);
            let differs = judge(detector, &whole, 6).scores != scores;
            assert_eq!(differs, detector.is_seeded, "{}", detector.name);
        }
    }

    /// Broken by a detector that fails on what recordings have: gaps, constants, huge values.
    #[test]
    fn odd_values_give_finite_scores() {
        let mut odd = series(700);
        for (t, row) in odd.rows.iter_mut().enumerate() {
            row[1] = [f32::NAN, 3e38, -3e38, 0.0][t % 4];
            row[2] = 7.0;
        }
        for detector in Detector::all() {
            let scores = judge(detector, &odd, 1).scores;
            assert!(scores.iter().all(|s| s.is_finite()), "{}", detector.name);
        }
    }
}
