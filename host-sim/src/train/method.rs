//! Methods that score rows: networks and baselines.

use super::baseline::Baseline;
use crate::detect::autoencoder::ModelScorer;
use crate::model::float::FloatNet;
use bellwether::model::Score;

/// A method that scores a row: errors per column, or two scores.
pub struct Method<'a> {
    pub(super) name: &'a str,
    /// Largest and mean error of a row.
    pub(super) score: Box<Scorer<'a>>,
}

type Scorer<'a> = dyn FnMut(&Row) -> [f64; 2] + 'a;

/// A row, raw and scaled.
pub struct Row {
    pub(super) raw: Vec<f32>,
    pub(super) scaled: Vec<f32>,
    pub(super) there: Vec<bool>,
}

impl<'a> Method<'a> {
    /// The network in f32.
    pub fn float(net: &'a FloatNet) -> Self {
        let score = |row: &Row| {
            let outputs = net.forward(&row.scaled);
            let pairs = outputs.iter().zip(&row.scaled);
            let errors = pairs.map(|(y, x)| f64::from((y - x).abs()));
            reduce(errors, &row.there)
        };
        Self {
            name: "f32",
            score: Box::new(score),
        }
    }

    /// The model in integers, as firmware runs it.
    pub fn integers(name: &'a str, mut scorer: ModelScorer<'a>) -> Self {
        let score = move |row: &Row| {
            scorer.observe(&row.raw);
            [Score::MaxAbsolute, Score::MeanAbsolute].map(|score| scorer.score(score).into())
        };
        Self {
            name,
            score: Box::new(score),
        }
    }

    /// A baseline.
    pub fn baseline(name: &'a str, baseline: &'a Baseline) -> Self {
        let score = |row: &Row| reduce(baseline.errors(&row.scaled).into_iter(), &row.there);
        Self {
            name,
            score: Box::new(score),
        }
    }
}

/// Largest and mean of the errors of columns that are there.
fn reduce(errors: impl Iterator<Item = f64>, there: &[bool]) -> [f64; 2] {
    let (mut most, mut sum, mut count) = (0.0_f64, 0.0, 0_u32);
    for (error, _) in errors.zip(there).filter(|(_, there)| **there) {
        most = most.max(error);
        sum += error;
        count += 1;
    }
    [most, sum / f64::from(count.max(1))]
}
