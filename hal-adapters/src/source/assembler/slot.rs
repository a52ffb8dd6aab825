//! The place of one variable in a frame, from one frame to the next.

use super::time::Time;
use bellwether::{Cause, Reading};

/// The aggregate of a variable's readings of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Aggregate<T = u64> {
    /// The last reading, of this period or an earlier one, unless it is older than `hold` at the
    /// period's end: for a sensor that is slower than the frames.
    Last {
        /// Greatest age.
        hold: T,
    },
    /// The mean of the usable readings that came in the period: for one that is faster.
    Mean,
    /// The smallest of them.
    Min,
    /// The largest of them: for the peak of a shock.
    Max,
}

/// One variable: its aggregate, and what came of it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slot<T = u64> {
    aggregate: Aggregate<T>,
    last: Option<(T, Reading)>,
    /// Number of usable readings of the period.
    count: u32,
    first: f32,
    /// Sum of the differences to `first`, or the extreme.
    folded: f32,
}

impl<T: Time> Slot<T> {
    /// A variable without a reading.
    pub const fn new(aggregate: Aggregate<T>) -> Self {
        Self {
            aggregate,
            last: None,
            count: 0,
            first: 0.0,
            folded: 0.0,
        }
    }

    /// Takes a reading and its time. `Absent(Missing)` is none: the variable keeps the earlier ones.
    pub fn note(&mut self, time: T, reading: Reading) {
        if reading == Reading::Absent(Cause::Missing) {
            return;
        }
        self.last = Some((time, reading));
        let Ok(value) = reading.usable() else {
            return;
        };
        if self.count == 0 {
            self.first = value;
        }
        self.folded = match (self.aggregate, self.count) {
            (Aggregate::Last { .. }, _) => 0.0,
            (Aggregate::Mean, 0) => 0.0,
            (Aggregate::Mean, _) => self.folded + (value - self.first),
            (Aggregate::Min | Aggregate::Max, 0) => value,
            (Aggregate::Min, _) => self.folded.min(value),
            (Aggregate::Max, _) => self.folded.max(value),
        };
        self.count = self.count.saturating_add(1);
    }

    /// The variable's reading in the frame of a period that ends now, and the time of its last reading
    /// if that is in it. A variable without a usable reading has the cause of its last one.
    pub fn take(&mut self, end: T) -> (Reading, Option<T>) {
        let missing = (Reading::Absent(Cause::Missing), None);
        let count = core::mem::take(&mut self.count);
        let Some((time, reading)) = self.last else {
            return missing;
        };
        let value = match self.aggregate {
            Aggregate::Last { hold } if end.since(time) <= hold => return (reading, Some(time)),
            Aggregate::Last { .. } => return missing,
            _ if count == 0 => {
                self.last = None;
                return (reading, Some(time));
            }
            Aggregate::Mean => self.first + self.folded / count as f32,
            Aggregate::Min | Aggregate::Max => self.folded,
        };
        self.last = None;
        (Reading::from(value), Some(time))
    }
}
