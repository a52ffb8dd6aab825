//! The place within the runs: which run, and which row of it.

use super::row::Row;
use super::settings::Begin;
use crate::error::SnapshotError;
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// All zeros when new.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Progress {
    /// Number of the period, of runs that begin with one.
    period: u64,
    /// Rows of this run, with this one; 0 before the first.
    pub(super) rows: u32,
    /// Complete runs that were learned.
    pub(super) learned: u8,
    /// Whether a run begins with the next row, as a caller says.
    pub(super) asked: bool,
    /// Whether the trigger was below its level.
    below: bool,
    /// Whether a row of this run is missing.
    broken: bool,
}

/// A run that has ended.
pub(super) struct Ended {
    /// Its rows; 0 of the time before the first run.
    pub(super) rows: u32,
    /// Whether one of them was missing.
    pub(super) broken: bool,
}

impl Progress {
    pub(super) const NEW: Self = Self {
        period: 0,
        rows: 0,
        learned: 0,
        asked: false,
        below: false,
        broken: false,
    };

    /// Enters a row, before which some are missing. Returns the run that ended if this row begins another.
    pub(super) fn advance<const V: usize>(
        &mut self,
        begin: Begin,
        tick: Tick,
        missing: u64,
        row: &Row<V>,
    ) -> Option<Ended> {
        let asked = core::mem::replace(&mut self.asked, false);
        // Rows of this run before this one.
        let behind = u64::from(self.rows).saturating_add(missing);
        let (begins, number) = match begin {
            Begin::Call => (asked, if asked { 0 } else { behind }),
            Begin::Every(rows) => {
                let rows = u64::from(rows.max(1));
                let (period, number) = (tick.0 / rows, tick.0 % rows);
                let is_other = period != core::mem::replace(&mut self.period, period);
                let is_first = self.rows == 0 && number == 0;
                let is_later = self.rows > 0 && (is_other || number < behind);
                (is_first || is_later || asked, number)
            }
            Begin::Rises { variable, level } => {
                let rises = row.iter().nth(variable.into()).flatten().is_some_and(|x| {
                    let was_below = core::mem::replace(&mut self.below, x < level);
                    was_below && x >= level
                });
                let begins = rises || asked;
                (begins, if begins { 0 } else { behind })
            }
        };
        let ended = Ended {
            rows: self.rows,
            broken: self.broken,
        };
        if begins {
            self.broken = number > 0;
        } else if self.rows == 0 {
            return None;
        } else {
            self.broken |= missing > 0;
        }
        self.rows = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        begins.then_some(ended)
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.period, self.rows, self.learned));
        body.put(&(self.asked, self.below, self.broken));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut read = Self::NEW;
        (read.period, read.rows, read.learned) = body.take()?;
        (read.asked, read.below, read.broken) = body.take()?;
        Ok(read)
    }
}
