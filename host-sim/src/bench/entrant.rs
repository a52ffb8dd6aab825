//! A participant of a bench, and its result on a recording.

use super::external::External;
use super::{Detector, Series};
use anyhow::Context;
use std::time::Instant;

/// The name of unchanged settings.
pub const DEFAULT: &str = "default";

/// Scores of the scored rows, and their cost.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredRun {
    /// One per scored row: the larger, the more anomalous; never NaN.
    pub scores: Vec<f64>,
    /// The alarms of the detector's own threshold, if it has one.
    pub own: Option<Own>,
    /// Bytes, for the series' number of variables.
    pub state_bytes: usize,
    /// Remarks about the rows, in lines.
    pub note: Option<String>,
    /// Seconds of fitting.
    pub fit_seconds: f64,
    /// Seconds over all rows that were streamed.
    pub seconds: f64,
}

/// Alarms that a detector raises itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    /// False episodes per 10,000 normal rows that they are meant to keep.
    pub promise: f64,
    /// One flag per scored row.
    pub alarms: Vec<bool>,
}

/// A detector with its settings, or an external program.
#[derive(Clone, Debug)]
pub enum Entrant {
    /// A detector as it is.
    Known(&'static Detector),
    /// A detector with settings of the user's, as `KEY=VALUE`.
    Tuned(&'static Detector, Vec<String>),
    /// A program that reads rows and writes scores.
    External(External),
}

impl Entrant {
    /// A detector with these settings; without any, as it is.
    ///
    /// # Errors
    /// There is no such setting, or the value is none.
    pub fn of(detector: &'static Detector, settings: Vec<String>) -> anyhow::Result<Self> {
        if settings.is_empty() {
            return Ok(Self::Known(detector));
        }
        let name = detector.name;
        let check = detector.check;
        let check =
            check.with_context(|| format!("{name}: has no settings that can be changed"))?;
        check(&settings).with_context(|| format!("--set for {name}"))?;
        Ok(Self::Tuned(detector, settings))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(detector) | Self::Tuned(detector, _) => detector.name,
            Self::External(external) => &external.name,
        }
    }

    /// Its settings in words.
    pub fn settings(&self) -> String {
        match self {
            Self::Tuned(_, settings) => settings.join(" "),
            Self::Known(_) | Self::External(_) => DEFAULT.to_owned(),
        }
    }

    /// Whether the seed makes a difference.
    pub const fn is_seeded(&self) -> bool {
        match self {
            Self::Known(detector) | Self::Tuned(detector, _) => detector.is_seeded,
            Self::External(_) => false,
        }
    }

    /// Scores a series. A score that is no number counts as 0.
    ///
    /// # Errors
    /// The series is not one the detector can take.
    pub fn judge(&self, series: &Series, seed: u64) -> anyhow::Result<ScoredRun> {
        let (detector, settings) = match self {
            Self::Known(detector) => (detector, [].as_slice()),
            Self::Tuned(detector, settings) => (detector, settings.as_slice()),
            Self::External(external) => return external.judge(series, seed),
        };
        let start = Instant::now();
        detector.run(series, settings, seed, |scorer| {
            let fit_seconds = start.elapsed().as_secs_f64();
            let start = Instant::now();
            for row in &series.rows[series.begin..series.fit] {
                scorer.score(row);
            }
            let (mut scores, mut alarms) = (Vec::new(), Vec::new());
            for row in &series.rows[series.fit..] {
                scores.push(finite(scorer.score(row)));
                alarms.extend(scorer.alarm());
            }
            let promise = scorer.promise();
            ScoredRun {
                own: (alarms.len() == scores.len()).then_some(Own { promise, alarms }),
                scores,
                state_bytes: scorer.state_bytes(),
                note: scorer.note(),
                fit_seconds,
                seconds: start.elapsed().as_secs_f64(),
            }
        })
    }
}

/// A score that ranks.
pub(super) fn finite(score: f64) -> f64 {
    if score.is_finite() { score } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_set_is_refused() {
        let of = |name, setting: &str| {
            let detector = Detector::named(name).unwrap();
            Entrant::of(detector, vec![setting.to_owned()])
        };
        let rola = of("rola", "window=720").unwrap();
        assert_eq!(rola.settings(), "window=720");
        let error = |name, setting| format!("{:#}", of(name, setting).unwrap_err());
        assert!(
            error("rola", "windows=7").starts_with("--set for rola: unknown setting `windows`")
        );
        assert!(error("pca", "window=7").starts_with("pca: has no settings"));
        let known = Entrant::of(Detector::named("rola").unwrap(), Vec::new()).unwrap();
        assert_eq!(known.settings(), "default");
    }
}
