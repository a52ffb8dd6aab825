//! The passes that fit wide lanes.

use super::work::{Axes, Cell};
use super::{Rows, Work};
use crate::detector::node::lanes::Lanes as _;
use crate::detector::node::wide::{LONG, VECTORS, Wide};
use crate::detector::quartet::fitting::moments::Moments;
use crate::quartet::squared;
use crate::sample::Reading;

/// Scales, in one pass.
pub(in crate::detector::node) fn measure<const V: usize, const W: usize>(
    wide: &mut Wide<V>,
    rows: &mut impl Rows,
    count: u32,
    work: &mut Work<W>,
) {
    work.fill(Cell::Moments(Moments::NONE));
    for row in 0..count {
        work.read(rows, row);
        let Work { cells, frame } = work;
        for (cell, reading) in cells.iter_mut().zip(frame) {
            if let Cell::Moments(moments) = cell {
                moments.take(reading.usable().ok());
            }
        }
    }
    let to = wide.unfitted();
    let places = to.mean.iter_mut().zip(to.inv_deviation);
    for (((mean, deviation), difference), moments) in
        places.zip(to.inv_difference).zip(work.moments())
    {
        let scale = moments.scale();
        (*mean, *deviation, *difference) = (scale.mean, scale.inv_deviation, scale.inv_difference);
    }
}

/// Means of the deviations, in one pass.
pub(in crate::detector::node) fn center<const V: usize, const W: usize>(
    wide: &mut Wide<V>,
    rows: &mut impl Rows,
    count: u32,
    work: &mut Work<W>,
) {
    work.fill(Cell::Axes(Axes::default()));
    for row in 0..count {
        pass(wide, row, work.read(rows, row));
        let counted = (row + 1) as f32;
        for (axes, z) in work.axes().zip(wide.scale().deviations()) {
            let [mean, ..] = &mut axes.product;
            *mean += (z - *mean) / counted;
        }
    }
    let centers = wide.unfitted().center.iter_mut().zip(work.axes());
    centers.for_each(|(center, axes)| [*center, ..] = axes.product);
}

/// Vectors of both memories, each the farthest from those before it (Gonzalez, 1985): a pass per vector.
pub(in crate::detector::node) fn remember<const V: usize, const W: usize>(
    wide: &mut Wide<V>,
    rows: &mut impl Rows,
    count: u32,
    work: &mut Work<W>,
) {
    wide.begin(work.read(rows, 0));
    let mut found = [Farthest::NONE; 2];
    for (found, (_, window)) in found.iter_mut().zip(wide.remembered()) {
        found.take(u32::MAX, window);
    }
    for _ in 0..VECTORS {
        for (found, long) in found.iter().zip([false, true]) {
            if found.far > 0 {
                wide.remember(long, found.vector());
            }
        }
        found = [Farthest::NONE; 2];
        for row in 0..count {
            pass(wide, row, work.read(rows, row));
            for (found, (known, window)) in found.iter_mut().zip(wide.remembered()) {
                found.take(apart(known, window, found.far), window);
            }
        }
    }
}

/// The window of a pass that is the farthest from a memory; the first of equals.
#[derive(Clone, Copy, Debug)]
struct Farthest {
    far: u32,
    width: usize,
    bytes: [i8; LONG],
}

impl Farthest {
    const NONE: Self = Self {
        far: 0,
        width: 0,
        bytes: [0; LONG],
    };

    fn take(&mut self, far: u32, window: &[i8]) {
        if far > self.far {
            (self.far, self.width) = (far, window.len());
            let places = self.bytes.iter_mut().zip(window);
            places.for_each(|(to, byte)| *to = *byte);
        }
    }

    fn vector(&self) -> &[i8] {
        self.bytes.get(..self.width).unwrap_or_default()
    }
}

/// Takes a row of a pass.
fn pass<const V: usize>(wide: &mut Wide<V>, row: u32, frame: &[Reading]) {
    if row == 0 {
        wide.begin(frame);
    } else {
        wide.pass(frame);
    }
}

/// The squared distance of a window to the nearest vector; some value of at most `enough` if it is not more.
fn apart(known: &[i8], window: &[i8], enough: u32) -> u32 {
    let mut nearest = u32::MAX;
    for vector in known.chunks_exact(window.len().max(1)) {
        nearest = nearest.min(squared(vector, window, nearest));
        if nearest <= enough {
            break;
        }
    }
    nearest
}
