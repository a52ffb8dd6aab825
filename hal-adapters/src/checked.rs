//! Range and error checks: a sensor's failures become missing data.

use crate::{Channel, Sensor};
use bellwether::{Cause, Reading};
use core::fmt;
use core::ops::RangeInclusive;

/// The reason why a reading is absent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ReadFault<E> {
    /// The sensor or its bus answered with an error.
    Sensor(E),
    /// The sensor answered with this value, which it cannot have measured.
    Implausible(f32),
}

impl<E: fmt::Display> fmt::Display for ReadFault<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sensor(error) => error.fmt(f),
            Self::Implausible(value) => write!(f, "implausible value {value}"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ReadFault<E> {}

/// A sensor as a channel. An error or an implausible value becomes `Absent(Cause::Sensor)`, is
/// counted, and is kept until the next one.
///
/// ```
/// use bellwether::{Cause, Reading};
/// use bellwether_hal::{Channel, ReadFault, Checked};
/// let mut answers = [Ok(21.5), Err("no answer"), Ok(-300.0)].into_iter();
/// let sensor = move || answers.next().unwrap_or(Err("no more"));
/// let mut inlet = Checked::new(sensor, -55.0..=125.0); // °C
/// assert_eq!(inlet.read(), Reading::Value(21.5));
/// assert_eq!(inlet.read(), Reading::Absent(Cause::Sensor));
/// assert_eq!(inlet.last_fault(), Some(&ReadFault::Sensor("no answer")));
/// assert_eq!(inlet.read(), Reading::Absent(Cause::Sensor));
/// assert_eq!(inlet.last_fault(), Some(&ReadFault::Implausible(-300.0)));
/// assert_eq!((inlet.reads(), inlet.faults()), (3, 2));
/// ```
#[derive(Clone, Debug)]
pub struct Checked<S: Sensor> {
    sensor: S,
    plausible: RangeInclusive<f32>,
    reads: u32,
    faults: u32,
    last_fault: Option<ReadFault<S::Error>>,
}

impl<S: Sensor> Checked<S> {
    /// A channel from a sensor and the range of values that it can physically measure, both ends
    /// included, in its own unit. NaN is outside every range, an infinity outside every finite one.
    pub const fn new(sensor: S, plausible: RangeInclusive<f32>) -> Self {
        Self {
            sensor,
            plausible,
            reads: 0,
            faults: 0,
            last_fault: None,
        }
    }

    /// Number of readings. Stays at `u32::MAX` once there.
    pub const fn reads(&self) -> u32 {
        self.reads
    }

    /// Number of absent readings. Stays at `u32::MAX` once there.
    pub const fn faults(&self) -> u32 {
        self.faults
    }

    /// The reason of the last absent reading. It stays when the sensor recovers.
    pub const fn last_fault(&self) -> Option<&ReadFault<S::Error>> {
        self.last_fault.as_ref()
    }

    /// The sensor.
    pub const fn sensor(&self) -> &S {
        &self.sensor
    }

    /// The sensor, to configure it between readings.
    pub const fn sensor_mut(&mut self) -> &mut S {
        &mut self.sensor
    }

    /// Returns the sensor. Counters and the last fault are lost.
    pub fn into_sensor(self) -> S {
        self.sensor
    }
}

impl<S: Sensor> Channel for Checked<S> {
    /// Costs one measurement of the sensor.
    fn read(&mut self) -> Reading {
        self.reads = self.reads.saturating_add(1);
        let fault = match self.sensor.measure() {
            Ok(value) if self.plausible.contains(&value) => return Reading::Value(value),
            Ok(value) => ReadFault::Implausible(value),
            Err(error) => ReadFault::Sensor(error),
        };
        self.faults = self.faults.saturating_add(1);
        self.last_fault = Some(fault);
        Reading::Absent(Cause::Sensor)
    }
}

#[cfg(feature = "defmt")]
impl<S: Sensor> defmt::Format for Checked<S>
where
    S::Error: defmt::Format,
{
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
mod tests {
    use super::*;
    use core::convert::Infallible;

    fn constant(value: f32) -> Checked<impl Sensor<Error = Infallible>> {
        Checked::new(move || Ok(value), -55.0..=125.0)
    }

    // Breaks if the range loses one of its ends.
    #[test]
    fn both_ends_of_the_range_are_plausible() {
        assert_eq!(constant(-55.0).read(), Reading::Value(-55.0));
        assert_eq!(constant(125.0).read(), Reading::Value(125.0));
        for value in [(-55.0_f32).next_down(), 125.0_f32.next_up()] {
            assert_eq!(constant(value).read(), Reading::Absent(Cause::Sensor));
        }
    }

    // Breaks if the range is tested by `value < low || value > high`, which a NaN passes.
    #[test]
    fn nan_and_infinity_are_implausible() {
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut channel = constant(value);
            assert_eq!(channel.read(), Reading::Absent(Cause::Sensor));
            assert!(
                matches!(channel.last_fault(), Some(ReadFault::Implausible(v))
                if v.to_bits() == value.to_bits())
            );
        }
    }

    // Breaks if a good reading clears what a user asks for afterwards.
    #[test]
    fn recovery_keeps_the_last_fault() {
        let mut fail = true;
        let sensor = move || {
            fail = !fail;
            if fail { Ok(1.0) } else { Err("once") }
        };
        let mut channel = Checked::new(sensor, 0.0..=2.0);
        assert_eq!(channel.read(), Reading::Absent(Cause::Sensor));
        assert_eq!(channel.read(), Reading::Value(1.0));
        assert_eq!(channel.last_fault(), Some(&ReadFault::Sensor("once")));
        assert_eq!((channel.reads(), channel.faults()), (2, 1));
    }
}
