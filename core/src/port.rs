//! The two ports of the library: a source of frames and a sink for reports.
//!
//! Middleware (a tap, a fault injector, a decimator) implements the same traits.

use crate::sample::{Reading, Tick};

/// A source of frames.
///
/// Implementers fill every reading; readings beyond the source's variables become
/// `Absent(Missing)`. A channel that fails becomes `Reading::Absent` and must not stop the others.
/// `Err` means that there is no frame at all. For a frame that is too short the error is
/// [`FrameTooSmall`](crate::error::FrameTooSmall), with nothing read and no tick used.
///
/// ```
/// use bellwether::{Cause, Reading, Tick, error::FrameTooSmall, port::FrameSource};
/// /// One column of a table.
/// struct Column<'a>(std::slice::Iter<'a, f32>, u64);
/// impl FrameSource for Column<'_> {
///     type Error = FrameTooSmall;
///     fn variables(&self) -> usize {
///         1
///     }
///     fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, FrameTooSmall> {
///         let Some((first, rest)) = frame.split_first_mut() else {
///             return Err(FrameTooSmall { variables: 1, room: 0 });
///         };
///         let Some(value) = self.0.next() else { return Ok(None) };
///         (*first, self.1) = (value.into(), self.1 + 1);
///         rest.fill(Reading::Absent(Cause::Missing));
///         Ok(Some(Tick(self.1 - 1)))
///     }
/// }
/// let mut source = Column([21.5, f32::NAN].iter(), 0);
/// let mut frame = [Reading::Value(0.0); 2];
/// assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(0))));
/// assert_eq!(frame, [Reading::Value(21.5), Reading::Absent(Cause::Missing)]);
/// assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(1))));
/// assert_eq!(source.next_frame(&mut frame), Ok(None));
/// ```
pub trait FrameSource {
    /// Failure of the source as a whole.
    type Error;

    /// Number of variables in every frame.
    fn variables(&self) -> usize;

    /// Fills `frame` and returns its tick, or `None` at the end of a finite source.
    ///
    /// # Errors
    /// The source as a whole failed, or `frame` is too short.
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
/// Implementers deliver a record whole, or its reader discards it by its checksum. If only the
/// closing zero was lost, a record reported as not sent may arrive all the same. For users, a
/// failure loses that record only; the detector's state does not depend on it.
///
/// ```
/// use bellwether::port::ReportSink;
/// use bellwether::report::{Record, hello};
/// use bellwether::repad2::{Repad2, Rules, Settings};
/// /// Records in memory.
/// struct Memory(Vec<u8>);
/// impl ReportSink for Memory {
///     type Error = std::convert::Infallible;
///     fn send(&mut self, record: &[u8]) -> Result<(), Self::Error> {
///         Ok(self.0.extend_from_slice(record))
///     }
/// }
/// let rules = Rules::<240>::new(Settings::DEFAULT)?;
/// let greeting = hello::<Repad2<240>>("repad2", 1, &rules, [240, 0, 0]);
/// let mut sink = Memory(Vec::new());
/// assert_eq!(sink.send(&greeting.frame()), Ok(()));
/// assert_eq!(Record::parse(&sink.0), Ok(greeting));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
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
