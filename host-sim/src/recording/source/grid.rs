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
    /// The end of the cell that is being filled, in seconds.
    end: Option<f64>,
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
            end: None,
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
        let end = match self.end {
            Some(end) if first < end && first >= end - self.every => end,
            Some(end) if first >= end && first < end + GAP * self.every => end + self.every,
            _ => first + self.every,
        };
        self.end = Some(end);
        self.label = self.label.map(|_| false);
        self.timestamp = None;
        let mut taken = 0;
        // A time beyond the digits of a number has no later one.
        while let Some((time, row)) = self.next.take_if(|(time, _)| {
            *time < end && *time >= end - self.every || taken == 0 && end <= first
        }) {
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
            None => out.timestamp = self.clock.spell(end - self.every),
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
