//! Faults put into frames on purpose, between a source and whoever reads it: what a detector
//! makes of them can be seen with the firmware's own sensors.
//!
//! A fault is settings, its memory is state, and nothing is drawn from anywhere but its seed:
//! the same frames and faults give the same bits on every target, whatever the capacity.

mod channel_set;
mod injection;
mod memory;
#[cfg(test)]
mod tests;

pub use channel_set::ChannelSet;
pub use injection::{InjectError, Injection, Kind, Problem};

use bellwether::port::FrameSource;
use bellwether::{Reading, Tick};
use memory::Memory;

/// A source with faults: `V` variables at most, and a memory of `N` frames for [`Kind::Lag`] and
/// [`Kind::Decorrelate`]. Where faults share a channel they are done in order.
///
/// ```
/// use bellwether::{Reading, Tick, port::FrameSource};
/// use bellwether_hal::source::inject::{Injection, Injector, Kind};
/// use bellwether_hal::{Channels, Checked};
/// let inlet = Channels::new([Checked::new(|| Ok::<f32, ()>(21.5), -55.0..=125.0)]); // °C
/// let fault = Injection {
///     kind: Kind::Step(4.0),
///     first: Tick(1),
///     length: 1,
///     channels: [0].into_iter().collect(),
///     seed: 0,
/// };
/// let mut inlet = Injector::<_, _, 1, 1>::new(inlet, [fault]).expect("a fault that can be");
/// let mut frame = [Reading::Value(0.0)];
/// for wanted in [21.5, 25.5, 21.5] {
///     inlet.next_frame(&mut frame).expect("the frame has room");
///     assert_eq!(frame, [Reading::Value(wanted)]);
/// }
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Injector<S, F, const V: usize, const N: usize> {
    source: S,
    faults: F,
    channels: [Memory<N>; V],
}

impl<S: FrameSource, F: AsRef<[Injection]>, const V: usize, const N: usize> Injector<S, F, V, N> {
    /// Between a source and its reader.
    ///
    /// # Errors
    /// A fault cannot be done to this source.
    pub fn new(source: S, faults: F) -> Result<Self, InjectError> {
        let variables = source.variables();
        for (fault, injection) in faults.as_ref().iter().enumerate() {
            let room = if variables > V {
                Err(Problem::Room)
            } else {
                injection.check(variables, N)
            };
            room.map_err(|problem| InjectError { fault, problem })?;
        }
        Ok(Self {
            source,
            faults,
            channels: [const { Memory::NEW }; V],
        })
    }

    /// The source behind the faults.
    pub const fn source(&self) -> &S {
        &self.source
    }

    /// The faults.
    pub fn faults(&self) -> &[Injection] {
        self.faults.as_ref()
    }

    /// Faults that are present at a tick.
    fn present(&self, tick: Tick) -> impl Iterator<Item = (&Injection, u32)> {
        let faults = self.faults().iter();
        faults.filter_map(move |fault| Some((fault, fault.since(tick)?)))
    }

    fn remember(&mut self, tick: Tick, frame: &[Reading]) {
        let (mut stuck, mut frozen) = (ChannelSet::EMPTY, ChannelSet::EMPTY);
        for (fault, _) in self.present(tick) {
            match fault.kind {
                Kind::Stuck => stuck.extend(&fault.channels),
                Kind::Decorrelate(_) => frozen.extend(&fault.channels),
                _ => {}
            }
        }
        for (k, (channel, reading)) in self.channels.iter_mut().zip(frame).enumerate() {
            let value = reading.usable();
            if !frozen.contains(k) {
                channel.past.push(value.unwrap_or(f32::NAN));
            }
            if !stuck.contains(k) {
                channel.last = value.ok().or(channel.last);
            }
        }
    }

    fn disturb(&self, tick: Tick, frame: &mut [Reading]) {
        for (fault, since) in self.present(tick) {
            if fault.kind == Kind::Swap {
                swap(frame, &fault.channels);
                continue;
            }
            for k in fault.channels.iter() {
                if let (Some(channel), Some(place)) = (self.channels.get(k), frame.get_mut(k)) {
                    *place = channel.disturbed(fault, k, since, *place);
                }
            }
        }
    }
}

/// Exchanges the two readings.
fn swap(frame: &mut [Reading], channels: &ChannelSet) {
    let mut two = channels.iter();
    if let (Some(a), Some(b)) = (two.next(), two.next())
        && let Ok([a, b]) = frame.get_disjoint_mut([a, b])
    {
        core::mem::swap(a, b);
    }
}

impl<S: FrameSource, F: AsRef<[Injection]>, const V: usize, const N: usize> FrameSource
    for Injector<S, F, V, N>
{
    type Error = S::Error;

    fn variables(&self) -> usize {
        self.source.variables()
    }

    /// Costs `V` values to remember, and one look at each fault, beside the source's frame.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, S::Error> {
        let tick = self.source.next_frame(frame)?;
        if let Some(tick) = tick {
            self.remember(tick, frame);
            self.disturb(tick, frame);
        }
        Ok(tick)
    }
}
