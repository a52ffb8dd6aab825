//! Dates and times of day, read from a text.

use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Date and time, and the distance of the zone from UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub(super) year: i16,
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) of_day: f64,
    pub(super) east: f64,
}

impl Parts {
    pub(super) fn seconds(self) -> Option<f64> {
        let midnight = DateTime::new(self.year, self.month, self.day, 0, 0, 0, 0).ok()?;
        let midnight = Offset::UTC.to_timestamp(midnight).ok()?;
        Some(midnight.as_second() as f64 + self.of_day - self.east)
    }
}

pub(super) enum Parsed {
    Date(Parts),
    /// Day and month could be exchanged.
    Either(Parts),
    OfDay(f64),
}

pub(super) fn of_day(hour: i32, minute: i32, second: f64) -> Option<f64> {
    let fits =
        (0..=24).contains(&hour) && (0..60).contains(&minute) && (0.0..61.0).contains(&second);
    fits.then(|| f64::from(3600 * hour + 60 * minute) + second)
}
