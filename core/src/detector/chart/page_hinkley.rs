//! The test of Page and Hinkley (Hinkley, Biometrika 57, 1970) on both sides: a change of level, which is
//! then taken for normal.
//!
//! ```text
//! mean  = mean of z since the last change
//! up    = max(0, up + z - mean - slack)    down = max(0, down - z + mean - slack)
//! score = max(up, down)                     anomalous: score > limit; then all begins anew
//! ```
//!
//! `up` is the sum of Hinkley's test less its smallest value so far. A change of level gives one anomalous row
//! and not a long alarm. The mean weighs the last `memory` values alike at first, and then exponentially, so
//! that a slow drift passes.

use super::{Chart, Charted, Point};
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Deviations that a value may be off the mean without adding; finite, 0 or more.
    pub slack: f32,
    /// Sum above which a variable has changed; finite and above 0.
    pub limit: f32,
    /// Values of the mean, 2 or more.
    pub memory: u32,
}

impl Settings {
    /// A change of two deviations within ten rows.
    pub const DEFAULT: Self = Self {
        slack: 0.5,
        limit: 10.0,
        memory: 1000,
    };
}

impl Charted for Settings {
    type Chart = PageHinkley;
}

/// Mean and sums of a variable since its last change.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct PageHinkley {
    mean: f32,
    up: f32,
    down: f32,
    count: u32,
}

impl Chart for PageHinkley {
    type Settings = Settings;
    const NAME: &'static str = "page_hinkley";
    const NEW: Self = Self {
        mean: 0.0,
        up: 0.0,
        down: 0.0,
        count: 0,
    };
    const DEFAULT: Settings = Settings::DEFAULT;

    fn check(settings: &Settings) -> Result<(), SettingsError> {
        let Settings {
            slack,
            limit,
            memory,
        } = *settings;
        if !(slack.is_finite() && slack >= 0.0) {
            return Err(SettingsError::new("slack", slack, Allowed::AtLeast(0.0)));
        }
        if !(limit.is_finite() && limit > 0.0) {
            return Err(SettingsError::new("limit", limit, Allowed::Above(0.0)));
        }
        if memory < 2 {
            let found = memory as f32;
            return Err(SettingsError::new("memory", found, Allowed::AtLeast(2.0)));
        }
        Ok(())
    }

    fn step(&mut self, settings: &Settings, _: Tick, z: f32) -> Point {
        let Settings {
            slack,
            limit,
            memory,
        } = *settings;
        let expected = if self.count == 0 { z } else { self.mean };
        self.count = self.count.saturating_add(1).min(memory);
        self.mean = expected + (z - expected) / self.count as f32;
        self.up = (self.up + z - self.mean - slack).max(0.0);
        self.down = (self.down - z + self.mean - slack).max(0.0);
        let point = Point {
            score: self.up.max(self.down),
            limit,
            expected,
        };
        if point.is_out() {
            *self = Self::NEW;
        }
        point
    }

    fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.mean, self.up, self.down, self.count));
    }

    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (mean, up, down, count) = body.take()?;
        let sum = |x: f32| x.is_finite() && x >= 0.0;
        let read = Self {
            mean,
            up,
            down,
            count,
        };
        match read.mean.is_finite() && sum(up) && sum(down) {
            true => Ok(read),
            false => Err(body.content()),
        }
    }
}
