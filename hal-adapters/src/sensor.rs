//! Sensors: fallible measurements of one variable.

/// A sensor of one variable.
///
/// Implementers measure once per call, without retries and without waiting for a conversion. An
/// error names the failure and leaves the sensor usable. Users wrap a sensor in
/// [`Checked`](crate::Checked), which turns errors into missing data and counts them.
///
/// A closure is a sensor, so that any driver works without code in this crate:
///
/// ```
/// use bellwether_hal::Sensor;
/// let mut raw = [Ok(768_u16), Err("ADC overrun")].into_iter();
/// let mut supply = move || raw.next().unwrap_or(Err("no more")).map(|raw| f32::from(raw) / 64.0);
/// assert_eq!(supply.measure(), Ok(12.0)); // V
/// assert_eq!(supply.measure(), Err("ADC overrun"));
/// ```
pub trait Sensor {
    /// Failure of one measurement.
    type Error;

    /// Measures once, in the sensor's own unit.
    ///
    /// # Errors
    /// The measurement failed.
    fn measure(&mut self) -> Result<f32, Self::Error>;
}

impl<F, E> Sensor for F
where
    F: FnMut() -> Result<f32, E>,
{
    type Error = E;

    fn measure(&mut self) -> Result<f32, E> {
        self()
    }
}
