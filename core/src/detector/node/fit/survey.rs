//! A pass over all rows that finds what makes a fit doubtful: columns that do not move, gaps, and drift.

use super::work::{Cell, Work};
use super::{Rows, TELLING};
use crate::detector::node::Confidence;
use crate::detector::node::confidence::FEW;
use crate::detector::node::lanes::Lanes;
use crate::math::abs;
use crate::quartet::{capped, deviations};

/// A variable's values.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Column {
    /// The first different values.
    values: [f32; FEW],
    /// Different values, at most one more than are kept.
    different: u8,
    /// Rows without a value.
    missing: u32,
    /// Values behind the fit, and the mean of their deviations.
    count: u32,
    mean: f32,
}

impl Column {
    const NONE: Self = Self {
        values: [0.0; FEW],
        different: 0,
        missing: 0,
        count: 0,
        mean: 0.0,
    };

    fn take(&mut self, x: f32) {
        let known = usize::from(self.different);
        if known > FEW || self.values.iter().take(known).any(|value| *value == x) {
            return;
        }
        if let Some(place) = self.values.get_mut(known) {
            *place = x;
        }
        self.different += 1;
    }
}

/// Rows that were fitted to are the first `fitted`.
pub(super) fn survey<L: Lanes, const V: usize>(
    lanes: &L,
    (rows, fitted): (&mut impl Rows, u32),
    (held_out, suspicious): (u32, f32),
    work: &mut Work<V>,
) -> Confidence {
    let scale = lanes.scale();
    work.fill(Cell::Survey(Column::NONE));
    for row in 0..rows.count() {
        work.read(rows, row);
        let Work { cells, frame } = work;
        let scales = scale.mean.iter().zip(scale.inv_deviation);
        for ((cell, reading), (mean, inverse)) in cells.iter_mut().zip(frame).zip(scales) {
            let Cell::Survey(column) = cell else {
                continue;
            };
            let Ok(x) = reading.usable() else {
                column.missing += 1;
                continue;
            };
            column.take(x);
            if row >= fitted {
                column.count += 1;
                let z = capped(deviations(x, *mean, *inverse));
                column.mean += (z - column.mean) / column.count as f32;
            }
        }
    }
    let mut confidence = Confidence {
        rows: rows.count(),
        held_out,
        suspicious,
        ..Confidence::NONE
    };
    let variables = scale.mean.len();
    let mut missing = 0;
    for (cell, variable) in work.cells.iter().zip(0..).take(variables) {
        let Cell::Survey(column) = cell else {
            continue;
        };
        match usize::from(column.different) {
            0 | 1 => confidence.constant += 1,
            2..=FEW => confidence.few += 1,
            _ => {}
        }
        missing += u64::from(column.missing);
        if abs(column.mean) > confidence.drift {
            (confidence.drift, confidence.drifted) = (abs(column.mean), variable);
        }
    }
    let cells = u64::from(rows.count()) * variables as u64;
    confidence.missing = missing as f32 / cells.max(1) as f32;
    confidence.telling = held_out >= TELLING;
    confidence
}
