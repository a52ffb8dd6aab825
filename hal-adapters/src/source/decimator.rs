//! One frame from several of a source that is faster than its detector.

use super::assembler::slot::{Aggregate, Slot};
use bellwether::error::FrameTooSmall;
use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};
use core::num::NonZeroU32;

/// A source of at most `V` variables, of which each `by` frames become one. A tick is the source's,
/// divided by `by` and rounded down, so that a gap stays a gap.
///
/// ```
/// use bellwether::{Reading, Tick, port::FrameSource};
/// use bellwether_hal::{Channels, Checked, Decimator, Aggregate};
/// let mut count = 0.0;
/// let sensor = move || { count += 1.0; Ok::<f32, ()>(count) };
/// let fast = Channels::new([Checked::new(sensor, 0.0..=100.0)]);
/// let four = 4.try_into().expect("not zero");
/// let mut slow = Decimator::new(fast, four, [Aggregate::Mean]);
/// let mut frame = [Reading::Value(0.0)];
/// assert_eq!(slow.next_frame(&mut frame), Ok(Some(Tick(0))));
/// assert_eq!(frame, [Reading::Value(2.5)]);
/// assert_eq!(slow.next_frame(&mut frame), Ok(Some(Tick(1))));
/// assert_eq!(frame, [Reading::Value(6.5)]);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Decimator<S, const V: usize> {
    source: S,
    by: NonZeroU32,
    slots: [Slot; V],
}

impl<S: FrameSource, const V: usize> Decimator<S, V> {
    /// A source that is slower by a factor. Ages of [`Aggregate::Last`] are in ticks of the fast source.
    pub fn new(source: S, by: NonZeroU32, aggregates: [Aggregate; V]) -> Self {
        Self {
            source,
            by,
            slots: aggregates.map(Slot::new),
        }
    }

    /// The fast source.
    pub const fn source(&self) -> &S {
        &self.source
    }
}

impl<S: FrameSource<Error = FrameTooSmall>, const V: usize> FrameSource for Decimator<S, V> {
    type Error = FrameTooSmall;

    fn variables(&self) -> usize {
        V
    }

    /// Costs `by` frames of the source. `None` if it ends before; the frames since the last one are
    /// lost.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, FrameTooSmall> {
        let room = frame.len();
        let Some((places, beyond)) = frame.split_at_mut_checked(V) else {
            return Err(FrameTooSmall { variables: V, room });
        };
        let mut last = Tick(0);
        for _ in 0..self.by.get() {
            let Some(tick) = self.source.next_frame(places)? else {
                return Ok(None);
            };
            for (slot, reading) in self.slots.iter_mut().zip(&*places) {
                slot.note(tick.0, *reading);
            }
            last = tick;
        }
        for (place, slot) in places.iter_mut().zip(&mut self.slots) {
            (*place, _) = slot.take(last.0);
        }
        beyond.fill(Reading::Absent(Cause::Missing));
        Ok(Some(Tick(last.0 / u64::from(self.by.get()))))
    }
}
