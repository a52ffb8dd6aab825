//! Rows on a grid of time: each holds the last value of every variable, unless it is too old.

use super::{Current, Problem, Rows};
use crate::recording::time::clock::Clock;
use crate::text::number::counted;
use bellwether::{Cause, Reading};
use std::time::Duration;

/// Most rows of the grid between two rows of the source; a longer time is a gap.
const GAP: f64 = 16.0;

/// The rows of a source on a grid, which begins with its first row.
pub struct Grid<R> {
    inner: R,
    clock: Clock,
    every: f64,
    hold: f64,
    /// The begin of the cell that was filled last, in seconds.
    begin: Option<f64>,
    /// Last value of each variable, and its time.
    held: Vec<(f64, Reading)>,
    /// Timestamp of the first row of the cell.
    timestamp: Option<String>,
    label: Option<bool>,
    /// The row behind the cell, and its time.
    next: Option<(f64, Current)>,
    ended: bool,
    undated: u64,
}

impl<R: Rows> Grid<R> {
    /// A grid with this step; values are held for a time.
    pub fn new(inner: R, every: Duration, hold: Option<Duration>) -> Self {
        let every = every.as_secs_f64();
        Self {
            inner,
            clock: Clock::default(),
            every,
            hold: hold.map_or(2.0 * every, |hold| hold.as_secs_f64()),
            begin: None,
            held: Vec::new(),
            timestamp: None,
            label: None,
            next: None,
            ended: false,
            undated: 0,
        }
    }

    /// The next row of the source that has a time.
    fn fetch(&mut self) -> Result<Option<(f64, Current)>, Problem> {
        let mut row = Current::default();
        while self.inner.next(&mut row)? {
            match self.clock.read(&row.timestamp) {
                Some(time) => return Ok(Some((time, row))),
                None => self.undated += 1,
            }
        }
        Ok(None)
    }

    fn take(&mut self, time: f64, row: Current) {
        self.held.resize(
            row.readings.len(),
            (f64::NEG_INFINITY, Reading::Absent(Cause::Missing)),
        );
        for (held, reading) in self.held.iter_mut().zip(row.readings) {
            if reading != Reading::Absent(Cause::Missing) {
                *held = (time, reading);
            }
        }
        if let Some(label) = row.label {
            self.label = Some(label || self.label == Some(true));
        }
        self.timestamp.get_or_insert(row.timestamp);
    }
}

impl<R: Rows> Rows for Grid<R> {
    fn next(&mut self, out: &mut Current) -> Result<bool, Problem> {
        if self.next.is_none() && !self.ended {
            self.next = self.fetch()?;
        }
        let Some((first, _)) = &self.next else {
            return Ok(false);
        };
        // The cell of the next row; after a time without rows, or backwards, a new grid begins.
        let first = *first;
        let begin = match self.begin.map(|begin| (begin, begin + self.every)) {
            Some((begin, end)) if first >= begin && first < end => begin,
            Some((_, end)) if first >= end && first < end + GAP * self.every => end,
            _ => first,
        };
        let end = begin + self.every;
        self.begin = Some(begin);
        self.label = self.label.map(|_| false);
        self.timestamp = None;
        let mut taken = 0;
        // A time beyond the digits of a number has no later one.
        let endless = end <= begin;
        while let Some((time, row)) = self
            .next
            .take_if(|(time, _)| *time >= begin && *time < end || taken == 0 && endless)
        {
            self.take(time, row);
            taken += 1;
            match self.fetch()? {
                Some(next) => self.next = Some(next),
                None => self.ended = true,
            }
        }
        let held = self.held.iter().map(|(time, reading)| {
            if end - time <= self.hold + 1e-9 {
                *reading
            } else {
                Reading::Absent(Cause::Missing)
            }
        });
        out.readings.clear();
        out.readings.extend(held);
        out.exact.clear();
        out.label = self.label;
        match self.timestamp.take() {
            Some(timestamp) => out.timestamp = timestamp,
            // A cell without rows has no text of its own.
            None => out.timestamp = self.clock.spell(begin),
        }
        Ok(true)
    }

    fn select(&mut self, places: &[usize]) {
        self.inner.select(places);
    }

    fn line(&self) -> Option<u64> {
        self.inner.line()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.inner.remarks();
        if self.undated > 0 {
            remarks.push(format!(
                "{} left out: --every needs times",
                counted(self.undated, "row")
            ));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use crate::recording::{Options, Recording};
    use std::io::Cursor;
    use std::time::Duration;

    /// Timestamps and values of `a` on a grid of a minute; NaN is missing.
    fn rows(text: &str) -> Vec<(String, f32)> {
        let options = Options {
            every: Some(Duration::from_secs(60)),
            ..Options::default()
        };
        let input = Cursor::new(text.as_bytes().to_vec());
        let mut recording = Recording::new_with("x.csv", input, None, &options).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = recording.next_row().unwrap() {
            let value = row.readings[0].usable().unwrap_or(f32::NAN);
            rows.push((row.timestamp.to_owned(), value));
            assert!(rows.len() < 100, "{rows:?}");
        }
        rows
    }

    /// Broken by a cell whose begin is its end less the step: 1.1 + 60 - 60 is more than 1.1, and no row ever
    /// falls into it.
    #[test]
    fn a_time_that_is_no_whole_number_begins_a_cell() {
        let found = rows("timestamp,a\n1.1,5\n31.1,6\n61.1,7\n");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].1, found[1].1), (6.0, 7.0));
    }

    /// Broken by a row that is taken into a cell before its time.
    #[test]
    fn a_pause_holds_the_last_value_and_then_has_none() {
        let values: Vec<f32> = rows("timestamp,a\n0,5\n60,6\n300,7\n360,8\n")
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values[..3], [5.0, 6.0, 6.0], "{values:?}");
        assert!(values[3].is_nan() && values[4].is_nan(), "{values:?}");
        assert_eq!(values[5..], [7.0, 8.0], "{values:?}");
    }
}
