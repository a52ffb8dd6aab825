//! Frames from channels that are awaited.

use crate::tick::Ticks;
use crate::{AsyncChecked, AsyncSensors, Channel, Checked, Sensors};
use bellwether::error::FrameTooSmall;
use bellwether::{Cause, Reading, Tick};

/// The twin of [`Channel`] that is awaited. Tuples and arrays of channels are channels, read one after
/// the other.
pub trait AsyncChannel {
    /// Number of variables, the same at every call.
    fn variables(&self) -> usize;

    /// Reads once: each variable into its place, of which there are as many as variables.
    fn read_into(&mut self, places: &mut [Reading]) -> impl Future<Output = ()>;
}

impl<S: AsyncSensors<K>, const K: usize> AsyncChannel for AsyncChecked<S, K> {
    fn variables(&self) -> usize {
        K
    }

    async fn read_into(&mut self, places: &mut [Reading]) {
        for (place, reading) in places.iter_mut().zip(self.readings().await) {
            *place = reading;
        }
    }
}

/// A blocking sensor among others, such as an on-chip converter. It blocks the executor as long as it
/// measures.
impl<S: Sensors<K>, const K: usize> AsyncChannel for Checked<S, K> {
    fn variables(&self) -> usize {
        K
    }

    async fn read_into(&mut self, places: &mut [Reading]) {
        Channel::read_into(self, places);
    }
}

impl<C: AsyncChannel> AsyncChannel for &mut C {
    fn variables(&self) -> usize {
        (**self).variables()
    }

    async fn read_into(&mut self, places: &mut [Reading]) {
        (**self).read_into(places).await;
    }
}

impl<C: AsyncChannel, const N: usize> AsyncChannel for [C; N] {
    fn variables(&self) -> usize {
        self.iter().map(C::variables).sum()
    }

    async fn read_into(&mut self, mut places: &mut [Reading]) {
        for channel in self {
            channel
                .read_into(first(&mut places, channel.variables()))
                .await;
        }
    }
}

macro_rules! tuple {
    ($($channel:ident $k:tt),+) => {
        impl<$($channel: AsyncChannel),+> AsyncChannel for ($($channel,)+) {
            fn variables(&self) -> usize {
                0 $(+ self.$k.variables())+
            }

            async fn read_into(&mut self, mut places: &mut [Reading]) {
                $(
                    let own = first(&mut places, self.$k.variables());
                    self.$k.read_into(own).await;
                )+
            }
        }
    };
}

tuple!(A 0);
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);

/// Takes the first places off the front.
fn first<'a>(places: &mut &'a mut [Reading], count: usize) -> &'a mut [Reading] {
    let all = core::mem::take(places);
    let count = count.min(all.len());
    let (own, beyond) = all.split_at_mut_checked(count).unwrap_or_default();
    *places = beyond;
    own
}

/// The twin of [`Channels`](crate::Channels): a tuple of up to eight channels, or an array, read one
/// after the other, variable 0 first.
///
/// ```
/// use bellwether::{Cause, Reading, Tick};
/// use bellwether_hal::{AsyncChannels, AsyncChecked, Measurand};
/// # embassy_futures::block_on(async {
/// let inlet = AsyncChecked::new(async || Err::<f32, _>("no answer"), -55.0..=125.0); // °C
/// let axes = async || Ok::<_, ()>([0.0_f32, 1.0]);
/// let pump = AsyncChecked::with(axes, [Measurand::new("g", -2.0..=2.0); 2]);
/// let mut node = AsyncChannels::new((inlet, pump));
/// let mut frame = [Reading::Absent(Cause::Missing); 3];
/// assert_eq!(node.next_frame(&mut frame).await, Ok(Tick(0)));
/// let absent = Reading::Absent(Cause::Sensor);
/// assert_eq!(frame, [absent, Reading::Value(0.0), Reading::Value(1.0)]);
/// assert_eq!(node.channels().0.gauge().faults(), 1);
/// # })
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AsyncChannels<C> {
    channels: C,
    ticks: Ticks,
}

impl<C> AsyncChannels<C> {
    /// Channels in the order of the variables. The first tick is 0.
    pub const fn new(channels: C) -> Self {
        Self::starting_at(channels, Tick(0))
    }

    /// As [`new`](Self::new) with another first tick, to continue after a restart.
    pub const fn starting_at(channels: C, first: Tick) -> Self {
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
    pub const fn channels(&self) -> &C {
        &self.channels
    }

    /// The channels, to configure their sensors between frames.
    pub const fn channels_mut(&mut self) -> &mut C {
        &mut self.channels
    }
}

impl<C: AsyncChannel> AsyncChannels<C> {
    /// Number of variables.
    pub fn variables(&self) -> usize {
        self.channels.variables()
    }

    /// Reads each channel once and returns the frame's tick. Dropped before its end, it has taken no
    /// tick.
    ///
    /// # Errors
    /// The frame has fewer places than variables; nothing was read.
    pub async fn next_frame(&mut self, frame: &mut [Reading]) -> Result<Tick, FrameTooSmall> {
        let (variables, room) = (self.variables(), frame.len());
        let Some((places, beyond)) = frame.split_at_mut_checked(variables) else {
            return Err(FrameTooSmall { variables, room });
        };
        self.channels.read_into(places).await;
        beyond.fill(Reading::Absent(Cause::Missing));
        Ok(self.ticks.take())
    }
}
