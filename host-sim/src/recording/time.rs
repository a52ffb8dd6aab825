//! Timestamps: as seconds, and for readers.

pub mod clock;

use std::ops::Range;

/// Timestamps taken as seconds since 1970: from 1973 to 2286.
pub const SECONDS: Range<i64> = 100_000_000..10_000_000_000;

/// The reading of a recording's timestamps, determined by all shown ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamps {
    /// [`SECONDS`], shown as UTC.
    Seconds {
        /// Whether one of them is not a whole minute.
        fine: bool,
    },
    /// Any other text, shown unchanged.
    Text,
}

impl Stamps {
    /// Determines the reading of timestamps.
    pub fn of(times: &[String]) -> Self {
        let mut fine = false;
        for time in times {
            match time.parse::<i64>() {
                Ok(seconds) if SECONDS.contains(&seconds) => {
                    fine |= seconds % 60 != 0;
                }
                _ => return Self::Text,
            }
        }
        if times.is_empty() {
            Self::Text
        } else {
            Self::Seconds { fine }
        }
    }

    /// The timestamp as a number of seconds.
    pub fn seconds(self, time: &str) -> Option<i64> {
        match self {
            Self::Seconds { .. } => time.parse().ok(),
            Self::Text => None,
        }
    }

    /// The timestamp as text.
    pub fn show(self, time: &str) -> String {
        match (self, self.seconds(time)) {
            (Self::Seconds { fine: true }, Some(seconds)) => {
                format!("{}:{:02}", clock(seconds), seconds.rem_euclid(60))
            }
            (_, Some(seconds)) => clock(seconds),
            _ => time.to_owned(),
        }
    }
}

/// One timestamp as text: [`SECONDS`] as UTC, any other unchanged.
pub fn readable(time: &str) -> String {
    Stamps::of(&[time.to_owned()]).show(time)
}

/// `YYYY-MM-DD HH:MM` of seconds since 1970, UTC (Hinnant's civil_from_days).
pub fn clock(timestamp: i64) -> String {
    let (days, seconds) = (timestamp.div_euclid(86_400), timestamp.rem_euclid(86_400));
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + 400 * era + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(times: &[&str]) -> Vec<String> {
        times.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn only_plausible_seconds_are_shown_as_dates() {
        let stamps = Stamps::of(&texts(&["1635379200", "1635379260"]));
        assert_eq!(stamps, Stamps::Seconds { fine: false });
        assert_eq!(stamps.show("1635402960"), "2021-10-28 06:36");
        let fine = Stamps::of(&texts(&["1635379200", "1635379261"]));
        assert_eq!(fine.show("1635402961"), "2021-10-28 06:36:01");
        for odd in ["60", "2021-10-28", "1635379200.5", "99999999999"] {
            let stamps = Stamps::of(&texts(&["1635379200", odd]));
            assert_eq!((stamps, stamps.show(odd)), (Stamps::Text, odd.to_owned()));
        }
        assert_eq!(Stamps::of(&[]), Stamps::Text);
    }

    #[test]
    fn clock_is_the_calendar() {
        assert_eq!(clock(0), "1970-01-01 00:00");
        assert_eq!(clock(1_635_402_960), "2021-10-28 06:36");
        assert_eq!(clock(1_767_571_200), "2026-01-05 00:00");
        assert_eq!(clock(1_709_164_800), "2024-02-29 00:00");
    }
}
