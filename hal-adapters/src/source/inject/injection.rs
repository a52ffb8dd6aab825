//! A fault as settings, and what can be wrong with it.

use super::ChannelSet;
use bellwether::Tick;
use core::fmt;

/// What a fault does to the readings of its channels. Amounts are in the channel's own unit; a
/// reading that is absent stays so.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// Off by this much, upwards first and downwards by turns.
    Spike(f32),
    /// Off by this much.
    Step(f32),
    /// Off by more and more, by this much in the last frame.
    Drift(f32),
    /// The last value before the fault, again and again.
    Stuck,
    /// Off by chance, with mean 0 and this standard deviation, at most six of them.
    Noise(f32),
    /// Missing with this probability.
    Dropout(f32),
    /// Two channels in each other's place.
    Swap,
    /// Multiplied by this.
    Scale(f32),
    /// The reading of so many frames before.
    Lag(u16),
    /// The channel's last so many frames backwards, then forwards, and so on: its values and
    /// their pace stay, what they have to do with other channels is gone.
    Decorrelate(u16),
}

/// A fault: what, where, and when.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Injection {
    /// What it does.
    pub kind: Kind,
    /// Its first tick.
    pub first: Tick,
    /// Ticks that it lasts; `u32::MAX` is for good.
    pub length: u32,
    /// The channels it is in.
    pub channels: ChannelSet,
    /// Where chance comes from ([`Kind::Noise`], [`Kind::Dropout`]).
    pub seed: u64,
}

impl Injection {
    /// Ticks since the first, if the fault is present.
    pub const fn since(&self, tick: Tick) -> Option<u32> {
        let Some(since) = tick.0.checked_sub(self.first.0) else {
            return None;
        };
        if since < self.length as u64 || self.length == u32::MAX {
            Some(if since > u32::MAX as u64 {
                u32::MAX
            } else {
                since as u32
            })
        } else {
            None
        }
    }

    /// Whether it can be done to so many variables with a memory of so many frames.
    pub(super) fn check(&self, variables: usize, depth: usize) -> Result<(), Problem> {
        let amount = match self.kind {
            Kind::Spike(x) | Kind::Step(x) | Kind::Drift(x) | Kind::Noise(x) | Kind::Scale(x) => x,
            Kind::Dropout(x) if (0.0..=1.0).contains(&x) => x,
            Kind::Dropout(_) => f32::NAN,
            _ => 0.0,
        };
        let frames = match self.kind {
            // The frame of now is remembered too.
            Kind::Lag(frames) => usize::from(frames) + 1,
            Kind::Decorrelate(frames) => usize::from(frames),
            _ => 1,
        };
        let count = self.channels.len();
        let fit = self.channels.iter().all(|channel| channel < variables);
        if count == 0 || !fit || (self.kind == Kind::Swap && count != 2) {
            Err(Problem::Channels)
        } else if !amount.is_finite() {
            Err(Problem::Amount)
        } else if self.length == 0 {
            Err(Problem::Length)
        } else if frames == 0 || frames > depth {
            Err(Problem::Depth)
        } else {
            Ok(())
        }
    }
}

/// What is wrong with a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Problem {
    /// No channel, one that does not exist, or not two of them to swap.
    Channels,
    /// The amount is not finite, or a probability is not within 0 to 1.
    Amount,
    /// It lasts for no tick.
    Length,
    /// It looks back 0 frames, or further than is remembered.
    Depth,
    /// There are more variables than room for them.
    Room,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Channels => "no channel, one that does not exist, or not two of them to swap",
            Self::Amount => "the amount is not finite, or a probability not within 0 to 1",
            Self::Length => "it lasts for no tick",
            Self::Depth => "it looks back 0 frames, or further than is remembered",
            Self::Room => "there are more variables than room for them",
        })
    }
}

impl core::error::Error for Problem {}

/// A fault that cannot be injected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InjectError {
    /// Its place among the faults.
    pub fault: usize,
    /// What is wrong with it.
    pub problem: Problem,
}

impl fmt::Display for InjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}: {}", self.fault, self.problem)
    }
}

impl core::error::Error for InjectError {}
