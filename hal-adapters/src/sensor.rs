//! What measures one variable and may fail.

/// A sensor of one variable.
///
/// Implementers: one call is one measurement, without retries and without waiting for a
/// conversion; an error says what happened and leaves the sensor usable. Users: wrap it in
/// [`Checked`](crate::Checked), which turns errors into missing data and counts them.
///
/// A closure is a sensor, so that a driver this crate does not know needs no code here:
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
    /// There is no value this time.
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
