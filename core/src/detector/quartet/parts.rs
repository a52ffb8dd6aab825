//! The arrays of a detector, cut into what they hold.

use super::Shape;
use super::memory::{Memory, Neighbours};
use core::mem::take;

/// Lengths in use after a fit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub shape: Shape,
    /// Rows that were fitted to.
    pub rows: u32,
}

impl Layout {
    pub(super) const fn short(self) -> usize {
        self.shape.short()
    }

    pub(super) const fn long(self) -> usize {
        self.shape.long(self.rows)
    }

    pub(super) const fn ring(self) -> usize {
        self.shape.ring(self.rows)
    }

    /// Bytes of everything, as [`Shape::bytes`] with the windows of this fit.
    pub(super) const fn bytes(self) -> usize {
        let kept = self.shape.vectors as usize + self.shape.slots();
        self.ring() + kept * (self.short() + self.long()) + self.shape.distances()
    }

    /// Bytes before the neighbours' places.
    pub(super) const fn bytes_before_places(self) -> usize {
        self.bytes() - self.shape.distances()
    }
}

/// The contents of the arrays.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    pub mean: &'a mut [f32],
    pub inv_deviation: &'a mut [f32],
    pub inv_difference: &'a mut [f32],
    /// The last value of each variable.
    pub last: &'a mut [f32],
    /// Deviations of the newest row, or of the last eight of one variable, newest first.
    pub recent: &'a mut [f32],
    /// Their means in the fit.
    pub center: &'a mut [f32],
    /// The lower triangle of what components do not explain.
    pub outside: &'a mut [f32],
    /// Rows as bytes, newest first.
    pub ring: &'a mut [i8],
    pub memories: [Memory<'a>; 2],
    /// Candidates: a short and a long vector each.
    pub slots: &'a mut [i8],
}

impl<'a> Parts<'a> {
    pub(super) fn of(
        layout: Layout,
        floats: &'a mut [f32],
        bytes: &'a mut [i8],
        distances: &'a mut [u32],
        [short_stored, long_stored]: [&'a mut u16; 2],
    ) -> Self {
        let shape = layout.shape;
        let (v, d) = (shape.count(), shape.residual());
        let (short, long) = (layout.short(), layout.long());
        let k = usize::from(shape.vectors);
        let neighbours = shape.distances() / 2;
        let (mut floats, mut bytes, mut distances) = (floats, bytes, distances);
        let ring = cut(&mut bytes, layout.ring());
        let short_vectors = cut(&mut bytes, k * short);
        let long_vectors = cut(&mut bytes, k * long);
        let slots = cut(&mut bytes, shape.slots() * (short + long));
        Self {
            mean: cut(&mut floats, v),
            inv_deviation: cut(&mut floats, v),
            inv_difference: cut(&mut floats, v),
            last: cut(&mut floats, v),
            recent: cut(&mut floats, d),
            center: cut(&mut floats, d),
            outside: cut(&mut floats, d * (d + 1) / 2),
            ring,
            memories: [
                Memory {
                    vectors: short_vectors,
                    width: short,
                    stored: short_stored,
                    neighbours: Neighbours {
                        distances: cut(&mut distances, neighbours),
                        places: cut(&mut bytes, neighbours),
                    },
                },
                Memory {
                    vectors: long_vectors,
                    width: long,
                    stored: long_stored,
                    neighbours: Neighbours {
                        distances: cut(&mut distances, neighbours),
                        places: cut(&mut bytes, neighbours),
                    },
                },
            ],
            slots,
        }
    }
}

/// The first `count` of what is left. Checked rules always have as many.
fn cut<'a, T>(rest: &mut &'a mut [T], count: usize) -> &'a mut [T] {
    match take(rest).split_at_mut_checked(count) {
        Some((front, back)) => {
            *rest = back;
            front
        }
        None => &mut [],
    }
}
