//! Limits and scores of the rows behind those that were fitted.

use super::blocks::Blocks;
use super::rank::{PASSES, Rank};
use super::work::{Cell, Work};
use super::{Rows, judge};
use crate::detector::node::lanes::Lanes;
use crate::detector::node::limits::LEAST;
use crate::detector::node::settings::Variables;
use crate::detector::node::{Node, Rules};

/// Scales per mean excess, the smallest mean excess as a share of the limit, and at all.
const SOFT: f32 = 4.0;
const SHARE: f32 = 0.05;
pub(super) const SMALLEST: [f32; 4] = [0.01, 0.01, 0.01, 0.001];

impl<L: Lanes, const V: usize> Node<L, V> {
    /// Goes through the rows up to `fitted` without judging them.
    pub(in crate::detector::node) fn rewind(
        lanes: &mut L,
        rows: &mut impl Rows,
        fitted: u32,
        work: &mut Work<V>,
    ) {
        lanes.begin(work.read(rows, 0));
        for row in 1..fitted {
            lanes.pass(work.read(rows, row));
        }
    }

    /// The limits of lanes and variables, from the rows behind those that were fitted.
    pub(super) fn limit(
        &mut self,
        rules: &Rules<L::Rules, V>,
        (rows, fitted): (&mut impl Rows, u32),
        blocks: &Blocks,
        work: &mut Work<V>,
    ) {
        let count = rows.count();
        let new = Rank::of(blocks.kept(), 9, 10);
        let mut of_lanes = [new; 4];
        work.fill(Cell::Rank(new));
        let variables = rules.lanes().variables();
        for pass in 0..PASSES + 1 {
            Self::rewind(&mut self.lanes, rows, fitted, work);
            for row in fitted..count {
                let frame = work.read(rows, row);
                let rules = rules.lanes();
                let (lanes, along) = judge(&mut self.lanes, &self.factor, rules, frame, true);
                if !blocks.keeps(row - fitted) {
                    continue;
                }
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

    /// Passes onset and score of each row behind those that were fitted, unless its block is left out: lanes
    /// take such a row, limits do not.
    pub(super) fn scores(
        &mut self,
        rules: &Rules<L::Rules, V>,
        (rows, fitted): (&mut impl Rows, u32),
        kept: Option<&Blocks>,
        work: &mut Work<V>,
        mut passed: impl FnMut(u32, [f32; 2]),
    ) {
        Self::rewind(&mut self.lanes, rows, fitted, work);
        self.limits.begin();
        for row in fitted..rows.count() {
            let frame = work.read(rows, row);
            let (lanes, along) = judge(&mut self.lanes, &self.factor, rules.lanes(), frame, true);
            let row = row - fitted;
            if kept.is_some_and(|blocks| !blocks.keeps(row)) {
                continue;
            }
            let largest = self.factor.largest(self.lanes.scale(), along);
            let (onset, held) = self.limits.take(lanes, largest.excess, rules.follow());
            passed(row, [onset, onset + held]);
        }
    }
}

/// Limit and scale of what a rank has seen.
pub(super) fn limits(rank: &Rank, smallest: f32) -> (f32, f32) {
    let usual = rank.value();
    (usual, SOFT * rank.excess().max(SHARE * usual).max(smallest))
}
