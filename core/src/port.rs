//! The two doors of the library: where frames come from and where reports go.
//! Middleware (a tap, a fault injector, a decimator) implements the same traits.

use crate::sample::{Reading, Tick};

/// A source of frames.
///
/// Implementers: fill every reading; a channel that fails becomes `Reading::Absent` and must
/// not stop the others. Return `Err` only when no frame can be had at all.
/// Users: readings beyond the source's variables are left `Absent(Missing)`.
pub trait FrameSource {
    /// Failure of the source as a whole.
    type Error;

    /// Fills `frame` and returns its tick, or `None` at the end of a finite source.
    ///
    /// # Errors
    /// The source as a whole failed.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, Self::Error>;
}

/// A sink for framed report records (see [`crate::report`]).
///
/// Implementers: a record is sent whole or not at all. Users: a failure loses that record
/// only; the detector's state does not depend on it.
pub trait ReportSink {
    /// Failure of the sink.
    type Error;

    /// Sends one framed record.
    ///
    /// # Errors
    /// The record was not sent.
    fn send(&mut self, record: &[u8]) -> Result<(), Self::Error>;
}
