//! A fit to stored rows, read again and again: in bounded memory, without a matrix of all variables.
//!
//! ```text
//! first 80 %   scales, center, 31 passes for the components (`components`), 32 for the memories
//! last 20 %    14 passes for the limits of lanes and variables (`rank`), as many for the threshold
//! threshold    0.99 quantile of the last rows' scores, 1.5 at least; 2 if they are fewer than 300
//! ```
//!
//! The last rows are not fitted: their lanes say what is usual of rows that memories and components do not
//! know. Beside the state a fit takes [`Work`], 80 bytes per variable, and reads every row about 110 times, a
//! row of wide lanes for about 100 V additions each. It has the same bits everywhere.

mod components;
mod pairs;
mod passes;
mod rank;

pub(super) use passes::{center, measure, remember};

use super::factor::{Along, Factor, Vector};
use super::lanes::Lanes;
use super::limits::{LEAST, Limits};
use super::settings::Variables;
use super::{Node, Rules};
use crate::detector::quartet::fitting::moments::Moments;
use crate::detector::quartet::hold;
use crate::error::{Allowed, SettingsError};
use crate::sample::{Cause, Reading};
use crate::statistics::held::Held;
use rank::{PASSES, Rank};

/// Fewest rows of a fit.
const FEWEST: u32 = 20;
/// Rows that a quantile of 0.99 can be told from.
const TELLING: u32 = 300;
/// The threshold that more rows would have said, and the least one.
const FIXED: f32 = 2.0;
const LOWEST: f32 = 1.5;
/// Scales per mean excess, the smallest mean excess as a share of the limit, and at all.
const SOFT: f32 = 4.0;
const SHARE: f32 = 0.05;
const SMALLEST: [f32; 4] = [0.01, 0.01, 0.01, 0.001];

/// Stored rows, oldest first.
pub trait Rows {
    /// Rows there are.
    fn count(&self) -> u32;

    /// Reads a row, a reading per variable; those that are not written are missing.
    fn read(&mut self, row: u32, frame: &mut [Reading]);
}

/// Rows in memory; a NaN is missing.
impl<R: AsRef<[f32]>> Rows for &[R] {
    fn count(&self) -> u32 {
        self.len() as u32
    }

    fn read(&mut self, row: u32, frame: &mut [Reading]) {
        let values = self.get(row as usize).map(AsRef::as_ref);
        let values = values.unwrap_or_default().iter();
        frame
            .iter_mut()
            .zip(values)
            .for_each(|(to, x)| *to = x.into());
    }
}

/// A variable's place in each component.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Axes {
    direction: Vector,
    /// The direction's product with the covariance.
    product: Vector,
}

/// A variable's share of the memory.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Cell {
    Moments(Moments),
    Axes(Axes),
    Rank(Rank),
    Product(pairs::Product),
    Vote(pairs::Vote),
}

/// Memory of a fit to `V` variables: 80 bytes each. It can be used for something else afterwards.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Work<const V: usize> {
    cells: [Cell; V],
    frame: [Reading; V],
}

impl<const V: usize> Work<V> {
    /// Memory that was not used.
    pub const fn new() -> Self {
        Self {
            cells: [Cell::Moments(Moments::NONE); V],
            frame: [Reading::Absent(Cause::Missing); V],
        }
    }

    /// A row.
    fn read(&mut self, rows: &mut impl Rows, row: u32) -> &[Reading] {
        self.frame.fill(Reading::Absent(Cause::Missing));
        rows.read(row, &mut self.frame);
        &self.frame
    }

    fn fill(&mut self, cell: Cell) {
        self.cells.iter_mut().for_each(|place| *place = cell);
    }

    fn moments(&mut self) -> impl Iterator<Item = &mut Moments> {
        self.cells.iter_mut().filter_map(|cell| match cell {
            Cell::Moments(moments) => Some(moments),
            _ => None,
        })
    }

    fn axes(&mut self) -> impl Iterator<Item = &mut Axes> {
        self.cells.iter_mut().filter_map(|cell| match cell {
            Cell::Axes(axes) => Some(axes),
            _ => None,
        })
    }

    fn ranks(&mut self) -> impl Iterator<Item = &mut Rank> {
        self.cells.iter_mut().filter_map(|cell| match cell {
            Cell::Rank(rank) => Some(rank),
            _ => None,
        })
    }
}

impl<const V: usize> Default for Work<V> {
    fn default() -> Self {
        Self::new()
    }
}

/// The lanes' values of the next row, and its sums along the components.
pub(super) fn judge<L: Lanes, const V: usize>(
    lanes: &mut L,
    factor: &Factor<V>,
    rules: &L::Rules,
    frame: &[Reading],
    in_fit: bool,
) -> ([f32; 4], Along) {
    let ([short, long, difference], own) = lanes.judge(rules, frame, in_fit);
    let along = factor.along(lanes.scale());
    let residual = own.unwrap_or_else(|| factor.outside(lanes.scale(), &along));
    ([short, long, difference, residual], along)
}

impl<L: Lanes, const V: usize> Node<L, V> {
    /// Fits to stored rows, at least 20 of them; ticks continue. Lanes that are not wide were fitted to the
    /// first four fifths before ([`Self::lanes`]).
    ///
    /// # Errors
    /// There are too few rows, or the lanes were fitted to other ones. The fit is lost.
    pub fn fit(
        &mut self,
        rules: &Rules<L::Rules, V>,
        rows: &mut impl Rows,
        work: &mut Work<V>,
    ) -> Result<(), SettingsError> {
        let count = rows.count();
        self.limits = Limits::NONE;
        if count < FEWEST {
            let allowed = Allowed::AtLeast(FEWEST as f32);
            return Err(SettingsError::new("rows", count as f32, allowed));
        }
        let fitted = (u64::from(count) * 4 / 5) as u32;
        self.factor.forget();
        self.lanes.fit(rules.lanes(), rows, fitted, work)?;
        let variables = rules.lanes().variables();
        let Self { lanes, factor, .. } = self;
        components::fit((lanes, factor), variables, rows, fitted, work);
        self.limit(rules, rows, fitted, work);
        self.limits.held = Held::new(hold(fitted));
        self.limits.held_out = count - fitted;
        self.limits.threshold = FIXED;
        if count - fitted >= TELLING {
            let mut rank = Rank::of(count - fitted, 99, 100);
            for pass in 0..PASSES {
                self.scores(rules, rows, fitted, work, |score| rank.take(score, pass));
                rank.end(pass);
            }
            self.limits.threshold = rank.value().max(LOWEST);
        }
        // What follows goes on from here.
        self.scores(rules, rows, fitted, work, |_| {});
        Ok(())
    }

    /// Goes through the rows up to `fitted` without judging them.
    pub(super) fn rewind(lanes: &mut L, rows: &mut impl Rows, fitted: u32, work: &mut Work<V>) {
        lanes.begin(work.read(rows, 0));
        for row in 1..fitted {
            lanes.pass(work.read(rows, row));
        }
    }

    /// The limits of lanes and variables, from the rows behind those that were fitted.
    fn limit(
        &mut self,
        rules: &Rules<L::Rules, V>,
        rows: &mut impl Rows,
        fitted: u32,
        work: &mut Work<V>,
    ) {
        let count = rows.count();
        let new = Rank::of(count - fitted, 9, 10);
        let mut of_lanes = [new; 4];
        work.fill(Cell::Rank(new));
        let variables = rules.lanes().variables();
        for pass in 0..PASSES + 1 {
            Self::rewind(&mut self.lanes, rows, fitted, work);
            for row in fitted..count {
                let frame = work.read(rows, row);
                let rules = rules.lanes();
                let (lanes, along) = judge(&mut self.lanes, &self.factor, rules, frame, true);
                for (rank, lane) in of_lanes.iter_mut().zip(lanes) {
                    rank.take(lane, pass);
                }
                let distances = self.factor.distances(self.lanes.scale(), along);
                for (rank, far) in work.ranks().zip(distances) {
                    rank.take(far, pass);
                }
            }
            of_lanes.iter_mut().for_each(|rank| rank.end(pass));
            work.ranks().take(variables).for_each(|rank| rank.end(pass));
        }
        let calibration = &mut self.limits.calibration;
        let places = calibration.usual.iter_mut().zip(&mut calibration.inv_scale);
        for ((place, rank), smallest) in places.zip(of_lanes).zip(SMALLEST) {
            let (usual, scale) = limits(&rank, smallest);
            (*place.0, *place.1) = (usual.max(LEAST), 1.0 / scale);
        }
        let places = self.factor.usual.iter_mut().zip(&mut self.factor.inv_scale);
        for ((usual, inv_scale), rank) in places.zip(work.ranks()).take(variables) {
            let (limit, scale) = limits(rank, SMALLEST[0]);
            (*usual, *inv_scale) = (limit, 1.0 / scale);
        }
    }

    /// Passes the score of each row behind those that were fitted.
    fn scores(
        &mut self,
        rules: &Rules<L::Rules, V>,
        rows: &mut impl Rows,
        fitted: u32,
        work: &mut Work<V>,
        mut passed: impl FnMut(f32),
    ) {
        Self::rewind(&mut self.lanes, rows, fitted, work);
        self.limits.begin();
        for row in fitted..rows.count() {
            let frame = work.read(rows, row);
            let (lanes, along) = judge(&mut self.lanes, &self.factor, rules.lanes(), frame, true);
            let largest = self.factor.largest(self.lanes.scale(), along);
            let (onset, held) = self.limits.take(lanes, largest.excess);
            passed(onset + held);
        }
    }
}

/// Limit and scale of what a rank has seen.
fn limits(rank: &Rank, smallest: f32) -> (f32, f32) {
    let usual = rank.value();
    (usual, SOFT * rank.excess().max(SHARE * usual).max(smallest))
}
