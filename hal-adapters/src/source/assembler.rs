//! Frames from readings of different rates and phases.

pub mod periods;
pub mod slot;
pub mod time;

use bellwether::error::FrameTooSmall;
use bellwether::{Cause, Reading, Tick};
use periods::Periods;
use slot::{Aggregate, Slot};
use time::Time;

/// The facts about an assembled frame.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Assembled<T = u64> {
    /// The frame's tick: one per period, and one per period of a gap.
    pub tick: Tick,
    /// End of the period, which is not in it.
    pub end: T,
    /// The skew: the time between the oldest and the newest of the variables' last readings.
    pub skew: T,
}

/// One frame of `V` variables per period, whatever the rates and phases of their readings.
///
/// It has no clock: time is an argument, in any unit. Each variable has a [`Aggregate`] of its own. A
/// sensor's failure is a reading too: it reaches the frame unless a usable one follows in the period.
/// The first time that it is told begins the first period. A variable costs 48 bytes of RAM with `u64`.
///
/// Before the readings of a time are noted, the frames that are due by then are taken: else the readings
/// belong to a period that has ended.
///
/// ```
/// use bellwether::{Cause, Reading, Tick};
/// use bellwether_hal::{Assembler, Aggregate};
/// // A frame a second, in ms: the inlet comes every 4 s, the axes 100 times a second.
/// let mut frames = Assembler::new(1_000, [Aggregate::Last { hold: 8_000 }, Aggregate::Mean, Aggregate::Max]);
/// let mut frame = [Reading::Absent(Cause::Missing); 3];
/// let mut seen = 0;
/// for now in (0..3_000).step_by(10) {
///     while let Some(period) = frames.next_frame(now, &mut frame).expect("room for three") {
///         assert_eq!(period.tick, Tick(seen));
///         assert_eq!(frame, [21.5, 0.5, 1.0].map(Reading::Value));
///         seen += 1;
///     }
///     if now % 4_000 == 0 {
///         frames.note(0, now, &[Reading::Value(21.5)]);
///     }
///     let swing = if now % 20 == 0 { 0.0 } else { 1.0 };
///     frames.note(1, now, &[swing; 2].map(Reading::Value));
/// }
/// assert_eq!(seen, 2);
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Assembler<const V: usize, T = u64> {
    slots: [Slot<T>; V],
    periods: Periods<T>,
    next: Tick,
}

impl<const V: usize, T: Time> Assembler<V, T> {
    /// Frames of periods of this length. The first tick is 0.
    pub fn new(every: T, aggregates: [Aggregate<T>; V]) -> Self {
        Self::starting_at(every, aggregates, Tick(0))
    }

    /// As [`new`](Self::new) with another first tick, to continue after a restart.
    pub fn starting_at(every: T, aggregates: [Aggregate<T>; V], first: Tick) -> Self {
        Self {
            slots: aggregates.map(Slot::new),
            periods: Periods::new(every),
            next: first,
        }
    }

    /// Notes readings of one time, of the variables from `first` on. Those beyond the last variable
    /// are left out.
    pub fn note(&mut self, first: usize, time: T, readings: &[Reading]) {
        if self.periods.now().is_none() {
            self.periods.advance(time);
        }
        for (slot, reading) in self.slots.iter_mut().skip(first).zip(readings) {
            slot.note(time, *reading);
        }
    }

    /// The next frame that is due at a time, if any: call it until it returns `None`. After a pause of
    /// more than 16 periods, and after a step backwards of the clock, a new sequence of periods
    /// begins with the time; the ticks count the periods of the pause.
    ///
    /// # Errors
    /// The frame has fewer places than variables; nothing was taken.
    pub fn next_frame(
        &mut self,
        now: T,
        frame: &mut [Reading],
    ) -> Result<Option<Assembled<T>>, FrameTooSmall> {
        let room = frame.len();
        let Some((places, beyond)) = frame.split_at_mut_checked(V) else {
            return Err(FrameTooSmall { variables: V, room });
        };
        let Some((begin, end)) = self.periods.now() else {
            self.periods.advance(now);
            return Ok(None);
        };
        // A sequence that begins now has no frame yet, even where a period is too short for the clock.
        if self.periods.contains(now) || now == begin {
            return Ok(None);
        }
        let mut times: Option<(T, T)> = None;
        for (place, slot) in places.iter_mut().zip(&mut self.slots) {
            let (reading, time) = slot.take(end);
            *place = reading;
            times = match (times, time) {
                (Some((oldest, newest)), Some(time)) => Some((
                    if time < oldest { time } else { oldest },
                    if time > newest { time } else { newest },
                )),
                (None, Some(time)) => Some((time, time)),
                (times, None) => times,
            };
        }
        beyond.fill(Reading::Absent(Cause::Missing));
        let skew = times.map_or(T::default(), |(oldest, newest)| newest.since(oldest));
        let tick = self.next;
        let gap = self.periods.advance(now);
        self.next = Tick(tick.0.saturating_add(1).saturating_add(gap));
        Ok(Some(Assembled { tick, end, skew }))
    }
}

#[cfg(test)]
mod tests;
