//! A profile of a day, or of any period: the mean of each of `B` parts of it, and the distance of each value
//! from the mean of its part.
//!
//! ```text
//! part  = B (tick mod period) / period, rounded down
//! score = |z - mean_part| / max(√variance, least)    anomalous: score > limit
//! d = z - mean_part    mean_part += d / min(n_part, memory)    variance += (d² - variance) / 1000
//! ```
//!
//! A part without a value yet expects the learned mean, and the variance begins at 1: that of the learned
//! rows, which holds the season too. Both are learned on while values come. `d` is at most 4 deviations there, so
//! that a fault of an hour does not become the profile.

use super::gaussian::check;
use super::{Chart, Charted, Point};
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::math::{abs, sqrt};
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// Rows of the variance.
const ROWS: f32 = 1000.0;
/// Most deviations that are learned from.
const LEARNED: f32 = 4.0;

/// The choices of a user, for a profile of `B` parts.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<const B: usize> {
    /// Ticks of a period, at least `B`.
    pub period: u32,
    /// Values of a part's mean, 1 to 255.
    pub memory: u8,
    /// Deviations above which a value is anomalous; finite and above 0.
    pub limit: f32,
    /// Smallest deviation, in learned ones; finite and above 0.
    pub least: f32,
}

impl<const B: usize> Settings<B> {
    /// A day of minutes, the last 255 values of a part, five deviations.
    pub const DEFAULT: Self = Self {
        period: 1440,
        memory: 255,
        limit: 5.0,
        least: 0.1,
    };
}

impl<const B: usize> Charted for Settings<B> {
    type Chart = Profile<B>;
}

/// The profile of a variable.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Profile<const B: usize> {
    means: [f32; B],
    /// Values of each mean, at most 255.
    counts: [u8; B],
    /// The variance less 1, so that a new state is all zeros.
    beyond: f32,
}

impl<const B: usize> Default for Profile<B> {
    fn default() -> Self {
        Self::NEW
    }
}

impl<const B: usize> Chart for Profile<B> {
    type Settings = Settings<B>;
    const NAME: &'static str = "profile";
    const SIZES: [usize; 2] = [B, 0];
    const NEW: Self = Self {
        means: [0.0; B],
        counts: [0; B],
        beyond: 0.0,
    };
    const DEFAULT: Settings<B> = Settings::DEFAULT;

    fn check(settings: &Settings<B>) -> Result<(), SettingsError> {
        let Settings {
            period,
            memory,
            limit,
            least,
        } = *settings;
        if (period as usize) < B {
            let allowed = Allowed::AtLeast(B as f32);
            return Err(SettingsError::new("period", period as f32, allowed));
        }
        if memory == 0 {
            return Err(SettingsError::count("memory", 0, 255));
        }
        check(limit, least)
    }

    fn step(&mut self, settings: &Settings<B>, tick: Tick, z: f32) -> Point {
        let period = u64::from(settings.period.max(1));
        let part = (tick.0 % period * B as u64 / period) as usize;
        let variance = (1.0 + self.beyond).max(0.0);
        let deviation = sqrt(variance).max(settings.least);
        let (Some(mean), Some(count)) = (self.means.get_mut(part), self.counts.get_mut(part))
        else {
            return Point::default();
        };
        let (expected, off) = (*mean, z - *mean);
        // `clamp` panics if its bounds are no numbers.
        let most = LEARNED * deviation;
        let learned = off.max(-most).min(most);
        *count = count.saturating_add(1).min(settings.memory);
        // The first value of a part is its profile: the variance holds the season until then.
        *mean += learned / f32::from(*count);
        self.beyond += (learned * learned - variance) / ROWS;
        Point {
            score: abs(off) / deviation,
            limit: settings.limit,
            expected,
        }
    }

    fn save(&self, body: &mut Writer<'_>) {
        body.put(&self.beyond);
        for (mean, count) in self.means.iter().zip(&self.counts) {
            body.put(&(*mean, *count));
        }
    }

    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut read = Self::NEW;
        read.beyond = body.take()?;
        let mut whole = read.beyond.is_finite() && read.beyond >= -1.0;
        for (mean, count) in read.means.iter_mut().zip(&mut read.counts) {
            (*mean, *count) = body.take()?;
            whole &= mean.is_finite();
        }
        match whole {
            true => Ok(read),
            false => Err(body.content()),
        }
    }
}
