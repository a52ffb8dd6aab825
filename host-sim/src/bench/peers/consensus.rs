//! The scheme of Netdata's node anomaly detection: many models of one variable's recent changes,
//! which must all agree.

use super::Peer;
use std::collections::VecDeque;

/// Values that are averaged.
const SMOOTH: usize = 3;
/// Averages that make a vector.
const LAGS: usize = 6;
/// Models that are kept.
const MODELS: usize = 18;
/// Scores from which a model says anomalous.
const LIMIT: f64 = 0.99;
/// Iterations of k-means.
const ITERATIONS: usize = 50;

/// One row's vector of lagged, averaged differences.
type Vector = [f64; LAGS];

/// All variables of a node.
#[derive(Debug)]
pub struct Consensus {
    /// Rows that a model is fitted to.
    window: usize,
    /// Whether the mean of all variables' consensus ranks rows, not the share of flagged ones.
    by_mean: bool,
    variables: Vec<Variable>,
    rows: usize,
}

#[derive(Debug, Default)]
struct Variable {
    last: Option<f64>,
    differences: VecDeque<f64>,
    averages: VecDeque<f64>,
    vectors: VecDeque<Vector>,
    models: VecDeque<Model>,
}

/// Two centres, and the distances that were smallest and largest in training.
#[derive(Clone, Copy, Debug)]
struct Model {
    centres: [Vector; 2],
    least: f64,
    most: f64,
}

impl Consensus {
    /// Models over the last `window` rows, a new one every half of it.
    pub const fn new(window: usize, by_mean: bool) -> Self {
        Self {
            window,
            by_mean,
            variables: Vec::new(),
            rows: 0,
        }
    }
}

impl Peer for Consensus {
    fn fit(&mut self, _: &[Vec<f64>]) {}

    fn score(&mut self, row: &[f64]) -> f64 {
        if self.variables.is_empty() {
            self.variables = row.iter().map(|_| Variable::default()).collect();
        }
        self.rows += 1;
        let trains = self.rows.is_multiple_of((self.window / 2).max(1));
        let (mut flagged, mut sum) = (0.0, 0.0);
        for (x, variable) in row.iter().zip(&mut self.variables) {
            if let Some(consensus) = variable.observe(*x) {
                flagged += f64::from(u8::from(consensus >= LIMIT));
                sum += consensus;
            }
            if let Some(vector) = variable.vector() {
                if variable.vectors.len() == self.window {
                    variable.vectors.pop_front();
                }
                variable.vectors.push_back(vector);
            }
            if trains {
                variable.train(self.window);
            }
        }
        let count = self.variables.len().max(1) as f64;
        let (share, mean) = (flagged / count, sum / count);
        if self.by_mean {
            mean
        } else {
            // Squeezed to below half a variable, so that it only decides between equal shares.
            share + 0.5 / count * mean / (1.0 + mean.abs())
        }
    }

    fn state_bytes(&self) -> usize {
        let model = size_of::<Model>() * MODELS;
        let rows = size_of::<Vector>() * self.window;
        self.variables.len() * (model + rows + 8 * (1 + SMOOTH + LAGS))
    }
}

impl Variable {
    /// The smallest score of all models: above the limit all of them say anomalous. Nothing
    /// before the first model.
    fn observe(&mut self, x: f64) -> Option<f64> {
        if let Some(last) = self.last.replace(x) {
            push(&mut self.differences, x - last, SMOOTH);
        }
        if self.differences.len() == SMOOTH {
            let mean = self.differences.iter().sum::<f64>() / SMOOTH as f64;
            push(&mut self.averages, mean, LAGS);
        }
        let vector = self.vector()?;
        let scores = self.models.iter().map(|model| model.score(&vector));
        scores.min_by(f64::total_cmp)
    }

    fn vector(&self) -> Option<Vector> {
        let averages: Vec<f64> = self.averages.iter().copied().collect();
        averages.try_into().ok()
    }

    fn train(&mut self, window: usize) {
        if self.vectors.len() >= window.min(LAGS * 2) {
            push(
                &mut self.models,
                Model::fit(self.vectors.make_contiguous()),
                MODELS,
            );
        }
    }
}

fn push<T>(queue: &mut VecDeque<T>, item: T, most: usize) {
    if queue.len() == most {
        queue.pop_front();
    }
    queue.push_back(item);
}

fn distance(a: &Vector, b: &Vector) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

impl Model {
    /// k-means with two centres, from the first vector and the one farthest from it.
    fn fit(vectors: &[Vector]) -> Self {
        let first = vectors.first().copied().unwrap_or_default();
        let nearer = |a: &&Vector, b: &&Vector| distance(a, &first).total_cmp(&distance(b, &first));
        let farthest = vectors.iter().max_by(nearer).copied();
        let mut centres = [first, farthest.unwrap_or(first)];
        for _ in 0..ITERATIONS {
            let mut sums = [Vector::default(); 2];
            let mut counts = [0_u32; 2];
            for vector in vectors {
                let near =
                    usize::from(distance(vector, &centres[1]) < distance(vector, &centres[0]));
                counts[near] += 1;
                for (sum, x) in sums[near].iter_mut().zip(vector) {
                    *sum += x;
                }
            }
            let before = centres;
            for ((centre, sum), count) in centres.iter_mut().zip(sums).zip(counts) {
                if count > 0 {
                    *centre = sum.map(|x| x / f64::from(count));
                }
            }
            if centres == before {
                break;
            }
        }
        let mut model = Self {
            centres,
            least: f64::INFINITY,
            most: 0.0,
        };
        for vector in vectors {
            let distance = model.distance(vector);
            model.least = model.least.min(distance);
            model.most = model.most.max(distance);
        }
        model
    }

    /// Mean distance to the centres.
    fn distance(&self, vector: &Vector) -> f64 {
        let [a, b] = self.centres.map(|centre| distance(vector, &centre));
        (a + b) / 2.0
    }

    /// 0 at the smallest distance of training, 1 at the largest.
    fn score(&self, vector: &Vector) -> f64 {
        if self.most <= self.least {
            return 0.0;
        }
        (self.distance(vector) - self.least) / (self.most - self.least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a model that learns from what it judges, or one vote that decides.
    #[test]
    fn a_jump_is_flagged_and_a_repeated_pattern_is_not() {
        let mut peer = Consensus::new(100, false);
        let wave = |t: usize| (t as f64 / 9.0).sin();
        let scores: Vec<f64> = (0..600)
            .map(|t| peer.score(&[wave(t), wave(t + 3)]))
            .collect();
        assert!(scores[300..].iter().filter(|s| **s >= 1.0).count() < 10);
        assert!(peer.score(&[9.0, wave(603)]) >= 0.5, "one of two variables");
    }
}
