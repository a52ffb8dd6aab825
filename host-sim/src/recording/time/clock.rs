//! Timestamps as seconds.
//!
//! Read are numbers (seconds, or milli-, micro- and nanoseconds since 1970, told by their size),
//! ISO 8601 and RFC 3339, dates with the year or the day first, with names of months, compact ones
//! (`20260301T120000`), and times of day alone. A date such as `03/04/2026` is ambiguous until a
//! later one, or the smaller step, settles the order of day and month.

mod calendar;
mod compact;
mod parse;
mod parts;
mod zone;

use compact::{compact, compact_seconds};
use parse::parse;
use parts::{Parsed, Parts};

/// The reading of a recording's timestamps, one after another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clock {
    scale: Option<f64>,
    /// Whether digits alone are a date: `20260301120000`.
    compact: Option<bool>,
    /// Whether the day comes before the month, once that is settled.
    day_first: Option<bool>,
    /// Whether an ambiguous date was read before it was settled.
    ambiguous: bool,
    /// The last ambiguous date: with the day first, and with the month first.
    either: Option<(f64, f64)>,
    last: Option<f64>,
}

impl Clock {
    /// The timestamp in seconds, those of a date since 1970 (UTC, unless it has a zone).
    pub fn read(&mut self, text: &str) -> Option<f64> {
        let text = bare(text);
        let found = match text.parse::<f64>() {
            Ok(number) => self.number(text, number),
            Err(_) => self.date(text),
        };
        if found.is_some() {
            self.last = found;
        }
        found
    }

    /// A time in seconds as this clock's timestamps are: a number of the same unit, or ISO 8601 in UTC.
    pub fn spell(&self, seconds: f64) -> String {
        match self.scale {
            Some(scale) => (seconds / scale).round().to_string(),
            None => match jiff::Timestamp::from_millisecond((seconds * 1000.0) as i64) {
                Ok(time) => time.to_string(),
                Err(_) => seconds.to_string(),
            },
        }
    }

    /// Whether dates were read whose day and month could be exchanged, and nothing has settled it.
    pub fn is_ambiguous(&self) -> bool {
        self.ambiguous && self.day_first.is_none()
    }

    fn number(&mut self, text: &str, number: f64) -> Option<f64> {
        let compact = *self.compact.get_or_insert_with(|| compact(text).is_some());
        if compact {
            return compact_seconds(text);
        }
        let scale = *self.scale.get_or_insert(match number.abs() {
            1e17.. => 1e-9,
            1e14.. => 1e-6,
            1e11.. => 1e-3,
            _ => 1.0,
        });
        let seconds = if scale == 1.0 { number } else { number * scale };
        seconds.is_finite().then_some(seconds)
    }

    fn date(&mut self, text: &str) -> Option<f64> {
        if let Some(seconds) = compact_seconds(text) {
            return Some(seconds);
        }
        match parse(text)? {
            Parsed::Date(parts) if parts.year == YEARLESS => Some(self.yearless(parts.seconds()?)),
            Parsed::Date(parts) => parts.seconds(),
            Parsed::OfDay(seconds) => Some(self.of_day(seconds)),
            Parsed::Either(parts) => self.either(parts),
        }
    }

    /// A time of day: one that is much earlier than the last belongs to the next day.
    fn of_day(&self, seconds: f64) -> f64 {
        const DAY: f64 = 86_400.0;
        match self.last {
            Some(last) => {
                let same = seconds + (last / DAY).floor() * DAY;
                if same < last - DAY / 2.0 {
                    same + DAY
                } else {
                    same
                }
            }
            None => seconds,
        }
    }

    /// A date without a year: one that is much earlier than the last is of the next year.
    fn yearless(&self, seconds: f64) -> f64 {
        const YEAR: f64 = 365.25 * 86_400.0;
        match self.last {
            Some(last) if seconds < last - YEAR / 2.0 => {
                seconds + ((last - seconds) / YEAR).round() * 366.0 * 86_400.0
            }
            _ => seconds,
        }
    }

    /// `parts` has the first of the two numbers as its day.
    fn either(&mut self, parts: Parts) -> Option<f64> {
        let swapped = Parts {
            day: parts.month,
            month: parts.day,
            ..parts
        };
        match (parts.seconds(), swapped.seconds()) {
            (None, None) => None,
            (Some(seconds), None) => {
                self.day_first = Some(true);
                Some(seconds)
            }
            (None, Some(seconds)) => {
                self.day_first = Some(false);
                Some(seconds)
            }
            (Some(day), Some(month)) => {
                if self.day_first.is_none() {
                    self.ambiguous |= day != month;
                    self.settle(day, month);
                }
                Some(if self.day_first == Some(false) {
                    month
                } else {
                    day
                })
            }
        }
    }

    /// Of two readings, the right one steps on from the last date by far less than the other.
    fn settle(&mut self, day: f64, month: f64) {
        let Some((last_day, last_month)) = self.either.replace((day, month)) else {
            return;
        };
        let step = |now: f64, last: f64| {
            if now < last {
                f64::INFINITY
            } else {
                now - last
            }
        };
        let (a, b) = (step(day, last_day), step(month, last_month));
        let near = a.min(b);
        if a != b && near <= 86_400.0 && a.max(b) > 10.0 * near {
            self.day_first = Some(a < b);
        }
    }
}

/// A text without blanks, brackets or a colon around it.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let inner = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let text = inner.unwrap_or(text);
    let inner = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''));
    let text = inner.unwrap_or(text);
    text.strip_suffix(':').unwrap_or(text)
}

/// The year of dates without one; it has a 29th of February.
const YEARLESS: i16 = 1972;

/// Whether a text is a date, or a time of day.
pub fn is_date(text: &str) -> bool {
    let text = bare(text);
    compact(text).is_some_and(|digits| digits.len() > 8 || text.contains('T'))
        || parse(text).is_some()
}

/// Whether a text is a date without a time of day.
pub fn is_bare_date(text: &str) -> bool {
    !text.contains(':') && is_date(text)
}

/// Whether a text is a time of day without a date.
pub fn is_time_of_day(text: &str) -> bool {
    matches!(parse(bare(text)), Some(Parsed::OfDay(_)))
}

#[cfg(test)]
mod tests;
