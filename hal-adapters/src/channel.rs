//! What fills one place of a frame and never fails as a call.

use bellwether::Reading;

/// The source of one variable's readings.
///
/// Implementers: a failure is an absent reading with its cause, never a panic and never an
/// effect on another channel. Users: the trait is object safe, so that channels of different
/// types stand in one array of `&mut dyn Channel`.
pub trait Channel {
    /// Reads once.
    fn read(&mut self) -> Reading;
}

impl<C: Channel + ?Sized> Channel for &mut C {
    fn read(&mut self) -> Reading {
        (**self).read()
    }
}
