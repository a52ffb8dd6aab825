//! Sensors that are awaited: the twins of [`Sensors`](crate::Sensors).

use super::Values;

/// A sensor of `K` variables whose measurement is awaited, as drivers over embedded-hal-async need it.
///
/// An async closure is one. A dropped measurement is a missing one: after a time limit, tell the gauge
/// with [`AsyncChecked::timed_out`](crate::AsyncChecked::timed_out).
///
/// ```
/// use bellwether_hal::AsyncSensors;
/// # embassy_futures::block_on(async {
/// let mut inlet = async || Ok::<f32, ()>(21.5); // °C
/// assert_eq!(inlet.measure().await, Ok([21.5]));
/// # })
/// ```
pub trait AsyncSensors<const K: usize> {
    /// Failure of one measurement.
    type Error;

    /// Measures once, in the sensor's own units.
    ///
    /// # Errors
    /// The measurement failed.
    fn measure(&mut self) -> impl Future<Output = Result<[f32; K], Self::Error>>;
}

impl<F, V, E, const K: usize> AsyncSensors<K> for F
where
    F: AsyncFnMut() -> Result<V, E>,
    V: Values<K>,
{
    type Error = E;

    async fn measure(&mut self) -> Result<[f32; K], E> {
        self().await.map(V::into_array)
    }
}
