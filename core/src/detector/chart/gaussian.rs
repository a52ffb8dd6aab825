//! Mean and variance that weigh the last values exponentially (Finch, Incremental calculation of weighted
//! mean and variance, 2009), and the distance of each value from them before it is learned.
//!
//! ```text
//! score = |z - mean| / max(√variance, least)        anomalous: score > limit
//! d = z - mean    mean += d / memory    variance = (1 - 1/memory) (variance + d² / memory)
//! ```
//!
//! Mean and variance begin with those of the learned rows: 0 and 1.

use super::{Chart, Charted, Point};
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::math::{abs, sqrt};
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Rows after which a value weighs a third, 2 or more.
    pub memory: u32,
    /// Deviations above which a value is anomalous; finite and above 0.
    pub limit: f32,
    /// Smallest deviation, in learned ones; finite and above 0.
    pub least: f32,
}

impl Settings {
    /// Four deviations of the last hundred rows.
    pub const DEFAULT: Self = Self {
        memory: 100,
        limit: 4.0,
        least: 0.1,
    };
}

impl Charted for Settings {
    type Chart = Gaussian;
}

/// Mean and variance of a variable, less those of the learned rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gaussian {
    mean: f32,
    /// The variance less 1, so that a new state is all zeros.
    beyond: f32,
}

/// A limit in deviations of which the least is given.
pub(super) fn check(limit: f32, least: f32) -> Result<(), SettingsError> {
    let above = |field, found: f32| match found.is_finite() && found > 0.0 {
        true => Ok(()),
        false => Err(SettingsError::new(field, found, Allowed::Above(0.0))),
    };
    above("limit", limit)?;
    above("least", least)
}

impl Chart for Gaussian {
    type Settings = Settings;
    const NAME: &'static str = "gaussian";
    const NEW: Self = Self {
        mean: 0.0,
        beyond: 0.0,
    };
    const DEFAULT: Settings = Settings::DEFAULT;

    fn check(settings: &Settings) -> Result<(), SettingsError> {
        if settings.memory < 2 {
            let found = settings.memory as f32;
            return Err(SettingsError::new("memory", found, Allowed::AtLeast(2.0)));
        }
        check(settings.limit, settings.least)
    }

    fn step(&mut self, settings: &Settings, _: Tick, z: f32) -> Point {
        let variance = (1.0 + self.beyond).max(0.0);
        let off = z - self.mean;
        let point = Point {
            score: abs(off) / sqrt(variance).max(settings.least),
            limit: settings.limit,
            expected: self.mean,
        };
        let weight = 1.0 / settings.memory as f32;
        self.mean += off * weight;
        self.beyond = (1.0 - weight) * (variance + off * off * weight) - 1.0;
        point
    }

    fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.mean, self.beyond));
    }

    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (mean, beyond) = body.take()?;
        let read = Self { mean, beyond };
        match read.mean.is_finite() && read.beyond.is_finite() && beyond >= -1.0 {
            true => Ok(read),
            false => Err(body.content()),
        }
    }
}
