//! One model: two centers, and how far from both the vectors of its training were.

use super::history::{LAGS, Vector, possible};
use crate::error::SnapshotError;
use crate::math::sqrt;
use crate::wire::snapshot::{Reader, Writer};

fn squared(a: &Vector, b: &Vector) -> f32 {
    let pairs = a.iter().zip(b);
    pairs.fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b))
}

/// Two centers, moved by the vectors that are nearer to them (MacQueen 1967).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Centers {
    at: [Vector; 2],
    counts: [u16; 2],
}

impl Centers {
    pub(super) const NEW: Self = Self {
        at: [[0.0; LAGS]; 2],
        counts: [0; 2],
    };

    pub(super) fn learn(&mut self, vector: &Vector) {
        let [first, second] = &mut self.at;
        let [of_first, of_second] = &mut self.counts;
        let (center, count) = match (*of_first, *of_second) {
            (0, _) => (first, of_first),
            (_, 0) if vector != first => (second, of_second),
            (_, 0) => (first, of_first),
            _ if squared(vector, second) < squared(vector, first) => (second, of_second),
            _ => (first, of_first),
        };
        *count = count.saturating_add(1);
        let share = 1.0 / f32::from(*count);
        for (center, x) in center.iter_mut().zip(vector) {
            *center += (x - *center) * share;
        }
    }

    /// The next training, from these centers on: each counts as one vector.
    pub(super) fn again(&mut self) {
        self.counts = self.counts.map(|count| count.min(1));
    }

    /// A model of these centers, before its first distance.
    pub(super) fn model(&self) -> Model {
        let [first, _] = self.at;
        let [_, of_second] = self.counts;
        Model {
            centers: if of_second == 0 { [first; 2] } else { self.at },
            least: f32::MAX,
            most: 0.0,
        }
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.at, self.counts));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (at, counts): ([Vector; 2], _) = body.take()?;
        if at.iter().all(possible) {
            Ok(Self { at, counts })
        } else {
            Err(body.content())
        }
    }
}

/// Two centers, and the range of distances.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Model {
    centers: [Vector; 2],
    least: f32,
    most: f32,
}

impl Model {
    pub(super) const NEW: Self = Self {
        centers: [[0.0; LAGS]; 2],
        least: 0.0,
        most: 0.0,
    };

    /// Mean distance from the centers.
    fn distance(&self, vector: &Vector) -> f32 {
        let [a, b] = &self.centers;
        0.5 * (sqrt(squared(a, vector)) + sqrt(squared(b, vector)))
    }

    pub(super) fn learn(&mut self, vector: &Vector) {
        let distance = self.distance(vector);
        self.least = self.least.min(distance);
        self.most = self.most.max(distance);
    }

    /// 0 at the least distance and below, 1 at the largest; 0 of a model that knows a single distance.
    pub(super) fn score(&self, vector: &Vector) -> f32 {
        let range = self.most - self.least;
        if range > 0.0 {
            let share = (self.distance(vector) - self.least) / range;
            share.clamp(0.0, f32::MAX)
        } else {
            0.0
        }
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.centers, self.least, self.most));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (centers, least, most): ([Vector; 2], f32, f32) = body.take()?;
        let measured = (0.0..=f32::MAX).contains(&least) && (0.0..=1e20).contains(&most);
        if !(measured && centers.iter().all(possible)) {
            return Err(body.content());
        }
        Ok(Self {
            centers,
            least,
            most,
        })
    }
}
