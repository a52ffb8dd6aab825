//! The alignment of a run with the golden run: costs of the paths to the positions of a window.

use super::prototype::Prototype;
use super::row::Row;
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// No path.
const NONE: f32 = f32::INFINITY;

/// Paths to the positions `row - W/2 .. row + W/2`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Alignment<const W: usize> {
    /// Cost of each path less the cheapest.
    costs: [f32; W],
    /// Position of the last row.
    pub(super) at: u16,
    /// The first position that this run has not come to.
    ahead: u16,
    /// Whether a row of this run is aligned.
    started: bool,
}

impl<const W: usize> Alignment<W> {
    pub(super) const NEW: Self = Self {
        costs: [0.0; W],
        at: 0,
        ahead: 0,
        started: false,
    };

    /// Begins a run.
    pub(super) const fn begin(&mut self) {
        (self.ahead, self.started) = (0, false);
    }

    /// Aligns the row with this number, and returns its position if the run comes to it for the first time.
    pub(super) fn advance<const V: usize, const P: usize>(
        &mut self,
        prototype: &Prototype<V, P>,
        slack: u16,
        row: u32,
        values: &Row<V>,
    ) -> Option<u16> {
        let (half, slack) = ((W / 2) as i64, i64::from(slack));
        let last = i64::from(prototype.rows.max(1)) - 1;
        let mut cheapest = (NONE, last);
        // The path that was one position behind this one: `costs` is changed in place.
        let mut behind = NONE;
        let mut rest = self.costs.as_mut_slice();
        let mut off = -half;
        while let Some((cost, after)) = rest.split_first_mut() {
            let own = *cost;
            let stays = after.first().copied().unwrap_or(NONE) + prototype.step;
            let path = match self.started {
                true => own.min(stays).min(behind + prototype.step),
                false => prototype.step * off.abs() as f32,
            };
            let position = i64::from(row) + off;
            let is_open = off.abs() <= slack && (0..=last).contains(&position);
            *cost = match is_open && path < NONE {
                true => path + prototype.cost(position as usize, values),
                false => NONE,
            };
            if *cost < cheapest.0 {
                cheapest = (*cost, position);
            }
            (behind, off, rest) = (own, off + 1, after);
        }
        self.started = cheapest.0 < NONE;
        if self.started {
            self.costs.iter_mut().for_each(|cost| *cost -= cheapest.0);
        }
        self.at = cheapest.1 as u16;
        if self.at < self.ahead {
            return None;
        }
        self.ahead = self.at.saturating_add(1);
        Some(self.at)
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.at, self.ahead, self.started));
        self.costs.iter().for_each(|cost| body.put(cost));
    }

    pub(super) fn saved(body: &mut Reader<'_>, rows: u16) -> Result<Self, SnapshotError> {
        let mut read = Self::NEW;
        (read.at, read.ahead, read.started) = body.take()?;
        let mut whole = read.at == 0 || read.at < rows;
        whole &= read.ahead <= rows;
        for cost in &mut read.costs {
            *cost = body.take()?;
            whole &= *cost >= 0.0;
        }
        match whole {
            true => Ok(read),
            false => Err(body.content()),
        }
    }
}
