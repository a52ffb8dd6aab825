//! The record of a probe: its last readings and how long they hold, its times and failures.

use super::lane::Slot;
use bellwether::{Cause, Reading};
use bellwether_hal::linux::probe::Probe;
use bellwether_hal::linux::rates::Rates;
use std::ops::Range;
use std::time::Duration;

pub(super) struct Record {
    pub name: String,
    /// Its source: the first part of its name.
    pub source: String,
    /// Places of its channels.
    pub channels: Range<usize>,
    pub lane: usize,
    /// Whether a lane has it.
    pub away: bool,
    pub took: Option<Duration>,
    pub failures: u64,
    /// Answers in time, one after another.
    pub quick: u32,
    period: Duration,
    /// Time of its last answer's reading.
    at: Option<Duration>,
    rates: Rates,
    readings: Vec<Reading>,
    panicked: bool,
}

impl Record {
    pub fn new(probe: &dyn Probe, first: usize, lane: usize) -> Self {
        let channels = probe.channels();
        let name = probe.name().to_owned();
        Self {
            source: name.split('/').next().unwrap_or_default().to_owned(),
            name,
            channels: first..first + channels.len(),
            lane,
            away: false,
            took: None,
            failures: 0,
            quick: 0,
            period: probe.period(),
            at: None,
            rates: Rates::new(channels),
            readings: vec![Reading::Absent(Cause::Missing); channels.len()],
            panicked: false,
        }
    }

    /// Whether it is to be read now. One that panicked never is.
    pub fn due(&self, clock: Duration) -> bool {
        !self.away
            && !self.panicked
            && self
                .at
                .is_none_or(|at| clock.saturating_sub(at) >= self.period)
    }

    /// Takes an answer.
    pub fn take(&mut self, slot: &Slot, limit: Duration) {
        self.away = false;
        self.took = Some(slot.took);
        self.at = Some(slot.at);
        let quick = slot.took < limit / 4;
        self.quick = if quick {
            self.quick.saturating_add(1)
        } else {
            0
        };
        self.panicked = slot.panicked;
        self.rates.take(slot.at, &slot.raw, &mut self.readings);
        if !slot.raw.is_empty() && slot.raw.iter().all(Result::is_err) {
            self.failures += 1;
        }
    }

    /// Counts a reading that came too late.
    pub fn fail(&mut self) {
        self.failures += 1;
        self.quick = 0;
    }

    /// Puts its readings into their places while they hold: at the time of the answer, and as long after it as three
    /// readings take at its pace.
    pub fn tell(&self, clock: Duration, into: &mut [Reading]) {
        let Some(places) = into.get_mut(self.channels.clone()) else {
            return;
        };
        let pace = self.period.max(self.took.unwrap_or_default());
        let holds = |at| clock.saturating_sub(at) <= pace.saturating_mul(3);
        if self.at.is_some_and(holds) {
            places.copy_from_slice(&self.readings);
        }
    }
}
