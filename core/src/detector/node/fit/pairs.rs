//! The fit of pairs: a pass over the fitted rows for each variable, and 14 over the others for its limit.

use super::super::pairs::{LEAST, PARTNERS, Pairs, Partner, residual, vote};
use super::super::{Lanes, Node};
use super::held_out::{SMALLEST, limits};
use super::rank::{PASSES, Rank};
use super::work::Cell;
use super::{Rows, Work};
use crate::detector::node::Scale;
use crate::math::sqrt;
use crate::sample::Reading;

/// Sums of a variable's products.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Product {
    /// The last value, in deviations from the mean in the fit.
    value: f32,
    /// Of squares.
    own: f64,
    /// Of products with another variable.
    with: f64,
}

/// The votes about a variable.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Vote {
    /// The last value, in deviations from the mean in the fit.
    value: f32,
    rank: Rank,
}

/// Takes a row; a missing value counts as the last one.
fn take<const V: usize>(
    work: &mut Work<V>,
    scale: Scale<'_>,
    rows: &mut impl Rows,
    row: u32,
) -> usize {
    let count = scale.mean.len();
    work.read(rows, row);
    let Work { cells, frame } = work;
    let readings = frame.iter().map(|reading: &Reading| reading.usable());
    for ((cell, reading), variable) in cells.iter_mut().zip(readings).take(count).zip(0..) {
        let read = reading.ok().and_then(|x| residual(scale, variable, x));
        match (cell, read) {
            (Cell::Product(product), Some(r)) => product.value = r,
            (Cell::Vote(vote), Some(r)) => vote.value = r,
            _ => {}
        }
    }
    count
}

impl<const V: usize> Work<V> {
    fn products(&mut self) -> impl Iterator<Item = &mut Product> {
        self.cells.iter_mut().filter_map(|cell| match cell {
            Cell::Product(product) => Some(product),
            _ => None,
        })
    }

    fn product(&self, variable: usize) -> Product {
        match self.cells.get(variable) {
            Some(Cell::Product(product)) => *product,
            _ => Product::default(),
        }
    }

    fn voted(&self, variable: usize) -> f32 {
        match self.cells.get(variable) {
            Some(Cell::Vote(vote)) => vote.value,
            _ => 0.0,
        }
    }
}

/// The five variables that correlate most with one, by their sums of products with it.
fn partners<const V: usize>(work: &Work<V>, variable: usize, rows: f64) -> [Partner; PARTNERS] {
    let mine = work.product(variable).own;
    let mut found = [(0.0_f64, Partner::default()); PARTNERS];
    for (other, cell) in work.cells.iter().enumerate() {
        let Cell::Product(Product { own, with, .. }) = cell else {
            continue;
        };
        let (squares, products) = (mine * own, with * with);
        if other == variable || !(squares > 0.0 && products > 0.0) {
            continue;
        }
        let left = ((mine - products / own) / rows).max(0.0) as f32;
        let mut next = (
            products / squares,
            Partner {
                slope: (with / own) as f32,
                inv_deviation: 1.0 / sqrt(left).max(LEAST),
                variable: other as u16,
                offset: 0,
            },
        );
        for place in &mut found {
            if next.0 > place.0 {
                core::mem::swap(&mut next, place);
            }
        }
    }
    found.map(|(_, partner)| partner)
}

impl<const V: usize> Pairs<V> {
    /// Fits to the rows that a node was fitted to. Reads each of them once for every variable, and 15 times
    /// more; `work` is that of the node's fit.
    pub fn fit<L: Lanes>(&mut self, node: &Node<L, V>, rows: &mut impl Rows, work: &mut Work<V>) {
        self.partners.fill([Partner::default(); PARTNERS]);
        self.limits.fill(0.0);
        let scale = node.scale();
        let count = rows.count().min(node.rows());
        let fitted = count.saturating_sub(node.held_out());
        work.fill(Cell::Product(Product::default()));
        for row in 0..fitted {
            take(work, scale, rows, row);
            work.products().for_each(|of| of.own += square(of.value));
        }
        for (place, variable) in self.partners.iter_mut().zip(0..scale.mean.len()) {
            work.products()
                .for_each(|of| (of.value, of.with) = (0.0, 0.0));
            for row in 0..fitted {
                take(work, scale, rows, row);
                let mine = f64::from(work.product(variable).value);
                work.products()
                    .for_each(|of| of.with += mine * f64::from(of.value));
            }
            *place = partners(work, variable, f64::from(fitted.max(1)));
        }
        let rank = Rank::of(count - fitted, 9, 10);
        work.fill(Cell::Vote(Vote { value: 0.0, rank }));
        for pass in 0..PASSES + 1 {
            for row in fitted..count {
                take(work, scale, rows, row);
                for (variable, partners) in self.partners.iter().enumerate() {
                    let voted = vote(partners, work.voted(variable), |k| work.voted(k));
                    if let Some(Cell::Vote(of)) = work.cells.get_mut(variable) {
                        of.rank.take(voted, pass);
                    }
                }
            }
            for cell in &mut work.cells {
                if let Cell::Vote(vote) = cell {
                    vote.rank.end(pass);
                    vote.value = 0.0;
                }
            }
        }
        let variables = self.limits.iter_mut().zip(&self.partners).zip(&work.cells);
        for ((limit, [partner, ..]), cell) in variables {
            if let (true, Cell::Vote(vote)) = (partner.inv_deviation > 0.0, cell) {
                let (usual, scale) = limits(&vote.rank, SMALLEST[0]);
                *limit = usual + 2.0 * scale;
            }
        }
    }
}

fn square(x: f32) -> f64 {
    f64::from(x) * f64::from(x)
}
