//! Channels: infallible sources of readings.

use bellwether::Reading;

/// The source of the readings of one variable, or of several that are read together.
///
/// Implementers turn a failure into absent readings with their cause, without a panic and without
/// an effect on another channel. The trait is object safe: channels of different types and widths fit
/// one array of `&mut dyn Channel`.
///
/// ```
/// use bellwether::{Cause, Reading};
/// use bellwether_hal::Channel;
/// /// A duty cycle in %, known without a sensor once it is set.
/// struct Duty(Option<u8>);
/// impl Channel for Duty {
///     fn read_into(&mut self, places: &mut [Reading]) {
///         places.fill(self.0.map(f32::from).into());
///     }
/// }
/// let mut frame = [Reading::Absent(Cause::Missing)];
/// Duty(Some(40)).read_into(&mut frame);
/// assert_eq!(frame, [Reading::Value(40.0)]);
/// ```
pub trait Channel {
    /// Number of variables, the same at every call.
    fn variables(&self) -> usize {
        1
    }

    /// Reads once: each variable into its place, of which there are as many as variables.
    fn read_into(&mut self, places: &mut [Reading]);
}

impl<C: Channel + ?Sized> Channel for &mut C {
    fn variables(&self) -> usize {
        (**self).variables()
    }

    fn read_into(&mut self, places: &mut [Reading]) {
        (**self).read_into(places);
    }
}
