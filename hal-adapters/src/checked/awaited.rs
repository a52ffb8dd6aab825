//! Range and error checks of sensors that are awaited.

use crate::gauge::{Gauge, ReadFault};
use crate::{AsyncSensors, Measurand};
use bellwether::Reading;
use core::ops::RangeInclusive;

/// The twin of [`Checked`](crate::Checked) for a sensor that is awaited, with the same [`Gauge`].
///
/// A time limit is the executor's: it drops the future, and the caller notes the absence.
///
/// ```
/// use bellwether::{Cause, Reading};
/// use bellwether_hal::AsyncChecked;
/// # embassy_futures::block_on(async {
/// let mut answers = [Ok(21.5), Err("no answer")].into_iter();
/// let sensor = async move || answers.next().unwrap_or(Err("no more"));
/// let mut inlet = AsyncChecked::new(sensor, -55.0..=125.0); // °C
/// assert_eq!(inlet.readings().await, [Reading::Value(21.5)]);
/// assert_eq!(inlet.readings().await, [Reading::Absent(Cause::Sensor)]);
/// // let reading = with_timeout(limit, inlet.readings()).await.unwrap_or_else(|_| inlet.timed_out());
/// assert_eq!(inlet.timed_out(), [Reading::Absent(Cause::Sensor)]);
/// assert_eq!((inlet.gauge().reads(), inlet.gauge().faults(), inlet.gauge().timeouts()), (3, 2, 1));
/// # })
/// ```
#[derive(Clone, Debug)]
pub struct AsyncChecked<S: AsyncSensors<K>, const K: usize = 1> {
    sensor: S,
    gauge: Gauge<S::Error, K>,
}

impl<S: AsyncSensors<1>> AsyncChecked<S> {
    /// A channel from a sensor of one variable and its plausible range.
    pub const fn new(sensor: S, plausible: RangeInclusive<f32>) -> Self {
        Self::with(sensor, [Measurand::new("", plausible)])
    }
}

impl<S: AsyncSensors<K>, const K: usize> AsyncChecked<S, K> {
    /// A channel from a sensor and the quantities that it measures.
    pub const fn with(sensor: S, measurands: [Measurand; K]) -> Self {
        Self::gauged(sensor, Gauge::new(measurands))
    }

    /// A channel from a sensor and a gauge that advises to retry or to restart.
    pub const fn gauged(sensor: S, gauge: Gauge<S::Error, K>) -> Self {
        Self { sensor, gauge }
    }

    /// Reads all variables once. Dropped before its end, it has noted nothing.
    pub async fn readings(&mut self) -> [Reading; K] {
        let result = self.sensor.measure().await;
        self.gauge.note(result)
    }

    /// Notes a measurement that was dropped at the caller's time limit.
    pub fn timed_out(&mut self) -> [Reading; K] {
        self.gauge.timed_out()
    }

    /// The account of the sensor.
    pub const fn gauge(&self) -> &Gauge<S::Error, K> {
        &self.gauge
    }

    /// The reason of the last absent reading. It stays when the sensor recovers.
    pub const fn last_fault(&self) -> Option<&ReadFault<S::Error>> {
        self.gauge.last_fault()
    }

    /// The sensor, to configure it between readings.
    pub const fn sensor_mut(&mut self) -> &mut S {
        &mut self.sensor
    }
}

#[cfg(feature = "defmt")]
impl<S: AsyncSensors<K>, const K: usize> defmt::Format for AsyncChecked<S, K>
where
    S::Error: defmt::Format,
{
    fn format(&self, f: defmt::Formatter<'_>) {
        self.gauge.format(f);
    }
}
