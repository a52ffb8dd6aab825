//! A fault as settings, and the check of it.

use super::ChannelSet;
use bellwether::Tick;
use core::fmt;

/// The effect of a fault on the readings of its channels. Amounts are in the channel's own unit.
/// Absent readings stay absent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// An offset of this amount, first upwards, then alternating.
    Spike(f32),
    /// An offset of this amount.
    Step(f32),
    /// A growing offset, of this amount in the last frame.
    Drift(f32),
    /// The last value before the fault, repeated.
    Stuck,
    /// Random offsets with mean 0 and this standard deviation, at most six of them.
    Noise(f32),
    /// Missing with this probability.
    Dropout(f32),
    /// Two channels exchanged.
    Swap,
    /// Multiplied by this.
    Scale(f32),
    /// The reading of an earlier frame, this many frames before.
    Lag(u16),
    /// The channel's last frames, this many, backwards, then forwards, and so on. Values and rates
    /// of change stay; the relation to other channels is lost.
    Decorrelate(u16),
}

/// A fault: its effect, its channels, and its ticks.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Injection {
    /// Effect of the fault.
    pub kind: Kind,
    /// First tick of the fault.
    pub first: Tick,
    /// Duration in ticks; `u32::MAX`: for ever.
    pub length: u32,
    /// Channels of the fault.
    pub channels: ChannelSet,
    /// Seed of the chance in [`Kind::Noise`] and [`Kind::Dropout`].
    pub seed: u64,
}

impl Injection {
    /// Ticks since the first one, if the fault is present.
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

    /// Checks the fault for a number of variables and a memory of a number of frames.
    pub(super) fn check(&self, variables: usize, depth: usize) -> Result<(), Problem> {
        let amount = match self.kind {
            Kind::Spike(x) | Kind::Step(x) | Kind::Drift(x) | Kind::Noise(x) | Kind::Scale(x) => x,
            Kind::Dropout(x) if (0.0..=1.0).contains(&x) => x,
            Kind::Dropout(_) => f32::NAN,
            _ => 0.0,
        };
        let frames = match self.kind {
            // The current frame is stored too.
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

/// The problem of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Problem {
    /// No channel, an unknown one, or not two of them to swap.
    Channels,
    /// The amount is not finite, or a probability is not within 0 to 1.
    Amount,
    /// The duration is 0.
    Length,
    /// It looks back 0 frames, or further than the memory.
    Depth,
    /// The source has more variables than the capacity `V`.
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
    /// Index of the fault.
    pub fault: usize,
    /// The problem.
    pub problem: Problem,
}

impl fmt::Display for InjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fault {}: {}", self.fault, self.problem)
    }
}

impl core::error::Error for InjectError {}
