//! Range and error checks: a sensor's failures become missing data.

#[cfg(feature = "async")]
pub mod awaited;

use crate::gauge::{Gauge, ReadFault};
use crate::{Channel, Measurand, Sensor, Sensors};
use bellwether::Reading;
use core::ops::RangeInclusive;

/// A sensor of `K` variables as a channel: the sensor and its [`Gauge`]. An error or an implausible
/// value becomes `Absent(Cause::Sensor)`, is counted, and is kept until the next one.
///
/// ```
/// use bellwether::{Cause, Reading};
/// use bellwether_hal::{Checked, Measurand, ReadFault};
/// let mut answers = [Ok(21.5), Err("no answer"), Ok(-300.0)].into_iter();
/// let sensor = move || answers.next().unwrap_or(Err("no more"));
/// let mut inlet = Checked::new(sensor, -55.0..=125.0); // °C
/// assert_eq!(inlet.read(), Reading::Value(21.5));
/// assert_eq!(inlet.read(), Reading::Absent(Cause::Sensor));
/// assert_eq!(inlet.last_fault(), Some(&ReadFault::Sensor("no answer")));
/// assert_eq!(inlet.read(), Reading::Absent(Cause::Sensor));
/// assert_eq!(inlet.last_fault(), Some(&ReadFault::Implausible(-300.0)));
/// assert_eq!((inlet.reads(), inlet.faults()), (3, 2));
///
/// // Three axes of one transaction: an axis that cannot be is absent alone.
/// const AXIS: Measurand = Measurand::new("g", -2.0..=2.0);
/// let mut axes = Checked::with(|| Ok::<_, ()>([0.5, -9.0, 1.0]), [AXIS; 3]);
/// let absent = Reading::Absent(Cause::Sensor);
/// assert_eq!(axes.readings(), [Reading::Value(0.5), absent, Reading::Value(1.0)]);
/// ```
#[derive(Clone, Debug)]
pub struct Checked<S: Sensors<K>, const K: usize = 1> {
    sensor: S,
    gauge: Gauge<S::Error, K>,
}

impl<S: Sensor> Checked<S> {
    /// A channel from a sensor and the range of values that it can physically measure, both ends
    /// included, in its own unit. NaN is outside every range, an infinity outside every finite one.
    pub const fn new(sensor: S, plausible: RangeInclusive<f32>) -> Self {
        Self::with(sensor, [Measurand::new("", plausible)])
    }

    /// Reads once. Costs one measurement of the sensor.
    pub fn read(&mut self) -> Reading {
        let [reading] = self.readings();
        reading
    }
}

impl<S: Sensors<K>, const K: usize> Checked<S, K> {
    /// A channel from a sensor and the quantities that it measures.
    pub const fn with(sensor: S, measurands: [Measurand; K]) -> Self {
        Self::gauged(sensor, Gauge::new(measurands))
    }

    /// A channel from a sensor and a gauge that advises to retry or to restart.
    pub const fn gauged(sensor: S, gauge: Gauge<S::Error, K>) -> Self {
        Self { sensor, gauge }
    }

    /// Reads all variables once. Costs one measurement of the sensor.
    pub fn readings(&mut self) -> [Reading; K] {
        self.gauge.note(self.sensor.measure())
    }

    /// The account of the sensor.
    pub const fn gauge(&self) -> &Gauge<S::Error, K> {
        &self.gauge
    }

    /// Number of measurements. Stays at `u32::MAX` once there.
    pub const fn reads(&self) -> u32 {
        self.gauge.reads()
    }

    /// Number of measurements with an absent reading. Stays at `u32::MAX` once there.
    pub const fn faults(&self) -> u32 {
        self.gauge.faults()
    }

    /// The reason of the last absent reading. It stays when the sensor recovers.
    pub const fn last_fault(&self) -> Option<&ReadFault<S::Error>> {
        self.gauge.last_fault()
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

impl<S: Sensors<K>, const K: usize> Channel for Checked<S, K> {
    fn variables(&self) -> usize {
        K
    }

    /// Costs one measurement of the sensor.
    fn read_into(&mut self, places: &mut [Reading]) {
        for (place, reading) in places.iter_mut().zip(self.readings()) {
            *place = reading;
        }
    }
}

#[cfg(feature = "defmt")]
impl<S: Sensors<K>, const K: usize> defmt::Format for Checked<S, K>
where
    S::Error: defmt::Format,
{
    fn format(&self, f: defmt::Formatter<'_>) {
        self.gauge.format(f);
    }
}
