//! The range of a variable, robust to one odd value at each end.

use crate::error::SnapshotError;
use crate::math::abs;
use crate::wire::snapshot::{Reader, Writer};

/// Limit of a value's absolute value, so that no difference exceeds f32.
const FAR: f32 = 1e30;
/// Smallest width.
const LEAST: f32 = 1e-9;
/// One range in units of a place.
pub(super) const WIDTH: i32 = 1 << 23;

/// The two smallest and the two largest values, the outermost first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Range {
    lows: [f32; 2],
    highs: [f32; 2],
    /// Values.
    count: u32,
}

impl Range {
    pub(super) const NEW: Self = Self {
        lows: [0.0; 2],
        highs: [0.0; 2],
        count: 0,
    };

    pub(super) fn learn(&mut self, x: f32) {
        let x = x.clamp(-FAR, FAR);
        if self.count == 0 {
            (self.lows, self.highs) = ([x, FAR], [x, -FAR]);
        } else {
            let ([low, next_low], [high, next_high]) = (self.lows, self.highs);
            self.lows = [low.min(x), next_low.min(low.max(x))];
            self.highs = [high.max(x), next_high.max(high.min(x))];
        }
        self.count = self.count.saturating_add(1);
    }

    /// From the second smallest to the second largest value; of fewer than four values the whole range.
    fn ends(&self) -> (f32, f32) {
        let ([low, next_low], [high, next_high]) = (self.lows, self.highs);
        if self.count < 4 {
            (low, high)
        } else {
            (next_low, next_high)
        }
    }

    /// The middle of the range.
    pub(super) fn middle(&self) -> f32 {
        let (low, high) = self.ends();
        low / 2.0 + high / 2.0
    }

    /// The place of a value, 0 to [`WIDTH`] within the range and as much beyond each end; `None` if the
    /// variable never had a value.
    pub(super) fn place(&self, x: f32, floor: f32) -> Option<i32> {
        let (low, high) = self.ends();
        let least = (floor * abs(low).max(abs(high))).clamp(LEAST, FAR);
        let width = (high - low).max(least);
        let from_middle = (x.clamp(-FAR, FAR) - self.middle()) / width;
        let place = from_middle.clamp(-1.5, 1.5) + 0.5;
        (self.count > 0).then_some((place * WIDTH as f32) as i32)
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.lows, self.highs, self.count));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (lows, highs, count) = body.take()?;
        let range = Self { lows, highs, count };
        let possible = |x: &f32| abs(*x) <= FAR;
        let [low, high] = [range.ends().0, range.ends().1];
        if lows.iter().chain(&highs).all(possible) && low <= high {
            Ok(range)
        } else {
            Err(body.content())
        }
    }
}
