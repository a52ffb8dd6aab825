//! The models of one variable from all of its values, in f64: vectors by their definition, trainings over
//! slices.

use std::vec::Vec;

type Vector = [f64; 6];

pub(super) struct Model {
    centers: [Vector; 2],
    least: f64,
    most: f64,
    /// Vectors seen before it judges.
    pub since: usize,
}

pub(super) fn vectors(values: &[f64]) -> Vec<Vector> {
    let windows = values.windows(9);
    // (d_t + d_t-1 + d_t-2)/3 is a difference over three values.
    let vector = |of: &[f64]| core::array::from_fn(|lag| (of[8 - lag] - of[5 - lag]) / 3.0);
    windows.map(vector).collect()
}

fn distance(a: &Vector, b: &Vector) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

impl Model {
    fn distance(&self, vector: &Vector) -> f64 {
        let [a, b] = self.centers.map(|center| distance(&center, vector));
        (a + b) / 2.0
    }

    pub(super) fn score(&self, vector: &Vector) -> f64 {
        let range = self.most - self.least;
        if range > 0.0 {
            ((self.distance(vector) - self.least) / range).max(0.0)
        } else {
            0.0
        }
    }
}

/// Every model that a variable gets, oldest first.
pub(super) fn models(vectors: &[Vector], half: usize, early: usize) -> Vec<Model> {
    let Some((first, mut rest)) = vectors.split_at_checked(half - early) else {
        return Vec::new();
    };
    let (mut centers, mut since) = ([first[0]; 2], half - early);
    let mut begins = first;
    let mut counts = [0.0_f64; 2];
    let mut models = Vec::new();
    loop {
        for vector in begins {
            let second = if counts[1] == 0.0 {
                counts[0] > 0.0 && *vector != centers[0]
            } else {
                distance(vector, &centers[1]) < distance(vector, &centers[0])
            };
            let near = usize::from(second);
            counts[near] += 1.0;
            for (center, x) in centers[near].iter_mut().zip(vector) {
                *center += (x - *center) / counts[near];
            }
        }
        let Some((next, behind)) = rest.split_at_checked(half) else {
            return models;
        };
        since += half;
        let mut model = Model {
            centers,
            least: f64::INFINITY,
            most: 0.0,
            since,
        };
        for vector in next {
            let distance = model.distance(vector);
            model.least = model.least.min(distance);
            model.most = model.most.max(distance);
        }
        models.push(model);
        counts = counts.map(|count| count.min(1.0));
        (begins, rest) = (next, behind);
    }
}
