//! The choices of a user, and their check.

use super::BUCKETS;
use crate::alarm;
use crate::error::SettingsError;
use crate::quartet::{self, Shape, fitting};

/// The choices of a user: those of the detector, and those of its alarms.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings<S> {
    /// Of the detector.
    pub detector: S,
    /// Of the alarms: the promise, and the rows per day if they are known.
    pub alarm: alarm::Settings,
}

impl Settings<fitting::Settings> {
    /// Defaults for a quartet of a shape that fits itself to the first `rows`, 20 or more. Learning is
    /// spread over rows, so that all cost alike.
    pub const fn of_shape(shape: Shape, rows: u32) -> Self {
        let quartet = quartet::Settings {
            distances_per_row: Some(DISTANCES_PER_ROW),
            ..quartet::Settings::new(shape)
        };
        Self {
            detector: fitting::Settings { quartet, rows },
            alarm: alarm::Settings::DEFAULT,
        }
    }
}

/// Distances of learning per row, with which a candidate is learned before the next one comes.
pub const DISTANCES_PER_ROW: u16 = 16;

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<R> {
    detector: R,
    alarm: alarm::Rules<BUCKETS>,
}

impl<R> Rules<R> {
    /// Those of the detector.
    pub const fn detector(&self) -> &R {
        &self.detector
    }

    /// Those of the alarms.
    pub const fn alarm(&self) -> &alarm::Rules<BUCKETS> {
        &self.alarm
    }
}

impl<S, R: TryFrom<S, Error = SettingsError>> TryFrom<Settings<S>> for Rules<R> {
    type Error = SettingsError;

    fn try_from(settings: Settings<S>) -> Result<Self, SettingsError> {
        Ok(Self {
            detector: settings.detector.try_into()?,
            alarm: settings.alarm.try_into()?,
        })
    }
}
