//! The front end of a model: from samples to the model's variables.

use super::ModelError;
use super::bytes::{require, u8_at, u16_at};
use crate::error::{Allowed, SettingsError};
use crate::sample::{Cause, Reading};
use crate::signal::{Rules, SIZES, Statistic};

/// Bytes before the features.
pub const FRONT_END_BYTES: usize = 8;
/// Bytes of a feature.
pub const SOURCE_BYTES: usize = 4;
/// The kind of a front end: bursts.
pub const BURST: u8 = 1;

/// The source of a model's variable: a feature of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Source {
    /// Index of the signal.
    pub signal: u16,
    /// The feature.
    pub statistic: Statistic,
}

/// The front end that a model was trained with: bursts of samples of one signal or several, and the
/// features among them that are the model's variables.
///
/// ```
/// use bellwether::model::FrontEnd;
/// use bellwether::signal::{Burst, Rules};
/// use bellwether::{Reading, SettingsError};
/// /// Signals, samples of a burst, variables of the model: the model tells them (`bellwether model inspect`).
/// const C: usize = 3;
/// const N: usize = 128;
/// const V: usize = 40;
/// fn watch(
///     end: &FrontEnd<'_>,
///     mut sample: impl FnMut() -> Option<[Result<f32, ()>; C]>,
///     mut judge: impl FnMut([Reading; V]), // Monitor::observe
/// ) -> Result<(), SettingsError> {
///     let rules = Rules::<N, C>::try_from(*end)?;
///     let mut burst = Burst::<N, C>::new(); // firmware: a static
///     while let Some(axes) = sample() {
///         if let Some(features) = burst.push(&rules, axes) {
///             judge(end.frame(&features));
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FrontEnd<'m> {
    bytes: &'m [u8],
    at: usize,
    variables: usize,
}

impl<'m> FrontEnd<'m> {
    /// Checks the section at an offset, of a model with a number of variables.
    pub(super) fn read(bytes: &'m [u8], at: usize, variables: usize) -> Result<Self, ModelError> {
        let end = Self {
            bytes,
            at,
            variables,
        };
        require(u8_at(bytes, at) == BURST, at)?;
        let sizes = SIZES.start().ilog2()..=SIZES.end().ilog2();
        require(sizes.contains(&u8_at(bytes, at + 1).into()), at + 1)?;
        require(end.hop() > 0, at + 2)?;
        require(u16_at(bytes, at + 6) == 0, at + 6)?;
        // Signal by signal: each signal has a variable, and a name through it.
        let mut signals = 0;
        for k in 0..variables {
            let at = end.source_at(k);
            let signal = u16_at(bytes, at);
            let begins = signal == signals && signal < end.signals();
            require(begins || signal.checked_add(1) == Some(signals), at)?;
            signals = signals.max(signal.saturating_add(1));
            let code = u8_at(bytes, at + 2);
            require(Statistic::from_code(code).is_some(), at + 2)?;
            require(u8_at(bytes, at + 3) == 0, at + 3)?;
        }
        require(signals == end.signals(), at + 4)?;
        Ok(end)
    }

    /// Bytes of the section.
    pub(super) const fn length(variables: usize) -> usize {
        FRONT_END_BYTES + SOURCE_BYTES * variables
    }

    const fn source_at(&self, variable: usize) -> usize {
        self.at + Self::length(variable)
    }

    /// Samples of a burst.
    pub fn samples(&self) -> usize {
        let log2 = u32::from(u8_at(self.bytes, self.at + 1));
        1_usize.checked_shl(log2).unwrap_or(0)
    }

    /// Samples from the beginning of a burst to the next.
    pub fn hop(&self) -> u16 {
        u16_at(self.bytes, self.at + 2)
    }

    /// Number of signals.
    pub fn signals(&self) -> u16 {
        u16_at(self.bytes, self.at + 4)
    }

    /// The sources of the model's variables, in order.
    pub fn sources(&self) -> impl Iterator<Item = Source> + use<'m> {
        let end = *self;
        (0..end.variables).filter_map(move |k| {
            let at = end.source_at(k);
            Some(Source {
                signal: u16_at(end.bytes, at),
                statistic: Statistic::from_code(u8_at(end.bytes, at + 2))?,
            })
        })
    }

    /// The frame of the model's variables, from the features of each signal. Variables beyond the model's
    /// are missing.
    pub fn frame<const V: usize>(&self, features: &[[Reading; Statistic::COUNT]]) -> [Reading; V] {
        let mut frame = [Reading::Absent(Cause::Missing); V];
        for (place, Source { signal, statistic }) in frame.iter_mut().zip(self.sources()) {
            let features = features.get(usize::from(signal));
            let feature = features.and_then(|of| of.get(usize::from(statistic.code())));
            if let Some(feature) = feature {
                *place = *feature;
            }
        }
        frame
    }
}

impl<const N: usize, const C: usize> TryFrom<FrontEnd<'_>> for Rules<N, C> {
    type Error = SettingsError;

    /// Refuses bursts of another length, and another number of signals.
    fn try_from(end: FrontEnd<'_>) -> Result<Self, SettingsError> {
        let sizes = [
            ("front_end.samples", end.samples(), N),
            ("front_end.signals", end.signals().into(), C),
        ];
        for (field, found, expected) in sizes {
            if found != expected {
                let allowed = Allowed::Exactly(expected as f32);
                return Err(SettingsError::new(field, found as f32, allowed));
            }
        }
        Self::new(end.hop())
    }
}
