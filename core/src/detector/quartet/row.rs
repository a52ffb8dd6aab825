//! The newest row: its differences from the last one, and its place in the rings.

use super::byte::{byte, capped, deviations, difference};
use super::parts::{Layout, Parts};
use crate::sample::Reading;
use core::cell::Cell;
use core::iter::repeat;
use core::mem::replace;

/// Puts a value in front of column `j` of rows of `width` values.
pub(super) fn push<T>(rows: &mut [T], j: usize, width: usize, value: T) {
    let mut carried = value;
    for place in rows.iter_mut().skip(j).step_by(width.max(1)) {
        carried = replace(place, carried);
    }
}

/// Moves all values back by `width` places; the last ones are lost.
fn shift(rows: &mut [i8], width: usize) {
    let rows = Cell::from_mut(rows).as_slice_of_cells();
    let newer = rows.iter().rev().skip(width);
    for (to, from) in rows.iter().rev().zip(newer) {
        to.set(from.get());
    }
}

/// Values of a single variable in the long window, at most.
pub(super) const LONGEST: usize = 32;

/// The short and the long window of the newest row. That of one variable is made in `every_other`.
pub(super) fn windows<'a>(
    layout: Layout,
    ring: &'a [i8],
    every_other: &'a mut [i8; LONGEST],
) -> [&'a [i8]; 2] {
    let long = if layout.shape.stride() == 1 {
        ring
    } else {
        let values = ring.iter().step_by(2);
        every_other
            .iter_mut()
            .zip(values)
            .for_each(|(to, b)| *to = *b);
        every_other
    };
    let windows = [ring.get(..layout.short()), long.get(..layout.long())];
    windows.map(Option::unwrap_or_default)
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
        shift(self.ring, v);
        let mut newest = self.ring.iter_mut();
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
            if let Some(place) = newest.next() {
                *place = byte(z);
            }
            if v == 1 {
                push(self.recent, 0, 1, capped(z));
            } else if let (Some(r), Some(center)) = (self.recent.get_mut(j), self.center.get(j)) {
                *r = capped(z) - center;
            }
        }
        sum
    }
}
