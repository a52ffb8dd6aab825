//! The range of the inputs that calibration rows ask for, and the values that it leaves outside.
//!
//! ```text
//! a, b = smallest and largest of the columns' quantiles 0.002 and 0.998, at least one row off each end;
//!        of fewer than 50 rows, of all
//! range = the default where it holds a to b, else a - (b - a)/2 to b + (b - a)/2, 0 included
//! ```

use super::Settings;
use crate::text::number::{count, counted};

/// Share of the rows beyond the quantiles, on either side.
const TAIL: f64 = 0.002;
/// Number of rows below which none is left out.
const MANY: usize = 50;
/// A value is far if it lies so many times a column's range beyond it.
const FAR: f32 = 10.0;
/// Values that are named.
const NAMED: usize = 3;

/// Calibration inputs in scaled units.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    rows: &'a [Vec<f32>],
    /// Quantiles of each column.
    usual: Vec<(f32, f32)>,
}

impl<'a> Inputs<'a> {
    /// Rows of as many values each.
    pub fn new(rows: &'a [Vec<f32>]) -> Self {
        let width = rows.first().map_or(0, Vec::len);
        let column = |k: usize| {
            let values = rows.iter().filter_map(|row| row.get(k).copied());
            let mut values: Vec<f32> = values.filter(|x| x.is_finite()).collect();
            values.sort_by(f32::total_cmp);
            let last = values.len().saturating_sub(1);
            let off = (values.len() as f64 * TAIL).ceil() as usize;
            let off = if values.len() < MANY { 0 } else { off };
            let at = |k: usize| values.get(k).copied().unwrap_or(0.0);
            (at(off), at(last - off))
        };
        Self {
            rows,
            usual: (0..width).map(column).collect(),
        }
    }

    /// The default range if it holds the usual values, else one that does, with room on both sides.
    pub fn range(&self, (low, high): (f32, f32)) -> (f32, f32) {
        let least = self
            .usual
            .iter()
            .fold(0.0_f32, |least, (a, _)| least.min(*a));
        let most = self.usual.iter().fold(0.0_f32, |most, (_, b)| most.max(*b));
        if low <= least && most <= high {
            return (low, high);
        }
        let room = (most - least) / 2.0;
        let ends = (least - room, most + room);
        if ends.0.is_finite() && ends.1.is_finite() {
            ends
        } else {
            (low, high)
        }
    }

    /// Number of values outside a range.
    pub fn outside(&self, (low, high): (f32, f32)) -> usize {
        let all = self.rows.iter().flatten();
        all.filter(|x| !(low..=high).contains(*x)).count()
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.rows.iter().map(Vec::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows clipped to a range, as a device clips them.
    pub fn clipped(&self, (low, high): (f32, f32)) -> Vec<Vec<f32>> {
        let clip = |row: &Vec<f32>| row.iter().map(|x| x.clamp(low, high)).collect();
        self.rows.iter().map(clip).collect()
    }

    /// Row and column of values far from all others of their column.
    pub fn far(&self) -> Vec<(usize, usize)> {
        let is_far = |k: usize, x: f32| {
            let (a, b) = self.usual.get(k).copied().unwrap_or_default();
            let room = FAR * (b - a);
            room > 0.0 && (x < a - room || x > b + room)
        };
        let rows = self.rows.iter().enumerate();
        let all = rows.flat_map(|(r, row)| row.iter().enumerate().map(move |(k, x)| (r, k, *x)));
        all.filter(|(_, k, x)| is_far(*k, *x))
            .map(|(r, k, _)| (r, k))
            .collect()
    }

    /// Warnings about a range: `name` is a column's name, `value` a reading as in the file.
    pub fn said(
        &self,
        (low, high): (f32, f32),
        name: impl Fn(usize) -> String,
        value: impl Fn(usize, usize) -> f32,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        let far = self.far();
        if !far.is_empty() {
            let named = far
                .iter()
                .take(NAMED)
                .map(|(row, k)| format!("{} is {} in row {row}", name(*k), value(*row, *k)));
            lines.push(format!(
                "warning: {} of the calibration rows far from all others, as faults and stand-ins for \
                 missing values are: {}{}; clipped to the range of the inputs",
                counted(far.len() as u64, "value"),
                named.collect::<Vec<_>>().join(", "),
                if far.len() > NAMED { ", ..." } else { "" }
            ));
        }
        let outside = self.outside((low, high)).saturating_sub(far.len());
        if outside > 0 {
            lines.push(format!(
                "warning: {} of {} calibration values ({:.1} %) lie outside the range of the inputs, \
                 {low} to {high}, and are clipped; --grid LOW,HIGH sets it",
                count(outside as u64),
                count(self.len() as u64),
                100.0 * outside as f64 / self.len().max(1) as f64
            ));
        }
        lines
    }
}

/// Largest share of calibration values that may lie outside a range.
pub const MOST_OUTSIDE: f64 = 0.2;

impl Settings {
    /// The same with another range of the inputs.
    #[must_use]
    pub const fn with_inputs(self, inputs: (f32, f32)) -> Self {
        Self { inputs, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(ends: (f32, f32), count: usize) -> Vec<Vec<f32>> {
        let at = |k: usize| ends.0 + (ends.1 - ends.0) * k as f32 / (count - 1) as f32;
        (0..count).map(|k| vec![at(k), 0.5]).collect()
    }

    /// By hand: from 10 to 95, of 0 to 95; half of 95 on both sides.
    #[test]
    fn the_range_follows_rows_that_the_default_would_clip() {
        let default = (-2.0, 4.0);
        assert_eq!(Inputs::new(&rows((0.0, 1.0), 500)).range(default), default);
        let degrees = rows((10.0, 95.0), 1001);
        let (low, high) = Inputs::new(&degrees).range(default);
        assert!(
            (low + 47.4).abs() < 0.2 && (high - 142.2).abs() < 0.5,
            "{low} {high}"
        );
        assert_eq!(Inputs::new(&degrees).outside(default), 1001);
    }

    /// Broken by a range that one stand-in for a missing value stretches.
    #[test]
    fn one_absurd_value_is_named_and_widens_nothing() {
        let mut rows = rows((-1.0, 1.0), 1500);
        rows[700][1] = 99_999_999.0;
        rows[3][0] = 65_535.0;
        let inputs = Inputs::new(&rows);
        assert_eq!(inputs.range((-2.0, 4.0)), (-2.0, 4.0));
        // The second column is constant: nothing says what is far.
        assert_eq!(inputs.far(), [(3, 0)]);
        let said = inputs.said((-2.0, 4.0), |k| format!("x{k}"), |r, k| rows[r][k]);
        assert!(said[0].contains("x0 is 65535 in row 3"), "{said:?}");
        assert_eq!(inputs.clipped((-2.0, 4.0))[700], [rows[700][0], 4.0]);
    }
}
