//! Periods of equal length, one after the other.

use super::time::Time;

/// Most periods without a reading in a row; a longer time is a gap, behind which a new count begins.
pub const LONGEST_PAUSE: u32 = 16;

/// A sequence of periods, which begins with the first time that it is told.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Periods<T = u64> {
    every: T,
    begin: Option<T>,
}

impl<T: Time> Periods<T> {
    /// Periods of this length.
    pub const fn new(every: T) -> Self {
        Self { every, begin: None }
    }

    /// The period now, as its begin and its end, which is not in it; `None` before the first.
    pub fn now(&self) -> Option<(T, T)> {
        self.begin.map(|begin| (begin, begin.plus(self.every)))
    }

    /// Whether a time is in the period now.
    pub fn contains(&self, time: T) -> bool {
        self.now()
            .is_some_and(|(begin, end)| time >= begin && time < end)
    }

    /// Goes on towards a time: stays in its period, or enters the next one. Behind a gap, and before the
    /// period now, a new sequence begins with the time itself. Returns the number of whole periods of
    /// a gap.
    pub fn advance(&mut self, time: T) -> u64 {
        let Some((begin, end)) = self.now() else {
            self.begin = Some(time);
            return 0;
        };
        if time >= begin && time < end {
            return 0;
        }
        if time >= end && time < end.plus(self.every.times(LONGEST_PAUSE)) {
            self.begin = Some(end);
            return 0;
        }
        self.begin = Some(time);
        if time > end {
            time.since(end).whole(self.every)
        } else {
            0
        }
    }
}
