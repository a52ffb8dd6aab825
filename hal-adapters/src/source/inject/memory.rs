//! What faults remember of a channel, and what they make of its readings.

use super::{Injection, Kind};
use bellwether::Reading;
use bellwether::rng::split_mix;
use bellwether::statistics::window::Window;

/// One, with 24 fractional bits.
const ONE: i32 = 1 << 24;

/// Channels whose draws lie side by side; further blocks have numbers of their own.
const BLOCK: u64 = 128;

/// What faults remember of a channel.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Memory<const N: usize> {
    /// Its last values, NaN where missing; they stand still while the channel is decorrelated.
    pub(super) past: Window<f32, N>,
    /// Its last value before it was stuck.
    pub(super) last: Option<f32>,
}

impl<const N: usize> Memory<N> {
    pub(super) const NEW: Self = Self {
        past: Window::new(),
        last: None,
    };

    /// The reading of so many frames before the newest, or the oldest there is.
    fn back(&self, frames: usize) -> Option<Reading> {
        let (older, newer) = self.past.last(frames + 1);
        older.first().or(newer.first()).map(|x| Reading::from(*x))
    }

    /// A reading as the fault leaves it, so many ticks after its first.
    pub(super) fn disturbed(
        &self,
        fault: &Injection,
        channel: usize,
        since: u32,
        reading: Reading,
    ) -> Reading {
        match fault.kind {
            Kind::Lag(frames) => self.back(frames.into()).unwrap_or(reading),
            Kind::Decorrelate(frames) => {
                let frames = usize::from(frames).min(self.past.len()).max(1);
                let place = (since as usize).checked_rem(2 * frames).unwrap_or(0);
                let back = place.min(2 * frames - 1 - place);
                self.back(back).unwrap_or(reading)
            }
            _ => match reading.usable() {
                Ok(x) => Reading::from(self.moved(fault, channel, since, x)),
                Err(_) => reading,
            },
        }
    }

    /// A value as the fault leaves it; NaN if it is lost.
    fn moved(&self, fault: &Injection, channel: usize, since: u32, x: f32) -> f32 {
        let chance = |draw: u64| {
            let (block, channel) = (channel as u64 / BLOCK, channel as u64 % BLOCK);
            let index = (u64::from(since) * BLOCK + channel) * 8 + draw + (block << 48);
            split_mix(fault.seed, index)
        };
        match fault.kind {
            Kind::Spike(by) if since % 2 == 1 => x - by,
            Kind::Spike(by) | Kind::Step(by) => x + by,
            Kind::Drift(by) => x + by * ((since as f32 + 1.0) / fault.length as f32),
            Kind::Stuck => self.last.unwrap_or(x),
            Kind::Noise(deviation) => {
                // Twelve uniforms (Irwin and Hall), as whole numbers, so that the sum is exact.
                let sum = (0..6).map(chance).fold(0, |sum, bits| {
                    sum + (bits >> 40) as i32 + (bits & 0xff_ffff) as i32
                });
                x + deviation * ((sum - 6 * ONE) as f32 / ONE as f32)
            }
            Kind::Dropout(share) if ((chance(0) >> 40) as f32) < share * ONE as f32 => f32::NAN,
            Kind::Scale(factor) => x * factor,
            Kind::Dropout(_) | Kind::Swap | Kind::Lag(_) | Kind::Decorrelate(_) => x,
        }
    }
}
