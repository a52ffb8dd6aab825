//! The choices of a user, and their check.

use crate::error::{Allowed, SettingsError};

/// The occasions on which the costly detector is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Wake {
    /// Share of the watcher's threshold above which a row wakes, above 0. An anomaly of the watcher always does.
    pub share: f32,
    /// Rows that follow an odd one and are taken too.
    pub hold: u32,
    /// The costly detector is asked at least every so many rows, 1 or more; `None`: only if woken.
    pub check: Option<u32>,
}

impl Wake {
    /// The watcher's anomalies and 10 rows after each; no checks.
    pub const DEFAULT: Self = Self {
        share: 1.0,
        hold: 10,
        check: None,
    };
}

/// The choices of a user: those of both detectors.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<W, C> {
    /// Of the watcher.
    pub watcher: W,
    /// Of the costly detector.
    pub costly: C,
    /// The occasions on which the costly detector is asked.
    pub wake: Wake,
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<W, C> {
    pub(super) watcher: W,
    pub(super) costly: C,
    pub(super) wake: Wake,
}

impl<W, C> Rules<W, C> {
    /// Those of the watcher.
    pub const fn watcher(&self) -> &W {
        &self.watcher
    }

    /// Those of the costly detector.
    pub const fn costly(&self) -> &C {
        &self.costly
    }

    /// The occasions on which the costly detector is asked.
    pub const fn wake(&self) -> Wake {
        self.wake
    }
}

impl<SW, SC, W, C> TryFrom<Settings<SW, SC>> for Rules<W, C>
where
    W: TryFrom<SW, Error = SettingsError>,
    C: TryFrom<SC, Error = SettingsError>,
{
    type Error = SettingsError;

    fn try_from(settings: Settings<SW, SC>) -> Result<Self, SettingsError> {
        let Settings {
            watcher,
            costly,
            wake,
        } = settings;
        if !(wake.share.is_finite() && wake.share > 0.0) {
            return Err(SettingsError::new("share", wake.share, Allowed::Above(0.0)));
        }
        if wake.check == Some(0) {
            return Err(SettingsError::new("check", 0.0, Allowed::AtLeast(1.0)));
        }
        Ok(Self {
            watcher: watcher.try_into()?,
            costly: costly.try_into()?,
            wake,
        })
    }
}
