//! The choices of a user, checked.

use super::Promise;
use super::guard::Guard;
use crate::error::{Allowed, SettingsError};

/// Fewest rows per day for a season: a row an hour.
const FEWEST: u16 = 24;

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// The false alarms to be accepted.
    pub promise: Promise,
    /// Rows per day, 24 to 65,535, if they are known: what happens daily raises no alarm from about
    /// the fourth day on. `None`: no season.
    pub rows_per_day: Option<u16>,
}

impl Settings {
    /// A promise of 1 per 10,000 rows, no season.
    pub const DEFAULT: Self = Self {
        promise: Promise::DEFAULT,
        rows_per_day: None,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Checked [`Settings`], and the numbers that follow from them, for an
/// [`Alarm`](super::Alarm) with as many buckets.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const BUCKETS: usize> {
    promise: Promise,
    info: f32,
    warning: f32,
    critical: f32,
    pub(super) refill: u32,
    /// Rows per day, 0 without a season.
    pub(super) day: u16,
}

impl<const BUCKETS: usize> Rules<BUCKETS> {
    /// Checks the settings.
    ///
    /// # Errors
    /// `rows_per_day` is below 24, or there is no bucket for a season.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let Settings {
            promise,
            rows_per_day,
        } = settings;
        let day = rows_per_day.unwrap_or(0);
        let refused = |allowed| SettingsError::new("rows_per_day", day.into(), allowed);
        match rows_per_day {
            Some(_) if BUCKETS == 0 => return Err(refused(Allowed::Exactly(0.0))),
            Some(..FEWEST) => {
                let allowed = Allowed::Within(FEWEST.into(), u16::MAX.into());
                return Err(refused(allowed));
            }
            _ => {}
        }
        Ok(Self {
            promise,
            info: promise.threshold(10.0),
            warning: promise.threshold(1.0),
            critical: promise.threshold(1.0 / 3.0),
            refill: Guard::refill(promise),
            day,
        })
    }

    /// The promise.
    pub const fn promise(&self) -> Promise {
        self.promise
    }

    /// Rows per day, if there is a season.
    pub const fn rows_per_day(&self) -> Option<u16> {
        match self.day {
            0 => None,
            day => Some(day),
        }
    }

    /// Severity of a row worth a line in a log: the threshold of ten times the promise.
    pub const fn info(&self) -> f32 {
        self.info
    }

    /// Severity of an alarm, T, before guard and season: [`Event::threshold`](super::Event) is
    /// never below it.
    pub const fn warning(&self) -> f32 {
        self.warning
    }

    /// Severity of a critical alarm: the threshold of a third of the promise.
    pub const fn critical(&self) -> f32 {
        self.critical
    }
}

impl<const BUCKETS: usize> TryFrom<Settings> for Rules<BUCKETS> {
    type Error = SettingsError;

    fn try_from(settings: Settings) -> Result<Self, SettingsError> {
        Self::new(settings)
    }
}
