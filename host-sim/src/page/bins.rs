//! The data of a recording's plots, in bounded memory: bins of equally many rows. While all rows
//! fit, a bin is a row. When they no longer fit, neighbours are merged two by two, so that
//! between half of the capacity and all of it is in use at any length.

use crate::detect::LaneRecord;

/// Bins of all variables together, limited by a browser's speed.
const CELLS: usize = 48_000;

/// Most bins, and the fewest for any number of variables.
const BINS: (usize, usize) = (512, 8192);

/// One variable in one bin. NaN without a value.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Smallest value.
    pub low: f32,
    /// Largest value.
    pub high: f32,
    /// Lowest lower edge of the expected band.
    pub band_low: f32,
    /// Highest upper edge of the expected band.
    pub band_high: f32,
    /// Expected value in the row with the largest ratio of score to threshold.
    pub expected: f32,
    /// Score of that row.
    pub score: f32,
    /// Threshold of that row.
    pub threshold: f32,
}

impl Cell {
    /// Nothing.
    pub const EMPTY: Self = Self {
        low: f32::NAN,
        high: f32::NAN,
        band_low: f32::NAN,
        band_high: f32::NAN,
        expected: f32::NAN,
        score: f32::NAN,
        threshold: f32::NAN,
    };

    /// A value without expectation.
    pub const fn value(value: f32) -> Self {
        Self {
            low: value,
            high: value,
            ..Self::EMPTY
        }
    }

    /// A value with its usual range, if that is known.
    pub fn ranged(value: f32, usual: Option<(f32, f32)>) -> Self {
        let (band_low, band_high) = usual.unwrap_or((f32::NAN, f32::NAN));
        Self {
            band_low,
            band_high,
            ..Self::value(value)
        }
    }

    /// A score and its threshold: the band is the normal range, from 0; none without a threshold.
    pub const fn level(score: f32, threshold: f32) -> Self {
        Self {
            band_low: if threshold.is_nan() { f32::NAN } else { 0.0 },
            band_high: threshold,
            score,
            threshold,
            ..Self::value(score)
        }
    }

    /// A cell per variable, each with its floor; empty for a variable without a lane.
    pub fn lanes(lanes: &[LaneRecord], floors: &[f32]) -> Vec<Self> {
        let lane = |k: usize| lanes.iter().find(|lane| lane.variable == k);
        let cells = floors.iter().enumerate();
        cells
            .map(|(k, floor)| lane(k).map_or(Self::EMPTY, |lane| Self::of(lane, *floor)))
            .collect()
    }

    /// One row; the band is expected ± threshold · max(|expected|, floor).
    fn of(lane: &LaneRecord, floor: f32) -> Self {
        let number = |value: Option<f32>| value.filter(|v| v.is_finite()).unwrap_or(f32::NAN);
        let about = &lane.assessment;
        let (expected, threshold) = (number(about.expected), number(about.threshold));
        let reach = threshold * expected.abs().max(floor);
        Self {
            low: lane.value,
            high: lane.value,
            band_low: expected - reach,
            band_high: expected + reach,
            expected,
            score: number(about.score),
            threshold,
        }
    }

    fn strain(&self) -> f32 {
        self.score / self.threshold
    }

    /// Both as one: `min` and `max` ignore NaN.
    fn merge(self, other: Self) -> Self {
        let worst = match (self.strain(), other.strain()) {
            (a, b) if b > a || a.is_nan() && !b.is_nan() => other,
            _ if self.expected.is_nan() && self.score.is_nan() => other,
            _ => self,
        };
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            band_low: self.band_low.min(other.band_low),
            band_high: self.band_high.max(other.band_high),
            ..worst
        }
    }
}

/// Bins of every variable.
#[derive(Clone, Debug)]
pub struct Bins {
    capacity: usize,
    width: u64,
    rows: u64,
    /// Timestamp of each bin's first row.
    times: Vec<String>,
    cells: Vec<Vec<Cell>>,
}

impl Bins {
    /// No rows yet.
    pub fn new(variables: usize) -> Self {
        let (fewest, most) = BINS;
        let capacity = (CELLS / variables.max(1)).clamp(fewest, most) & !1;
        Self {
            capacity,
            width: 1,
            rows: 0,
            times: Vec::new(),
            cells: vec![Vec::new(); variables],
        }
    }

    /// Rows per bin.
    pub fn width(&self) -> u64 {
        self.width
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Timestamp of each bin's first row.
    pub fn times(&self) -> &[String] {
        &self.times
    }

    /// The bins of each variable.
    pub fn cells(&self) -> &[Vec<Cell>] {
        &self.cells
    }

    /// Takes the next row: a cell per variable.
    pub fn push(&mut self, row: &[Cell], timestamp: &str) {
        let starts = self.rows.is_multiple_of(self.width);
        if starts {
            if self.times.len() == self.capacity {
                self.halve();
            }
            self.times.push(timestamp.to_owned());
        }
        for (cells, cell) in self.cells.iter_mut().zip(row) {
            match cells.last_mut() {
                Some(last) if !starts => *last = last.merge(*cell),
                _ => cells.push(*cell),
            }
        }
        self.rows += 1;
    }

    /// As many variables as parts, each the merged ones of a part.
    pub fn merged(&self, parts: &[&[usize]]) -> Self {
        let all = |part: &&[usize]| -> Vec<Cell> {
            let columns = part.iter().filter_map(|k| self.cells.get(*k));
            let columns: Vec<&Vec<Cell>> = columns.collect();
            (0..self.times.len())
                .map(|bin| {
                    let cells = columns.iter().filter_map(|column| column.get(bin).copied());
                    cells.reduce(Cell::merge).unwrap_or(Cell::EMPTY)
                })
                .collect()
        };
        Self {
            cells: parts.iter().map(all).collect(),
            times: self.times.clone(),
            ..*self
        }
    }

    fn halve(&mut self) {
        for cells in &mut self.cells {
            *cells = cells
                .chunks(2)
                .filter_map(|pair| pair.iter().copied().reduce(Cell::merge))
                .collect();
        }
        let mut odd = true;
        self.times.retain(|_| {
            odd = !odd;
            !odd
        });
        self.width *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::report::Outcome;
    use bellwether::{Assessment, State};

    fn lane(value: f32, score: f32) -> LaneRecord {
        LaneRecord {
            variable: 0,
            value,
            outcome: Outcome::Quiet,
            assessment: Assessment::judged(State::Normal, score, 0.5).expecting(10.0),
        }
    }

    #[test]
    fn the_band_is_expected_plus_minus_what_the_threshold_allows() {
        let cell = Cell::of(&lane(3.0, 0.1), 1.0);
        assert_eq!((cell.band_low, cell.band_high), (5.0, 15.0));
        let cell = Cell::of(&lane(3.0, 0.1), 40.0);
        assert_eq!((cell.band_low, cell.band_high), (-10.0, 30.0));
    }

    #[test]
    fn a_long_recording_keeps_extremes_and_the_worst_row() {
        let mut bins = Bins::new(1);
        for row in 0..100_000 {
            let odd = row == 77_777;
            let (value, score) = if odd { (-99.0, 4.0) } else { (1.0, 0.1) };
            bins.push(&[Cell::of(&lane(value, score), 1.0)], &row.to_string());
        }
        let (width, cells) = (bins.width(), &bins.cells()[0]);
        assert_eq!((bins.rows(), width), (100_000, 16));
        assert_eq!(cells.len(), bins.times().len());
        assert_eq!(cells.len(), 100_000 / 16);
        assert_eq!(bins.times()[5], "80");
        let cell = cells[77_777 / 16];
        assert_eq!((cell.low, cell.high, cell.score), (-99.0, 1.0, 4.0));
        assert_eq!(cells.iter().filter(|c| c.low < 0.0).count(), 1);
    }

    #[test]
    fn of_two_scores_the_one_furthest_above_its_threshold_is_kept() {
        let (low, high) = (Cell::level(0.5, 1.5), Cell::level(4.0, 1.5));
        for merged in [low.merge(high), high.merge(low)] {
            assert_eq!((merged.low, merged.high, merged.score), (0.5, 4.0, 4.0));
            assert_eq!((merged.band_low, merged.band_high), (0.0, 1.5));
        }
    }

    /// By hand. Broken by a part that lacks its largest variable.
    #[test]
    fn merged_variables_keep_the_largest() {
        let mut bins = Bins::new(3);
        for row in [[1.0, 5.0, f32::NAN], [2.0, 3.0, 9.0]] {
            bins.push(&row.map(Cell::value), "t");
        }
        let merged = bins.merged(&[&[0, 1], &[2]]);
        let highs = |k: usize| -> Vec<f32> { merged.cells()[k].iter().map(|c| c.high).collect() };
        assert_eq!(highs(0), [5.0, 3.0]);
        assert!(highs(1)[0].is_nan() && highs(1)[1] == 9.0);
    }

    #[test]
    fn missing_values_do_not_hide_present_ones() {
        let gap = Cell::EMPTY;
        let cell = Cell::of(&lane(3.0, 0.1), 1.0);
        for merged in [gap.merge(cell), cell.merge(gap)] {
            assert_eq!(
                (merged.low, merged.expected, merged.score),
                (3.0, 10.0, 0.1)
            );
        }
        assert!(gap.merge(gap).low.is_nan());
    }
}
