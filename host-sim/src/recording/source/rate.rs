//! Counters as rates: the increase from row to row, divided by the time between.

use super::{Current, Problem, Rows};
use crate::recording::time::clock::Clock;
use crate::text::number::counted;
use bellwether::{Cause, Reading};

/// The rows of a source, in which some variables are rates. Differences are taken in `f64`. The first
/// value, and one behind a decrease (a counter that began anew), are missing.
pub struct Rates<R> {
    inner: R,
    clock: Clock,
    /// Whether rows have times.
    dated: bool,
    /// The counters: their places, last values and the times of these.
    last: Vec<(usize, Option<(f64, f64)>)>,
    rows: u64,
    resets: u64,
}

impl<R: Rows> Rates<R> {
    /// The variables of these places are counters.
    pub fn new(inner: R, counters: Vec<usize>, dated: bool) -> Self {
        Self {
            inner,
            clock: Clock::default(),
            dated,
            last: counters.into_iter().map(|place| (place, None)).collect(),
            rows: 0,
            resets: 0,
        }
    }
}

impl<R: Rows> Rows for Rates<R> {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        if !self.inner.next(row)? {
            return Ok(false);
        }
        self.rows += 1;
        let time = if self.dated {
            self.clock.read(&row.timestamp)
        } else {
            Some(self.rows as f64)
        };
        for (place, last) in &mut self.last {
            let Some(reading) = row.readings.get_mut(*place) else {
                continue;
            };
            let exact = row
                .exact
                .iter()
                .find(|(k, _)| k == place)
                .map(|(_, value)| *value);
            let Some((value, now)) = reading
                .usable()
                .ok()
                .map(|x| exact.unwrap_or(x.into()))
                .zip(time)
            else {
                *reading = Reading::Absent(Cause::Missing);
                continue;
            };
            let before = last.replace((value, now));
            *reading = match before {
                Some((old, then)) if value >= old && now > then => {
                    Reading::from(((value - old) / (now - then)) as f32)
                }
                Some((old, _)) => {
                    self.resets += u64::from(value < old);
                    Reading::Absent(Cause::Missing)
                }
                None => Reading::Absent(Cause::Missing),
            };
        }
        let counters = &self.last;
        row.exact
            .retain(|(k, _)| !counters.iter().any(|(place, _)| place == k));
        Ok(true)
    }

    fn select(&mut self, places: &[usize]) {
        self.inner.select(places);
        let kept = self
            .last
            .iter()
            .filter_map(|(place, _)| places.iter().position(|k| k == place));
        self.last = kept.map(|place| (place, None)).collect();
    }

    fn line(&self) -> Option<u64> {
        self.inner.line()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.inner.remarks();
        if self.resets > 0 {
            remarks.push(format!(
                "{} of counters, whose rates are missing",
                counted(self.resets, "decrease")
            ));
        }
        remarks
    }
}
