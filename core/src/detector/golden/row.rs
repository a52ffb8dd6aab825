//! One row's values.

use super::prototype::FAR;
use crate::sample::Reading;

/// The values of a row, at least one of them usable.
pub(super) struct Row<const V: usize>([Option<f32>; V]);

impl<const V: usize> Row<V> {
    /// Variables that a short frame lacks are missing.
    pub(super) fn of(frame: &[Reading]) -> Self {
        let mut row = [None; V];
        for (value, reading) in row.iter_mut().zip(frame) {
            *value = reading.usable().ok().map(|x| x.clamp(-FAR, FAR));
        }
        Self(row)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Option<f32>> + '_ {
        self.0.iter().copied()
    }

    /// Values with their weights; 0 with the weight 0 for a missing one.
    pub(super) fn weighted(&self, weights: &[f32; V]) -> impl Iterator<Item = (f32, f32)> {
        let pairs = self.iter().zip(weights.iter().copied());
        pairs.map(|(value, weight)| value.map_or((0.0, 0.0), |x| (x, weight)))
    }

    /// Number of values, at least 1.
    pub(super) fn count(&self) -> f32 {
        self.iter().flatten().count().max(1) as f32
    }
}
