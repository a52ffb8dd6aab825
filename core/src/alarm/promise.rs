//! The one knob of the alarms: the number of false alarms that a user accepts.
//!
//! ```text
//! T(p) = 6·p^-0.4          threshold of the severity at a promise of p false alarms per 10,000 rows
//! p(s) = (6 / s)^2.5       its inverse: how often a severity s is to be expected
//!
//! p:  0.1   0.5   1     3     10    20
//! T:  15.1  7.92  6.00  3.87  2.39  1.81
//! ```
//!
//! The curve was fitted to eight public sets of recordings (182 series) between 0.5 and 20 per
//! 10,000 rows. On recordings that took no part in the fit, promises of 1, 3 and 10 gave 1.9, 3.6
//! and 9.6 false alarms per 10,000 rows, at most three times the promise on 85 to 94 % of the series.
//! Beyond that range the curve is extrapolated.

use crate::error::{Allowed, SettingsError};
use crate::math::pow;
use core::fmt;

/// Threshold of a promise of 1.
const SCALE: f32 = 6.0;
const POWER: f32 = 0.4;
/// Rows that a promise refers to.
const ROWS: f32 = 10_000.0;
const DAY_SECONDS: f32 = 86_400.0;
const MONTH_DAYS: f32 = 30.0;

/// The false alarms a user accepts. 1 per 10,000 rows by default.
///
/// That is one a week at a row a minute, one in five weeks at a row in five minutes, and one in
/// 14 months at a row an hour. Slow streams want a higher promise: it makes alarms more sensitive.
///
/// A fast stream is assessed in frames, each a row of a chosen period: at one row a second, a
/// promise of 1 is 8.6 false alarms a day. Frames of 15 to 60 seconds suit a machine at 1 Hz.
///
/// ```
/// use bellwether::alarm::{Basis, Promise};
/// let weekly = Promise::per_month(4.0, 60.0)?; // four a month, a row a minute
/// assert!((weekly.rate() - 0.926).abs() < 0.001);
/// assert_eq!(weekly.basis(), Basis::Calibrated);
/// assert!((weekly.days_between(60.0) - 7.5).abs() < 0.001);
///
/// let hourly = Promise::per_day(0.01, 3600.0)?; // one in 100 days, a row an hour
/// assert_eq!(hourly.basis(), Basis::Calibrated);
/// let rare = Promise::per_day(0.01, 10.0)?; // the same, a row in ten seconds
/// assert_eq!(rare.basis().to_string(), "extrapolated");
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Promise(f32);

impl Default for Promise {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Promise {
    /// 1 per 10,000 rows.
    pub const DEFAULT: Self = Self(1.0);
    /// Smallest and largest promise.
    pub const RANGE: (f32, f32) = (0.001, 1000.0);
    /// Smallest and largest promise that the curve was fitted to.
    pub const CALIBRATED: (f32, f32) = (0.5, 20.0);

    /// A promise of `alarms` per 10,000 rows, 0.001 to 1,000.
    ///
    /// # Errors
    /// The number is out of range.
    pub const fn per_10_000_rows(alarms: f32) -> Result<Self, SettingsError> {
        let (low, high) = Self::RANGE;
        if alarms >= low && alarms <= high {
            Ok(Self(alarms))
        } else {
            let allowed = Allowed::Within(low, high);
            Err(SettingsError::new("promise", alarms, allowed))
        }
    }

    /// A promise of `alarms` per day of 86,400 seconds, with a row every `row_seconds`.
    ///
    /// # Errors
    /// The period is not above 0, or the promise per 10,000 rows is out of range.
    pub const fn per_day(alarms: f32, row_seconds: f32) -> Result<Self, SettingsError> {
        if !(row_seconds.is_finite() && row_seconds > 0.0) {
            let allowed = Allowed::Above(0.0);
            return Err(SettingsError::new("row_seconds", row_seconds, allowed));
        }
        Self::per_10_000_rows(alarms * (ROWS * row_seconds / DAY_SECONDS))
    }

    /// A promise of `alarms` per month of 30 days, with a row every `row_seconds`.
    ///
    /// # Errors
    /// As [`Self::per_day`].
    pub const fn per_month(alarms: f32, row_seconds: f32) -> Result<Self, SettingsError> {
        Self::per_day(alarms / MONTH_DAYS, row_seconds)
    }

    /// False alarms per 10,000 rows.
    pub const fn rate(self) -> f32 {
        self.0
    }

    /// Mean number of days between two false alarms, with a row every `row_seconds`.
    pub const fn days_between(self, row_seconds: f32) -> f32 {
        ROWS * row_seconds / DAY_SECONDS / self.0
    }

    /// Whether the promise lies in the range that was fitted.
    pub const fn basis(self) -> Basis {
        let (low, high) = Self::CALIBRATED;
        if self.0 >= low && self.0 <= high {
            Basis::Calibrated
        } else {
            Basis::Extrapolated
        }
    }

    /// False alarms per 10,000 rows to be expected of a severity: the promise whose threshold it
    /// is. Infinite for severities of 0 and less.
    pub fn rate_of(severity: f32) -> f32 {
        if severity > 0.0 {
            pow(SCALE / severity, 1.0 / POWER)
        } else {
            f32::INFINITY
        }
    }

    /// T of `factor` times the promise.
    pub(super) fn threshold(self, factor: f32) -> f32 {
        SCALE * pow(self.0 * factor, -POWER)
    }
}

/// The support behind a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Basis {
    /// Within the range that was fitted to recordings, 0.5 to 20 per 10,000 rows.
    Calibrated,
    /// Outside of it: the curve continues, unproven.
    Extrapolated,
}

impl Basis {
    /// The support as one lower-case word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calibrated => "calibrated",
            Self::Extrapolated => "extrapolated",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
