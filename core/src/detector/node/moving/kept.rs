//! The last rows, as they came.

use crate::error::SnapshotError;
use crate::node::fit::Rows;
use crate::sample::Reading;
use crate::wire::snapshot::{Reader, Writer};

/// A ring of `ROWS` rows of `V` values; NaN is missing.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Kept<const V: usize, const ROWS: usize> {
    rows: [[f32; V]; ROWS],
    /// Place of the next row.
    next: u32,
    count: u32,
}

/// The last rows, oldest first.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Last<'a, const V: usize> {
    rows: &'a [[f32; V]],
    /// Place of the oldest.
    from: usize,
    count: u32,
}

impl<const V: usize, const ROWS: usize> Kept<V, ROWS> {
    pub(super) const NONE: Self = Self {
        rows: [[0.0; V]; ROWS],
        next: 0,
        count: 0,
    };

    pub(super) fn forget(&mut self) {
        (self.next, self.count) = (0, 0);
        self.rows.fill([0.0; V]);
    }

    pub(super) fn push(&mut self, frame: &[Reading]) {
        let Some(row) = self.rows.get_mut(self.next as usize) else {
            return;
        };
        row.fill(f32::NAN);
        for (place, reading) in row.iter_mut().zip(frame) {
            if let Ok(x) = reading.usable() {
                *place = x;
            }
        }
        self.next = if self.next as usize + 1 < ROWS {
            self.next + 1
        } else {
            0
        };
        self.count = (self.count + 1).min(ROWS as u32);
    }

    /// The last rows, at most so many.
    pub(super) fn last(&self, most: u32) -> Last<'_, V> {
        let count = self.count.min(most);
        let (next, back) = (self.next as usize, count as usize);
        let from = if back > next {
            (next + ROWS).saturating_sub(back)
        } else {
            next - back
        };
        Last {
            rows: &self.rows,
            from,
            count,
        }
    }

    pub(super) fn save(&self, variables: usize, body: &mut Writer<'_>) {
        body.put(&self.count);
        let last = self.last(self.count);
        for row in 0..self.count {
            for x in last.row(row).iter().take(variables) {
                body.put(x);
            }
        }
    }

    pub(super) fn restore(
        &mut self,
        variables: usize,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let count: u32 = body.take()?;
        if count as usize > ROWS {
            return Err(body.content());
        }
        if commit {
            self.forget();
            self.count = count;
            self.next = if count as usize == ROWS { 0 } else { count };
        }
        for row in self.rows.iter_mut().take(count as usize) {
            if commit {
                row.fill(f32::NAN);
            }
            for place in row.iter_mut().take(variables) {
                let x: f32 = body.take()?;
                if x.is_infinite() {
                    return Err(body.content());
                }
                if commit {
                    *place = x;
                }
            }
        }
        Ok(())
    }
}

/// The same rows, whatever their places.
impl<const V: usize, const ROWS: usize> PartialEq for Kept<V, ROWS> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.last(self.count), other.last(other.count));
        let bits = |row: &[f32; V]| row.map(f32::to_bits);
        self.count == other.count && (0..self.count).all(|row| bits(a.row(row)) == bits(b.row(row)))
    }
}

impl<const V: usize> Last<'_, V> {
    /// Rows there are.
    pub const fn rows(&self) -> u32 {
        self.count
    }

    /// A row; NaN is missing.
    pub fn row(&self, row: u32) -> &[f32; V] {
        let place = self.from + row as usize;
        let around = place.checked_sub(self.rows.len());
        let found = self.rows.get(around.unwrap_or(place));
        found.unwrap_or(&[f32::NAN; V])
    }
}

impl<const V: usize> Rows for Last<'_, V> {
    fn count(&self) -> u32 {
        self.count
    }

    fn read(&mut self, row: u32, frame: &mut [Reading]) {
        let places = frame.iter_mut().zip(self.row(row));
        places.for_each(|(to, x)| *to = x.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// Broken by a place beyond the end, or by an order that is that of places.
    #[test]
    fn the_last_rows_come_oldest_first() {
        let mut kept = Kept::<1, 4>::NONE;
        assert_eq!(kept.last(9).count(), 0);
        for k in 0..11_u8 {
            kept.push(&[Reading::Value(k.into())]);
            for most in 0..=4 {
                let last = kept.last(most);
                let found: Vec<f32> = (0..last.count()).map(|row| last.row(row)[0]).collect();
                let first = (k + 1).saturating_sub(most as u8);
                let wanted: Vec<f32> = (first..=k).map(f32::from).collect();
                assert_eq!(found, wanted, "{k} {most}");
            }
        }
        kept.push(&[]);
        assert!(kept.last(1).row(0)[0].is_nan());
    }
}
