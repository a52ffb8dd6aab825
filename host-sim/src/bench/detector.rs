//! What can be compared, by name.

use super::peers::components::Components;
use super::peers::consensus::Consensus;
use super::peers::deviation::{Fixed, Weighted, WindowGauss};
use super::peers::forest::Forest;
use super::peers::{Peer, Reduce};
use super::{Series, own};
use crate::random::Random;

/// Scores of the rows that count, and what the detector keeps between rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// One per scored row: the larger, the more anomalous.
    pub scores: Vec<f64>,
    /// Bytes, for the series' number of variables.
    pub state_bytes: usize,
}

/// A detector with its settings, which are fixed.
#[derive(Clone, Copy, Debug)]
pub struct Detector {
    /// Its name.
    pub name: &'static str,
    /// What it is and how it is set.
    pub about: &'static str,
    /// Whether it is here to be compared with only.
    pub is_peer: bool,
    /// Whether the seed makes a difference.
    pub is_seeded: bool,
    judge: fn(&Series, u64) -> anyhow::Result<Judged>,
}

impl Detector {
    /// Every detector: ours first.
    pub const ALL: &'static [Self] = &[
        Self::ours(
            "rola",
            "a RePAD2 lane per variable, and the vote of those that correlate; rows that the vote \
             confirmed first, then by the largest error over its threshold; defaults of \
             `bellwether run`",
            own::rola,
        ),
        Self::ours(
            "repad2",
            "a RePAD2 lane per variable; largest error over its threshold; defaults of \
             `bellwether run`",
            own::repad2,
        ),
        Self::peer(
            "netdata",
            "difference, mean of 3, 6 lags; k-means of 2 on the last n/5 (100 to 1,440) rows, 18 \
             models that must agree; share of flagged variables, mean consensus as tie-break",
            |series, _| {
                Ok(stream(
                    series,
                    Consensus::new(fifth(series, 100, 1_440), false),
                ))
            },
        ),
        Self::peer(
            "netdata_mean",
            "netdata, by the mean consensus",
            |series, _| {
                Ok(stream(
                    series,
                    Consensus::new(fifth(series, 100, 1_440), true),
                ))
            },
        ),
        Self::peer(
            "wgauss",
            "|x - mean| / deviation over the last n/5 (50 to 1,000) rows, largest of all variables",
            |series, _| {
                Ok(stream(
                    series,
                    WindowGauss::new(fifth(series, 50, 1_000), Reduce::Largest),
                ))
            },
        ),
        Self::peer("wgauss_mean", "wgauss, mean over variables", |series, _| {
            Ok(stream(
                series,
                WindowGauss::new(fifth(series, 50, 1_000), Reduce::Mean),
            ))
        }),
        Self::peer(
            "ewma",
            "residual to a weighted mean (0.1) over a weighted deviation (0.01), largest",
            |series, _| Ok(stream(series, Weighted::new(Reduce::Largest))),
        ),
        Self::peer("ewma_mean", "ewma, mean over variables", |series, _| {
            Ok(stream(series, Weighted::new(Reduce::Mean)))
        }),
        Self::peer(
            "static3s",
            "|x - mean| / deviation of the rows that fit, largest",
            |series, _| Ok(stream(series, Fixed::new(Reduce::Largest))),
        ),
        Self::peer(
            "static3s_mean",
            "static3s, mean over variables",
            |series, _| Ok(stream(series, Fixed::new(Reduce::Mean))),
        ),
        Self::peer(
            "pca",
            "batch: components with 95 % of the variance of scaled rows, mean squared residual; of one \
             variable the last 8 values",
            |series, _| Ok(compared(series, Components::default())),
        ),
        Self {
            is_seeded: true,
            ..Self::peer(
                "iforest",
                "batch: isolation forest, 100 trees of 256 rows; of one variable the last 8 values",
                |series, seed| Ok(compared(series, Forest::new(seed))),
            )
        },
        Self {
            is_seeded: true,
            ..Self::peer("random", "the floor: noise", |series, seed| {
                let mut random = Random::new(seed);
                Ok(Judged {
                    scores: series.labels().iter().map(|_| random.unit()).collect(),
                    state_bytes: 8,
                })
            })
        },
    ];

    const fn ours(
        name: &'static str,
        about: &'static str,
        judge: fn(&Series, u64) -> anyhow::Result<Judged>,
    ) -> Self {
        Self {
            name,
            about,
            is_peer: false,
            is_seeded: false,
            judge,
        }
    }

    const fn peer(
        name: &'static str,
        about: &'static str,
        judge: fn(&Series, u64) -> anyhow::Result<Judged>,
    ) -> Self {
        Self {
            is_peer: true,
            ..Self::ours(name, about, judge)
        }
    }

    /// The detector of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|detector| detector.name == name)
    }

    /// Scores a series. A score that is no number counts as 0.
    ///
    /// # Errors
    /// The series is not one the detector can take.
    pub fn judge(&self, series: &Series, seed: u64) -> anyhow::Result<Judged> {
        let mut judged = (self.judge)(series, seed)?;
        for score in &mut judged.scores {
            if !score.is_finite() {
                *score = 0.0;
            }
        }
        Ok(judged)
    }
}

/// A fifth of the rows that are streamed, within bounds.
fn fifth(series: &Series, least: usize, most: usize) -> usize {
    ((series.rows.len() - series.begin) / 5).clamp(least, most)
}

/// Values that stand for a row where there is one variable, for peers that compare variables.
const SHINGLE: usize = 8;

/// The last values of a single variable as one row; before there are as many, the first one.
fn shingled(rows: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    if rows.first().is_none_or(|row| row.len() != 1) {
        return rows;
    }
    let value = |row: usize, back: usize| rows[row.saturating_sub(back)][0];
    let shingle = |row: usize| (0..SHINGLE).rev().map(|back| value(row, back)).collect();
    (0..rows.len()).map(shingle).collect()
}

/// Fits and streams.
fn stream(series: &Series, peer: impl Peer) -> Judged {
    judged(series, &series.held(), peer)
}

/// The same for peers that compare variables.
fn compared(series: &Series, peer: impl Peer) -> Judged {
    judged(series, &shingled(series.held()), peer)
}

fn judged(series: &Series, rows: &[Vec<f64>], mut peer: impl Peer) -> Judged {
    peer.fit(&rows[..series.fit]);
    for row in &rows[series.begin..series.fit] {
        peer.score(row);
    }
    Judged {
        scores: rows[series.fit..]
            .iter()
            .map(|row| peer.score(row))
            .collect(),
        state_bytes: peer.state_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        for detector in Detector::ALL {
            let judged = detector.judge(&whole, 5).unwrap();
            assert_eq!(judged.scores.len(), 600, "{}", detector.name);
            assert!(judged.state_bytes > 0, "{}", detector.name);
            let again = detector.judge(&whole, 5).unwrap();
            assert_eq!(judged, again, "{}", detector.name);
            let changed = detector.judge(&other, 5).unwrap();
            let before = until - whole.fit;
            assert_eq!(
                judged.scores[..before],
                changed.scores[..before],
                "{}",
                detector.name
            );
            let differs = detector.judge(&whole, 6).unwrap() != judged;
            assert_eq!(differs, detector.is_seeded, "{}", detector.name);
        }
    }

    #[test]
    fn one_variable_is_its_last_eight_values() {
        let rows: Vec<Vec<f64>> = (0..10).map(|x| vec![f64::from(x)]).collect();
        let shingled = shingled(rows);
        assert_eq!(shingled[9], [2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]);
        assert_eq!(shingled[1], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }

    /// Broken by a detector that fails on what recordings have: gaps, constants, huge values.
    #[test]
    fn odd_values_give_finite_scores() {
        let mut odd = series(700);
        for (t, row) in odd.rows.iter_mut().enumerate() {
            row[1] = [f32::NAN, 3e38, -3e38, 0.0][t % 4];
            row[2] = 7.0;
        }
        for detector in Detector::ALL {
            let judged = detector.judge(&odd, 1).unwrap();
            assert!(
                judged.scores.iter().all(|s| s.is_finite()),
                "{}",
                detector.name
            );
        }
    }
}
