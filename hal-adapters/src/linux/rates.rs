//! Rates: from the raw values of a probe to readings, counters as their growth per second.
//!
//! A counter that goes back has wrapped or was reset. A wrap at a known maximum is exact. Without one, a step from the
//! last to the first quarter of 32 or 64 bits is a wrap, and a step back of less than a half no growth: the kernel's
//! idle times do that. Anything else is a reset: one absent reading, no spike.

use crate::linux::probe::{Channel, Measure, Raw};
use bellwether::{Cause, Reading};
use core::time::Duration;
use std::vec::Vec;

const BITS_32: f64 = 4_294_967_296.0;
const BITS_64: f64 = 18_446_744_073_709_551_616.0;

/// A counter's last value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counter {
    last: Option<f64>,
    range: Option<f64>,
}

impl Counter {
    /// A counter of 32 or 64 bits that nobody has read yet.
    pub const fn new() -> Self {
        Self {
            last: None,
            range: None,
        }
    }

    /// A counter that starts again at 0 where it would reach `range`. A range that is not above 0 is no range.
    pub fn with_range(range: f64) -> Self {
        Self {
            last: None,
            range: (range > 0.0 && range.is_finite()).then_some(range),
        }
    }

    /// Its growth since the last value; `None` for the first one, after a reset, and for what cannot be a counter's.
    pub fn growth(&mut self, value: f64) -> Option<f64> {
        if !(value.is_finite() && value >= 0.0) {
            return None;
        }
        let last = self.last.replace(value)?;
        if value >= last {
            return Some(value - last);
        }
        let wrapped = |range: f64| range - last + value;
        match self.range {
            Some(range) => (last <= range).then(|| wrapped(range)),
            None if value > last / 2.0 => Some(0.0),
            None => [BITS_32, BITS_64]
                .into_iter()
                .find(|range| last < *range)
                .filter(|range| last >= 0.75 * range && value < 0.25 * range)
                .map(wrapped),
        }
    }
}

/// The counter of a channel and the time of its last value.
#[derive(Clone, Copy, Debug, Default)]
struct Timed {
    counter: Counter,
    at: Duration,
}

/// From the raw values of a probe to readings. Memory: 48 bytes for each channel that is a counter.
#[derive(Clone, Debug)]
pub struct Rates {
    /// Place of the channel, and its counter.
    counters: Vec<(usize, Timed)>,
}

impl Rates {
    /// For the channels of a probe.
    pub fn new(channels: &[Channel]) -> Self {
        let counts = |channel: &Channel| channel.measure != Measure::Gauge;
        let places = channels.iter().enumerate();
        let places = places.filter(|(_, channel)| counts(channel));
        Self {
            counters: places.map(|(k, _)| (k, Timed::default())).collect(),
        }
    }

    /// Takes what was read at a time of any clock that does not go back. The rate of a counter is that of the time
    /// since its last value, gaps included. A reading of the same time as the last is absent.
    pub fn take(&mut self, at: Duration, raw: &[Raw], into: &mut [Reading]) {
        for (raw, reading) in raw.iter().zip(into.iter_mut()) {
            *reading = raw.map_or_else(Reading::Absent, reading_of);
        }
        for (place, timed) in &mut self.counters {
            let (Some(Ok(value)), Some(reading)) = (raw.get(*place), into.get_mut(*place)) else {
                continue;
            };
            *reading = timed.rate(at, *value);
        }
    }
}

impl Timed {
    fn rate(&mut self, at: Duration, value: f64) -> Reading {
        if !value.is_finite() {
            return reading_of(value);
        }
        if value < 0.0 {
            return Reading::Absent(Cause::Sensor);
        }
        let seconds = at.saturating_sub(self.at).as_secs_f64();
        if self.counter.last.is_some() && seconds <= 0.0 {
            return Reading::Absent(Cause::Missing);
        }
        self.at = at;
        let growth = self.counter.growth(value);
        growth.map_or(Reading::Absent(Cause::Missing), |growth| {
            reading_of(growth / seconds)
        })
    }
}

/// A reading of a number that may be anything.
fn reading_of(value: f64) -> Reading {
    // Infinite where it is beyond f32, which is what `usable` looks for.
    match Reading::from(value as f32).usable() {
        Ok(value) => Reading::Value(value),
        Err(cause) => Reading::Absent(cause),
    }
}

#[cfg(test)]
mod tests;
