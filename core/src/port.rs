//! The two doors of the library: where frames come from and where reports go.
//! Middleware (a tap, a fault injector, a decimator) implements the same traits.

use crate::sample::{Reading, Tick};

/// A source of frames.
///
/// Implementers: fill every reading, and those beyond the source's variables with
/// `Absent(Missing)`; a channel that fails becomes `Reading::Absent` and must not stop the
/// others. Return `Err` only when no frame can be had at all; for a frame with too little room
/// that is [`FrameTooSmall`](crate::error::FrameTooSmall), with nothing read and no tick used.
pub trait FrameSource {
    /// Failure of the source as a whole.
    type Error;

    /// Variables of every frame.
    fn variables(&self) -> usize;

    /// Fills `frame` and returns its tick, or `None` at the end of a finite source.
    ///
    /// # Errors
    /// The source as a whole failed, or `frame` has too little room.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, Self::Error>;
}

impl<S: FrameSource + ?Sized> FrameSource for &mut S {
    type Error = S::Error;

    fn variables(&self) -> usize {
        (**self).variables()
    }

    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, Self::Error> {
        (**self).next_frame(frame)
    }
}

/// A sink for framed report records (see [`crate::report`]).
///
/// Implementers: a record arrives whole, or its reader discards what arrived (its checksum does
/// not fit). Where only the closing zero was lost, a record reported as not sent may arrive all
/// the same. Users: a failure loses that record only; the detector's state does not depend on it.
pub trait ReportSink {
    /// Failure of the sink.
    type Error;

    /// Sends one record: one COBS frame with its closing zero, at most
    /// [`RECORD_MAX`](crate::report::RECORD_MAX) bytes.
    ///
    /// # Errors
    /// The record was not sent.
    fn send(&mut self, record: &[u8]) -> Result<(), Self::Error>;
}

impl<S: ReportSink + ?Sized> ReportSink for &mut S {
    type Error = S::Error;

    fn send(&mut self, record: &[u8]) -> Result<(), Self::Error> {
        (**self).send(record)
    }
}
