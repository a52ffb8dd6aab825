//! Two limits about the learned mean with hysteresis: warning and critical, as those of a board's sensors.
//!
//! ```text
//! score = |z|
//! level rises to warning above `warning`, to critical above `critical`
//! level falls below a limit less `hysteresis`
//! anomalous: the level is at least `alarm`
//! ```

use super::{Chart, Charted, Point};
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::math::abs;
use crate::sample::Tick;
use crate::wire::snapshot::{Reader, Writer};

/// How far a variable is out of its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Level {
    /// Within its limits.
    #[default]
    Within,
    /// Beyond the first limit.
    Warning,
    /// Beyond the second limit.
    Critical,
}

/// The choices of a user, in deviations from the learned mean.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// The first limit; finite and above 0.
    pub warning: f32,
    /// The second limit, at least the first.
    pub critical: f32,
    /// How far below a limit its level ends; 0 or more, below `warning`.
    pub hysteresis: f32,
    /// The level from which on a row is anomalous: `Warning` or `Critical`.
    pub alarm: Level,
}

impl Settings {
    /// A warning from four deviations on, critical from six on; a level ends one below.
    pub const DEFAULT: Self = Self {
        warning: 4.0,
        critical: 6.0,
        hysteresis: 1.0,
        alarm: Level::Critical,
    };
}

impl Charted for Settings {
    type Chart = Limits;
}

/// The level of a variable.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Limits {
    level: Level,
}

impl Limits {
    /// The level of the last value.
    pub const fn level(self) -> Level {
        self.level
    }
}

impl Chart for Limits {
    type Settings = Settings;
    const NAME: &'static str = "limits";
    const NEW: Self = Self {
        level: Level::Within,
    };
    const DEFAULT: Settings = Settings::DEFAULT;

    fn check(settings: &Settings) -> Result<(), SettingsError> {
        let Settings {
            warning,
            critical,
            hysteresis,
            alarm,
        } = *settings;
        if !(warning.is_finite() && warning > 0.0) {
            return Err(SettingsError::new("warning", warning, Allowed::Above(0.0)));
        }
        if !(critical.is_finite() && critical >= warning) {
            let allowed = Allowed::AtLeast(warning);
            return Err(SettingsError::new("critical", critical, allowed));
        }
        if !(0.0..warning).contains(&hysteresis) {
            let allowed = Allowed::Below(0.0, warning);
            return Err(SettingsError::new("hysteresis", hysteresis, allowed));
        }
        if alarm == Level::Within {
            return Err(SettingsError::new("alarm", 0.0, Allowed::Within(1.0, 2.0)));
        }
        Ok(())
    }

    fn step(&mut self, settings: &Settings, _: Tick, z: f32) -> Point {
        let score = abs(z);
        // A level that is reached ends lower than it begins.
        let limit = |level: Level, at: f32| match self.level >= level {
            true => at - settings.hysteresis,
            false => at,
        };
        let warning = limit(Level::Warning, settings.warning);
        let critical = limit(Level::Critical, settings.critical);
        self.level = match () {
            () if score > critical => Level::Critical,
            () if score > warning => Level::Warning,
            () => Level::Within,
        };
        Point {
            score,
            limit: match settings.alarm {
                Level::Critical => critical,
                _ => warning.min(critical),
            },
            expected: 0.0,
        }
    }

    fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.level as u8));
    }

    fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let level = match body.take::<u8>()? {
            0 => Level::Within,
            1 => Level::Warning,
            2 => Level::Critical,
            _ => return Err(body.content()),
        };
        Ok(Self { level })
    }
}
