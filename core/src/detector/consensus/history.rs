//! The last values of a variable as a vector: lagged means of differences.

use crate::error::SnapshotError;
use crate::math::abs;
use crate::wire::snapshot::{Reader, Writer};

/// Means that make a vector.
pub(super) const LAGS: usize = 6;
/// Values before the first vector: a difference, a mean of three, six means.
pub(super) const VALUES: u8 = 9;
/// Limit of a value's absolute value, so that no sum of squares exceeds f32.
const FAR: f32 = 1e18;

/// The means, newest first.
pub(super) type Vector = [f32; LAGS];

/// Whether differences of values can make a vector or a center.
pub(super) fn possible(vector: &Vector) -> bool {
    vector.iter().all(|x| abs(*x) <= 2.0 * FAR * 1.000_01)
}

/// The newest values and means. A mean of three differences is a difference over three values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct History {
    /// The last three, newest first.
    values: [f32; 3],
    means: Vector,
    /// Values, up to [`VALUES`].
    count: u8,
}

impl History {
    pub(super) const NEW: Self = Self {
        values: [0.0; 3],
        means: [0.0; LAGS],
        count: 0,
    };

    /// Takes a value; the vector, once there are enough.
    pub(super) fn take(&mut self, x: f32) -> Option<Vector> {
        let x = x.clamp(-FAR, FAR);
        let [newest, newer, third] = self.values;
        let [a, b, c, d, e, _] = self.means;
        self.means = [(x - third) / 3.0, a, b, c, d, e];
        self.values = [x, newest, newer];
        self.count = self.count.saturating_add(1).min(VALUES);
        (self.count == VALUES).then_some(self.means)
    }

    /// The value before the last one.
    pub(super) fn before(&self) -> f32 {
        let [_, before, _] = self.values;
        before
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.values, self.means, self.count));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (values, means, count): ([f32; 3], Vector, u8) = body.take()?;
        let known = values.iter().all(|x| abs(*x) <= FAR);
        if !(known && possible(&means) && count <= VALUES) {
            return Err(body.content());
        }
        Ok(Self {
            values,
            means,
            count,
        })
    }
}
