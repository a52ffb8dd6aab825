//! Sensors: fallible measurements of one variable, or of several in one transaction.

#[cfg(feature = "async")]
pub mod awaited;

use bellwether::Reading;

/// A sensor of `K` variables: one measurement gives all of them, or fails.
///
/// Implementers measure once per call and do not retry. An error names the failure and leaves the
/// sensor usable. Users wrap a sensor in [`Checked`](crate::Checked), which turns errors into missing
/// data and counts them.
///
/// A closure is a sensor, so that any driver works without code in this crate. It gives one value, or
/// an array of them:
///
/// ```
/// use bellwether_hal::Sensors;
/// let mut raw = [Ok(768_u16), Err("ADC overrun")].into_iter();
/// let mut supply = move || raw.next().unwrap_or(Err("no more")).map(|raw| f32::from(raw) / 64.0);
/// assert_eq!(supply.measure(), Ok([12.0])); // V
/// assert_eq!(supply.measure(), Err("ADC overrun"));
///
/// let mut axes = || Ok::<_, ()>([0.0_f32, 0.02, 0.99]); // g
/// assert_eq!(axes.measure(), Ok([0.0, 0.02, 0.99]));
/// ```
pub trait Sensors<const K: usize> {
    /// Failure of one measurement.
    type Error;

    /// Measures once, in the sensor's own units.
    ///
    /// # Errors
    /// The measurement failed.
    fn measure(&mut self) -> Result<[f32; K], Self::Error>;
}

/// A sensor of one variable: another name of `Sensors<1>`, implemented by itself.
pub trait Sensor: Sensors<1> {}

impl<S: Sensors<1> + ?Sized> Sensor for S {}

/// The result of one measurement: one `f32`, or `K` of them.
pub trait Values<const K: usize> {
    /// Readings of the same shape: one, or an array.
    type Readings;

    /// The values as an array.
    fn into_array(self) -> [f32; K];

    /// Readings in the shape of the values.
    fn readings(readings: [Reading; K]) -> Self::Readings;
}

impl Values<1> for f32 {
    type Readings = Reading;

    fn into_array(self) -> [f32; 1] {
        [self]
    }

    fn readings([reading]: [Reading; 1]) -> Reading {
        reading
    }
}

impl<const K: usize> Values<K> for [f32; K] {
    type Readings = [Reading; K];

    fn into_array(self) -> [f32; K] {
        self
    }

    fn readings(readings: [Reading; K]) -> [Reading; K] {
        readings
    }
}

impl<F, V, E, const K: usize> Sensors<K> for F
where
    F: FnMut() -> Result<V, E>,
    V: Values<K>,
{
    type Error = E;

    fn measure(&mut self) -> Result<[f32; K], E> {
        self().map(V::into_array)
    }
}
