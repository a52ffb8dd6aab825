//! Channels: infallible sources of one variable's readings.

use bellwether::Reading;

/// The source of one variable's readings.
///
/// Implementers turn a failure into an absent reading with its cause, without a panic and without
/// an effect on another channel. The trait is object safe: channels of different types fit one
/// array of `&mut dyn Channel`.
///
/// ```
/// use bellwether::{Cause, Reading};
/// use bellwether_hal::Channel;
/// /// A duty cycle in %, known without a sensor once it is set.
/// struct Duty(Option<u8>);
/// impl Channel for Duty {
///     fn read(&mut self) -> Reading {
///         self.0.map(f32::from).into()
///     }
/// }
/// assert_eq!(Duty(Some(40)).read(), Reading::Value(40.0));
/// assert_eq!(Duty(None).read(), Reading::Absent(Cause::Missing));
/// ```
pub trait Channel {
    /// Reads once.
    fn read(&mut self) -> Reading;
}

impl<C: Channel + ?Sized> Channel for &mut C {
    fn read(&mut self) -> Reading {
        (**self).read()
    }
}
