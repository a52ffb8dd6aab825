//! Frames from an array of channels.

#[cfg(feature = "async")]
pub mod awaited;

use crate::Channel;
use crate::tick::Ticks;
use bellwether::error::FrameTooSmall;
use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};

/// `N` channels, read one after the other, variable 0 first. A channel of several variables takes as
/// many places of the frame.
///
/// It has no clock: a frame's tick is the number of frames before it. The caller takes one frame
/// per period and counts missed periods with [`skip`](Self::skip). A channel that fails is absent
/// for its own variables only.
///
/// ```
/// use bellwether::{Cause, Reading, Tick, port::FrameSource};
/// use bellwether_hal::{Channel, Channels, Checked, Measurand};
/// let mut inlet = Checked::new(|| Ok::<_, ()>(21.5), -55.0..=125.0); // °C
/// let mut fan = Checked::new(|| Err::<f32, _>("no pulses"), 0.0..=20_000.0); // rpm
/// let axes = || Ok::<_, ()>([0.0_f32, 1.0]);
/// let mut pump = Checked::with(axes, [Measurand::new("g", -2.0..=2.0); 2]);
/// let mut node = Channels::new([&mut inlet as &mut dyn Channel, &mut fan, &mut pump]);
/// let mut frame = [Reading::Value(0.0); 4];
/// assert_eq!(node.next_frame(&mut frame), Ok(Some(Tick(0))));
/// let (absent, [x, y]) = (Reading::Absent(Cause::Sensor), [0.0, 1.0].map(Reading::Value));
/// assert_eq!(frame, [Reading::Value(21.5), absent, x, y]);
/// assert_eq!(fan.faults(), 1);
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Channels<C, const N: usize> {
    channels: [C; N],
    ticks: Ticks,
}

impl<C, const N: usize> Channels<C, N> {
    /// Channels in the order of the variables. The first tick is 0.
    pub const fn new(channels: [C; N]) -> Self {
        Self::starting_at(channels, Tick(0))
    }

    /// As [`new`](Self::new) with another first tick, to continue after a restart.
    pub const fn starting_at(channels: [C; N], first: Tick) -> Self {
        Self {
            channels,
            ticks: Ticks::from(first),
        }
    }

    /// Skips the ticks of missed periods. A detector sees a gap.
    pub const fn skip(&mut self, frames: u64) {
        self.ticks.skip(frames);
    }

    /// The channels, for their counters.
    pub const fn channels(&self) -> &[C; N] {
        &self.channels
    }

    /// The channels, to configure their sensors between frames.
    pub const fn channels_mut(&mut self) -> &mut [C; N] {
        &mut self.channels
    }
}

impl<C: Channel, const N: usize> FrameSource for Channels<C, N> {
    type Error = FrameTooSmall;

    fn variables(&self) -> usize {
        self.channels.iter().map(Channel::variables).sum()
    }

    /// Costs one reading of each channel. Never `None`: sensors have no end.
    fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Option<Tick>, FrameTooSmall> {
        fill(&mut self.channels, frame)?;
        Ok(Some(self.ticks.take()))
    }
}

/// Reads each channel into its places; places beyond are `Absent(Missing)`.
pub(crate) fn fill<C: Channel>(
    channels: &mut [C],
    frame: &mut [Reading],
) -> Result<(), FrameTooSmall> {
    let variables = channels.iter().map(Channel::variables).sum();
    let room = frame.len();
    if room < variables {
        return Err(FrameTooSmall { variables, room });
    }
    let mut beyond = frame;
    for channel in channels {
        let Some((places, rest)) = beyond.split_at_mut_checked(channel.variables()) else {
            return Err(FrameTooSmall { variables, room });
        };
        channel.read_into(places);
        beyond = rest;
    }
    beyond.fill(Reading::Absent(Cause::Missing));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Checked;

    fn counter() -> impl Channel {
        let mut count = 0.0;
        let sensor = move || {
            count += 1.0;
            Ok::<f32, ()>(count)
        };
        Checked::new(sensor, 0.0..=100.0)
    }

    // Breaks if readings beyond the variables keep their earlier values.
    #[test]
    fn places_beyond_the_channels_are_missing() {
        let mut source = Channels::new([counter()]);
        let mut frame = [Reading::Value(7.0); 3];
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(0))));
        let missing = Reading::Absent(Cause::Missing);
        assert_eq!(frame, [Reading::Value(1.0), missing, missing]);
    }

    // Breaks if a refused frame costs a measurement, a tick, or part of the frame.
    #[test]
    fn small_frame_is_refused_and_changes_nothing() {
        let mut source = Channels::new([counter(), counter()]);
        let mut frame = [Reading::Value(7.0); 1];
        let refused = FrameTooSmall {
            variables: 2,
            room: 1,
        };
        assert_eq!(source.next_frame(&mut frame), Err(refused));
        assert_eq!(frame, [Reading::Value(7.0)]);
        let mut frame = [Reading::Value(7.0); 2];
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(0))));
        assert_eq!(frame, [Reading::Value(1.0); 2]);
    }

    // Breaks if a tick is anything but the number of periods, or wraps at the end.
    #[test]
    fn ticks_count_frames_and_skipped_periods() {
        let mut source = Channels::starting_at([counter()], Tick(40));
        let mut frame = [Reading::Value(0.0)];
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(40))));
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(41))));
        source.skip(3);
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(45))));
        source.skip(u64::MAX);
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(u64::MAX))));
        assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(u64::MAX))));
    }
}
