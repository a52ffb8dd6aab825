//! Gauges: results of measurements become readings, with an account of failures.

use crate::Measurand;
use crate::sensor::Values;
use bellwether::{Cause, Reading};
use core::fmt;

/// The reason why a reading is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ReadFault<E> {
    /// The sensor or its bus answered with an error.
    Sensor(E),
    /// The sensor answered with this value, which it cannot have measured.
    Implausible(f32),
    /// The sensor did not answer within the caller's time limit.
    TimedOut,
}

impl<E: fmt::Display> fmt::Display for ReadFault<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sensor(error) => error.fmt(f),
            Self::Implausible(value) => write!(f, "implausible value {value}"),
            Self::TimedOut => f.write_str("no answer in time"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ReadFault<E> {}

/// Advice to the caller after a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Advice {
    /// Measure again in the next frame.
    Continue,
    /// Measure again at once: fewer failures in a row than [`Gauge::retries`] allows.
    Retry,
    /// Set the sensor up again: failures in a row have reached [`Gauge::restarts`]'s limit, or a
    /// multiple of it.
    Restart,
}

/// The account of a sensor of `K` variables. It takes results, so that blocking and async code,
/// interrupts and DMA share it; it never touches the sensor.
///
/// A failed measurement makes all `K` readings absent, an implausible value its own only. Retries and
/// restarts are the caller's: the gauge advises. Counters stay at `u32::MAX` once there.
///
/// ```
/// use bellwether::{Cause, Reading};
/// use bellwether_hal::gauge::{Advice, Gauge, ReadFault};
/// use bellwether_hal::Measurand;
/// let mut inlet = Gauge::new([Measurand::new("°C", -55.0..=125.0)]).retries(1).restarts(3);
/// assert_eq!(inlet.note(Ok(21.5)), Reading::Value(21.5));
/// assert_eq!(inlet.note(Err::<f32, _>("no answer")), Reading::Absent(Cause::Sensor));
/// assert_eq!(inlet.advice(), Advice::Retry);
/// assert_eq!(inlet.note(Ok(-300.0)), Reading::Absent(Cause::Sensor));
/// assert_eq!(inlet.advice(), Advice::Continue);
/// assert_eq!(inlet.last_fault(), Some(&ReadFault::Implausible(-300.0)));
/// inlet.timed_out();
/// assert_eq!(inlet.advice(), Advice::Restart);
/// assert_eq!((inlet.reads(), inlet.faults(), inlet.failing()), (4, 3, 3));
/// ```
#[derive(Clone, Debug)]
pub struct Gauge<E, const K: usize = 1> {
    measurands: [Measurand; K],
    retries: u32,
    restart: u32,
    reads: u32,
    faults: u32,
    timeouts: u32,
    failing: u32,
    last_fault: Option<ReadFault<E>>,
}

impl<E, const K: usize> Gauge<E, K> {
    /// A gauge of a sensor's quantities, which never advises to retry or to restart.
    pub const fn new(measurands: [Measurand; K]) -> Self {
        Self {
            measurands,
            retries: 0,
            restart: 0,
            reads: 0,
            faults: 0,
            timeouts: 0,
            failing: 0,
            last_fault: None,
        }
    }

    /// The same with [`Advice::Retry`] after each of the first `limit` failures in a row. A sensor that
    /// stays silent costs no retries afterwards.
    pub const fn retries(mut self, limit: u32) -> Self {
        self.retries = limit;
        self
    }

    /// The same with [`Advice::Restart`] at every `limit` failures in a row; 0 is never.
    pub const fn restarts(mut self, limit: u32) -> Self {
        self.restart = limit;
        self
    }

    /// Notes the result of a measurement, one value or `K`, and returns as many readings.
    pub fn note<V: Values<K>>(&mut self, result: Result<V, E>) -> V::Readings {
        let mut readings = [Reading::Absent(Cause::Sensor); K];
        let mut fault = None;
        match result {
            Ok(values) => {
                let numbers = values.into_array().into_iter().zip(&self.measurands);
                for (reading, (number, measurand)) in readings.iter_mut().zip(numbers) {
                    let value = measurand.value(number);
                    if measurand.is_plausible(value) {
                        *reading = Reading::Value(value);
                    } else {
                        fault = Some(ReadFault::Implausible(value));
                    }
                }
            }
            Err(error) => fault = Some(ReadFault::Sensor(error)),
        }
        self.count(fault);
        V::readings(readings)
    }

    /// Notes that no result came within the caller's time limit.
    pub fn timed_out(&mut self) -> [Reading; K] {
        self.timeouts = self.timeouts.saturating_add(1);
        self.count(Some(ReadFault::TimedOut));
        [Reading::Absent(Cause::Sensor); K]
    }

    fn count(&mut self, fault: Option<ReadFault<E>>) {
        self.reads = self.reads.saturating_add(1);
        if fault.is_some() {
            self.faults = self.faults.saturating_add(1);
            self.failing = self.failing.saturating_add(1);
            self.last_fault = fault;
        } else {
            self.failing = 0;
        }
    }

    /// Advice after the last measurement.
    pub const fn advice(&self) -> Advice {
        if self.failing == 0 {
            Advice::Continue
        } else if self.restart > 0 && self.failing.is_multiple_of(self.restart) {
            Advice::Restart
        } else if self.failing <= self.retries {
            Advice::Retry
        } else {
            Advice::Continue
        }
    }

    /// The quantities, in order.
    pub const fn measurands(&self) -> &[Measurand; K] {
        &self.measurands
    }

    /// Number of measurements.
    pub const fn reads(&self) -> u32 {
        self.reads
    }

    /// Number of measurements with an absent reading, time-outs included.
    pub const fn faults(&self) -> u32 {
        self.faults
    }

    /// Number of time-outs.
    pub const fn timeouts(&self) -> u32 {
        self.timeouts
    }

    /// Number of faults in a row, up to the last measurement.
    pub const fn failing(&self) -> u32 {
        self.failing
    }

    /// The reason of the last absent reading. It stays when the sensor recovers.
    pub const fn last_fault(&self) -> Option<&ReadFault<E>> {
        self.last_fault.as_ref()
    }
}

#[cfg(feature = "defmt")]
impl<E: defmt::Format, const K: usize> defmt::Format for Gauge<E, K> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "{} of {} reads absent, last: {}",
            self.faults,
            self.reads,
            self.last_fault
        );
    }
}

#[cfg(test)]
mod tests;
