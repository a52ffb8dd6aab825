//! Cumulative sums (Page, Biometrika 41, 1954): small shifts that last.
//!
//! ```text
//! high = min(max(0, high + z - slack), 2 limit)    low = min(max(0, low - z - slack), 2 limit)
//! score = max(high, low)                            anomalous: score > limit
//! ```
//!
//! A shift of d deviations is found after about limit / (d - slack) rows. Without a shift, `slack` 0.5 and
//! `limit` 5 give a false alarm every 465 rows of independent normal values (Montgomery, Introduction to
//! Statistical Quality Control, table 9.4), 8 one in some 100,000.
//!
//! Differs from Page: sums end at twice the limit, so that an alarm ends soon after its cause.

use super::{Chart, Charted, Point};
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Deviations that a value may be off without adding, half of the shift to find; finite, 0 or more.
    pub slack: f32,
    /// Sum above which a variable is anomalous; finite and above 0.
    pub limit: f32,
}

impl Settings {
    /// A shift of one deviation within ten rows.
    pub const DEFAULT: Self = Self {
        slack: 0.5,
        limit: 5.0,
    };
}

impl Charted for Settings {
    type Chart = Cusum;
}

/// Two sums of a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cusum {
    high: f32,
    low: f32,
}

impl Chart for Cusum {
    type Settings = Settings;
    const NAME: &'static str = "cusum";
    const NEW: Self = Self {
        high: 0.0,
        low: 0.0,
    };
    const DEFAULT: Settings = Settings::DEFAULT;

    fn check(settings: &Settings) -> Result<(), SettingsError> {
        let Settings { slack, limit } = *settings;
        if !(slack.is_finite() && slack >= 0.0) {
            return Err(SettingsError::new("slack", slack, Allowed::AtLeast(0.0)));
        }
        if !(limit.is_finite() && limit > 0.0) {
            return Err(SettingsError::new("limit", limit, Allowed::Above(0.0)));
        }
        Ok(())
    }

    fn step(&mut self, settings: &Settings, _: Tick, z: f32) -> Point {
        let Settings { slack, limit } = *settings;
        let most = 2.0 * limit;
        self.high = (self.high + z - slack).max(0.0).min(most);
        self.low = (self.low - z - slack).max(0.0).min(most);
        Point {
            score: self.high.max(self.low),
            limit,
            expected: 0.0,
        }
    }

    fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.high, self.low));
    }

    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (high, low) = body.take()?;
        let sum = |x: f32| x.is_finite() && x >= 0.0;
        match sum(high) && sum(low) {
            true => Ok(Self { high, low }),
            false => Err(body.content()),
        }
    }
}
