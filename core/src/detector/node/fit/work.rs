//! The memory of a fit, and its places for each variable.

use super::rank::Rank;
use super::{Rows, pairs, survey};
use crate::detector::node::factor::Vector;
use crate::detector::quartet::fitting::moments::Moments;
use crate::sample::{Cause, Reading};

/// A variable's place in each component.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Axes {
    pub direction: Vector,
    /// The direction's product with the covariance.
    pub product: Vector,
}

/// A variable's share of the memory.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) enum Cell {
    Moments(Moments),
    Axes(Axes),
    Rank(Rank),
    Product(pairs::Product),
    Vote(pairs::Vote),
    Survey(survey::Column),
}

/// Memory of a fit to `V` variables: 80 bytes each. It can be used for something else afterwards.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Work<const V: usize> {
    pub(super) cells: [Cell; V],
    pub(super) frame: [Reading; V],
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
    pub(super) fn read(&mut self, rows: &mut impl Rows, row: u32) -> &[Reading] {
        self.frame.fill(Reading::Absent(Cause::Missing));
        rows.read(row, &mut self.frame);
        &self.frame
    }

    pub(super) fn fill(&mut self, cell: Cell) {
        self.cells.iter_mut().for_each(|place| *place = cell);
    }

    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut Moments> {
        self.cells.iter_mut().filter_map(|cell| match cell {
            Cell::Moments(moments) => Some(moments),
            _ => None,
        })
    }

    pub(super) fn axes(&mut self) -> impl Iterator<Item = &mut Axes> {
        self.cells.iter_mut().filter_map(|cell| match cell {
            Cell::Axes(axes) => Some(axes),
            _ => None,
        })
    }

    pub(super) fn ranks(&mut self) -> impl Iterator<Item = &mut Rank> {
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
