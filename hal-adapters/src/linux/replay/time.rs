//! Times of rows: numbers since 1970 in any unit, and dates.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use std::str;

/// Names of a column of times, in lower case.
const NAMES: [&str; 14] = [
    "timestamp",
    "time",
    "date",
    "datetime",
    "ts",
    "t",
    "at",
    "at_ms",
    "epoch",
    "unix",
    "utc",
    "timestamp_ms",
    "time_ms",
    "time_s",
];

/// Whether a column is one of times, by its name or the date in its first row.
pub(super) fn is_time(name: &str, first: Option<&[u8]>) -> bool {
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known)) || first.and_then(date_of).is_some()
}

/// Milliseconds since 1970. A number is in seconds, milliseconds, microseconds or nanoseconds, told by its
/// magnitude: the seconds of a recording end in the year 5138. A date without an offset is in UTC.
pub(super) fn milliseconds(field: &[u8]) -> Option<u64> {
    let text = str::from_utf8(field).ok()?.trim();
    let Ok(number) = text.parse::<f64>() else {
        return date_of(field);
    };
    let scale = match number.abs() {
        seconds if seconds < 1e11 => 1e3,
        milliseconds if milliseconds < 1e14 => 1.0,
        microseconds if microseconds < 1e17 => 1e-3,
        _ => 1e-6,
    };
    let at = (number * scale).round();
    (0.0..1e15).contains(&at).then_some(at as u64)
}

fn date_of(field: &[u8]) -> Option<u64> {
    let text = str::from_utf8(field).ok()?.trim();
    let at: Option<Timestamp> = text.parse().ok();
    let at = at.or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(local).ok()
    })?;
    u64::try_from(at.as_millisecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::{is_time, milliseconds};

    #[test]
    fn one_moment_in_every_notation() {
        // Broken if a unit or an offset is taken for another.
        let moment = Some(1_661_990_400_000);
        for text in [
            "1661990400",
            "1661990400.0",
            "1661990400000",
            "1661990400000000",
            "1661990400000000000",
            "2022-09-01T00:00:00Z",
            "2022-09-01T02:00:00+02:00",
            "2022-09-01 00:00:00",
            "2022-09-01T00:00:00.000",
        ] {
            assert_eq!(milliseconds(text.as_bytes()), moment, "{text}");
        }
        assert_eq!(milliseconds(b"300"), Some(300_000));
        for text in [
            "",
            "-5",
            "NaN",
            "inf",
            "1e300",
            "yesterday",
            "1950-01-01T00:00:00Z",
        ] {
            assert_eq!(milliseconds(text.as_bytes()), None, "{text}");
        }
        assert!(is_time("Timestamp", None) && is_time("when", Some(b"2022-09-01T00:00:00Z")));
        assert!(!is_time("ambient", Some(b"22.2")));
    }
}
