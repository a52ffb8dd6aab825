//! The newest row: its differences from the last one, and its place in the rings.

use super::byte::{byte, capped, deviations, difference};
use super::parts::Parts;
use crate::sample::Reading;
use core::iter::repeat;
use core::mem::replace;

/// Puts a value in front of column `j` of rows of `width` values.
pub(super) fn push<T>(rows: &mut [T], j: usize, width: usize, value: T) {
    let mut carried = value;
    for place in rows.iter_mut().skip(j).step_by(width.max(1)) {
        carried = replace(place, carried);
    }
}

impl Parts<'_> {
    /// Takes a row, in which a value that is missing is the last one again, and returns the sum of its
    /// differences. They are the `differences` too, for as many as there is room for.
    pub(super) fn take(&mut self, frame: &[Reading], differences: &mut [f32]) -> f32 {
        let v = self.mean.len();
        let readings = frame.iter().map(|reading| reading.usable().ok());
        let scales = self.inv_deviation.iter().zip(self.inv_difference.iter());
        let variables = self.mean.iter().zip(scales).zip(self.last.iter_mut());
        let variables = variables.zip(readings.chain(repeat(None)));
        let mut differences = differences.iter_mut();
        let mut sum = 0.0;
        for (j, (((mean, (inv_deviation, inv_difference)), last), reading)) in variables.enumerate()
        {
            let x = match reading {
                Some(x) if *inv_deviation > 0.0 => x,
                _ => *last,
            };
            let t = difference(x, replace(last, x), *inv_difference);
            sum += t;
            if let Some(place) = differences.next() {
                *place = t;
            }
            let z = deviations(x, *mean, *inv_deviation);
            push(self.ring, j, v, byte(z));
            if v == 1 {
                push(self.recent, 0, 1, capped(z));
            } else if let (Some(r), Some(center)) = (self.recent.get_mut(j), self.center.get(j)) {
                *r = capped(z) - center;
            }
        }
        sum
    }
}
