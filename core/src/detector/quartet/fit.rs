//! The outcome of a fit: numbers that stay, vectors to begin with, and the last rows.

use super::byte::{byte, capped, deviations};
use super::parts::{Layout, Parts};
use super::quarantine::Quarantine;
use super::row::push;
use super::surprise::Calibration;
use super::{Quartet, Rules, shape};
use crate::error::{Allowed, SettingsError};
use crate::statistics::held::Held;

/// The outcome of a fit. Slices are as long as their [`Shape`](super::Shape) says, or loading is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fit<'a> {
    /// Rows that were fitted to, 1 or more: windows and the held score last at most an eighth of them.
    pub rows: u32,
    /// Mean of each variable.
    pub mean: &'a [f32],
    /// Inverse of each variable's deviation; 0 for a variable that is ignored.
    pub inv_deviation: &'a [f32],
    /// Inverse of the deviation of each variable's differences from row to row.
    pub inv_difference: &'a [f32],
    /// Mean of the values of the residual lane, in deviations.
    pub center: &'a [f32],
    /// I - P P', its lower triangle row by row.
    pub outside: &'a [f32],
    /// The usual values of each lane.
    pub calibration: Calibration,
    /// Vectors of the short memory, one after the other.
    pub short: &'a [i8],
    /// Vectors of the long memory.
    pub long: &'a [i8],
    /// The last rows, oldest first, without gaps: as many as the long window spans, or all there were.
    pub recent: &'a [f32],
}

/// Names and ranges of the floats, in the order in which they are kept.
pub(super) const RANGES: [(&str, f32, f32); 7] = [
    ("mean", f32::MIN, f32::MAX),
    ("inv_deviation", 0.0, f32::MAX),
    ("inv_difference", 0.0, f32::MAX),
    ("last", f32::MIN, f32::MAX),
    ("recent", -100.0, 100.0),
    ("center", -50.0, 50.0),
    // No entry of a projection exceeds 1.
    ("outside", -1.001, 1.001),
];

impl Fit<'_> {
    fn check(&self, layout: Layout) -> Result<(), SettingsError> {
        let shape = layout.shape;
        let (v, d) = (shape.count(), shape.residual());
        if self.rows == 0 {
            return Err(SettingsError::new("rows", 0.0, Allowed::AtLeast(1.0)));
        }
        let [mean, deviation, difference, last, _, center, outside] = RANGES;
        let floats = [
            (mean, self.mean, v),
            (deviation, self.inv_deviation, v),
            (difference, self.inv_difference, v),
            (center, self.center, d),
            (outside, self.outside, d * (d + 1) / 2),
        ];
        for (range, values, length) in floats {
            lengths(range.0, values.len(), length)?;
            within(range, values)?;
        }
        if self.recent.is_empty() || !self.recent.len().is_multiple_of(v.max(1)) {
            return Err(SettingsError::new(
                "recent",
                self.recent.len() as f32,
                Allowed::AtLeast(v as f32),
            ));
        }
        within(("recent", last.1, last.2), self.recent)?;
        let vectors = [
            ("short", self.short, layout.short()),
            ("long", self.long, layout.long()),
        ];
        for (field, bytes, width) in vectors {
            let count = bytes.len() / width.max(1);
            if count == 0 || count > usize::from(shape.vectors) {
                return Err(SettingsError::count(field, count, shape.vectors.into()));
            }
            lengths(field, bytes.len(), count * width)?;
        }
        if !self.calibration.is_whole() {
            let Calibration { usual, inv_scale } = self.calibration;
            within(("usual", 0.0, f32::MAX), &usual)?;
            within(("inv_scale", f32::MIN_POSITIVE, f32::MAX), &inv_scale)?;
        }
        Ok(())
    }
}

fn lengths(field: &'static str, found: usize, wanted: usize) -> Result<(), SettingsError> {
    if found == wanted {
        return Ok(());
    }
    let allowed = Allowed::Exactly(wanted as f32);
    Err(SettingsError::new(field, found as f32, allowed))
}

fn within(range: (&'static str, f32, f32), values: &[f32]) -> Result<(), SettingsError> {
    let (field, low, high) = range;
    for (k, value) in values.iter().enumerate() {
        if !(low..=high).contains(value) {
            let error = SettingsError::new(field, *value, Allowed::Within(low, high));
            return Err(error.of_variable(k as u16));
        }
    }
    Ok(())
}

fn copy<T: Copy>(to: &mut [T], from: &[T]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize>
    Quartet<FLOATS, BYTES, DISTANCES>
{
    /// Takes over a fit and forgets all else; ticks continue. Computes the distances between all
    /// vectors of a memory that learns, K (K - 1) of them each.
    ///
    /// # Errors
    /// Names the field with a length or a value that cannot be. The state is unchanged.
    pub fn load(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        fit: &Fit<'_>,
    ) -> Result<(), SettingsError> {
        let layout = Layout {
            shape: rules.shape(),
            rows: fit.rows,
        };
        fit.check(layout)?;
        self.forget();
        self.begin(layout);
        self.calibration = fit.calibration;
        let width = |bytes: &[i8], width: usize| (bytes.len() / width.max(1)) as u16;
        self.stored = [
            width(fit.short, layout.short()),
            width(fit.long, layout.long()),
        ];
        let Parts {
            mean,
            inv_deviation,
            inv_difference,
            last,
            recent,
            center,
            outside,
            ring,
            mut memories,
            ..
        } = self.parts(layout);
        copy(mean, fit.mean);
        copy(inv_deviation, fit.inv_deviation);
        copy(inv_difference, fit.inv_difference);
        copy(center, fit.center);
        copy(outside, fit.outside);
        for (memory, vectors) in memories.iter_mut().zip([fit.short, fit.long]) {
            copy(memory.vectors, vectors);
            if layout.shape.learns() {
                memory.acquaint();
            }
        }
        let v = layout.shape.count().max(1);
        let mut times = ring.len() / v;
        for row in fit.recent.chunks_exact(v) {
            copy(last, row);
            // The first row stands for those before it.
            for _ in 0..core::mem::replace(&mut times, 1) {
                let scales = mean.iter().zip(inv_deviation.iter());
                for (j, (x, (mean, inv_deviation))) in row.iter().zip(scales).enumerate() {
                    let z = deviations(*x, *mean, *inv_deviation);
                    push(ring, j, v, byte(z));
                    if v == 1 {
                        push(recent, 0, 1, capped(z));
                    }
                }
            }
        }
        Ok(())
    }

    /// Sets the numbers that follow from the shape and the number of rows.
    pub(super) fn begin(&mut self, layout: Layout) {
        self.shape = layout.shape;
        self.rows = layout.rows;
        self.factors = [factor(layout.short()), factor(layout.long())];
        self.held = Held::new(shape::hold(layout.rows));
        self.hints = [[0; 2]; 2];
        self.quarantine = Quarantine::new();
    }
}

/// 1 / (12.7 √width) to the nearest, of a width up to 1,024. By whole numbers: a restored fit needs f64 for
/// nothing else, and that is 3 KB of flash.
pub(in crate::detector) fn factor(width: usize) -> f32 {
    const SCALE: f32 = 1.0 / (1_u64 << 40) as f32;
    let divisor = 127 * 127 * width as u128;
    // The largest root with (127 root)² width <= (10 · 2^40)², bit by bit.
    let mut root = 0_u64;
    for bit in (0..37).rev() {
        let larger = root | (1 << bit);
        if u128::from(larger) * u128::from(larger) * divisor <= 100 << 80 {
            root = larger;
        }
    }
    // What is cut off counts as a little, so that it is rounded once.
    (root | 1) as f32 * SCALE
}

#[cfg(test)]
mod tests {
    use super::factor;

    #[test]
    fn factors_are_those_of_twice_the_digits() {
        for width in 1..=1024 {
            let exact = 1.0 / (12.7 * (width as f64).sqrt());
            assert_eq!(factor(width), exact as f32, "{width}");
        }
    }
}
