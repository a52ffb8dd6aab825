//! The choices of a user, checked.

use crate::error::{Allowed, SettingsError};

/// Fewest excesses of a calibration.
const FEWEST: u32 = 4;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Probability of a score above the threshold, 1e-6 or more and below `1 - level`.
    pub risk: f32,
    /// Share of calibration scores that are not excesses, 0.5 to 0.999.
    pub level: f32,
    /// Scores of the calibration. `(1 - level)·calibration` excesses are 4 or more, and fewer than
    /// the capacity.
    pub calibration: u32,
}

impl Settings {
    /// 1 in 10,000; above the 98 % quantile of 1,000 scores, as in the paper.
    pub const DEFAULT: Self = Self {
        risk: 1e-4,
        level: 0.98,
        calibration: 1000,
    };
}

/// Checked [`Settings`], for a [`SpotThreshold`](super::SpotThreshold) of the same capacity.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const C: usize> {
    pub(super) risk: f32,
    pub(super) calibration: u32,
    /// Excesses of the calibration.
    pub(super) excesses: u16,
}

impl<const C: usize> Rules<C> {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the setting that is out of range.
    pub const fn new(settings: Settings) -> Result<Self, SettingsError> {
        const {
            assert!(C > 4 && C <= 1024, "5 to 1024 excesses");
        };
        let Settings {
            risk,
            level,
            calibration,
        } = settings;
        if !(level >= 0.5 && level <= 0.999) {
            let allowed = Allowed::Within(0.5, 0.999);
            return Err(SettingsError::new("level", level, allowed));
        }
        if !(risk >= 1e-6 && risk < 1.0 - level) {
            let allowed = Allowed::Below(1e-6, 1.0 - level);
            return Err(SettingsError::new("risk", risk, allowed));
        }
        let excesses = ((1.0 - level) * calibration as f32 + 0.5) as u32;
        if excesses < FEWEST || excesses as usize >= C {
            let share = 1.0 - level;
            let allowed = Allowed::Within(FEWEST as f32 / share, (C - 1) as f32 / share);
            let found = calibration as f32;
            return Err(SettingsError::new("calibration", found, allowed));
        }
        Ok(Self {
            risk,
            calibration,
            excesses: excesses as u16,
        })
    }

    /// Probability of a score above the threshold.
    pub const fn risk(&self) -> f32 {
        self.risk
    }

    /// Scores of the calibration.
    pub const fn calibration(&self) -> u32 {
        self.calibration
    }
}

impl<const C: usize> TryFrom<Settings> for Rules<C> {
    type Error = SettingsError;

    fn try_from(settings: Settings) -> Result<Self, SettingsError> {
        Self::new(settings)
    }
}
