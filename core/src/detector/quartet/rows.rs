//! Rows that are taken without being judged: a fit goes through the same rows many times.

use super::Quartet;
use super::parts::Layout;
use crate::detector::node::Scale;
use crate::sample::Reading;

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize>
    Quartet<FLOATS, BYTES, DISTANCES>
{
    fn layout(&self) -> Layout {
        Layout {
            shape: self.shape,
            rows: self.rows,
        }
    }

    /// Takes the next row.
    pub(in crate::detector) fn pass(&mut self, frame: &[Reading]) {
        self.parts(self.layout()).take(frame, &mut []);
    }

    /// Takes the first row again: of a variable without a value in it, the mean stands for the last one.
    pub(in crate::detector) fn begin_again(&mut self, frame: &[Reading]) {
        let layout = self.layout();
        let parts = self.parts(layout);
        for (last, mean) in parts.last.iter_mut().zip(parts.mean.iter()) {
            *last = *mean;
        }
        let rows = (layout.ring() / layout.shape.count().max(1)).max(layout.shape.residual());
        for _ in 0..rows {
            self.pass(frame);
        }
    }

    /// The scale of each variable, and its last value.
    pub(in crate::detector) fn scale(&self) -> Scale<'_> {
        let (v, d) = (self.shape.count(), self.shape.residual());
        let of = |from: usize| self.floats.get(from..from + v).unwrap_or_default();
        Scale {
            mean: of(0),
            inv_deviation: of(v),
            last: of(3 * v),
            center: of(4 * v + d),
        }
    }
}
