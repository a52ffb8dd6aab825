//! Timestamps as seconds.
//!
//! Read are numbers (seconds, or milli-, micro- and nanoseconds since 1970, told by their size),
//! ISO 8601 and RFC 3339, dates with the year or the day first, with names of months, compact ones
//! (`20260301T120000`), and times of day alone. A date such as `03/04/2026` is ambiguous until a
//! later one, or the smaller step, settles the order of day and month.

use jiff::civil::DateTime;
use jiff::tz::Offset;

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

/// Date and time, and the distance of the zone from UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    of_day: f64,
    east: f64,
}

impl Parts {
    fn seconds(self) -> Option<f64> {
        let midnight = DateTime::new(self.year, self.month, self.day, 0, 0, 0, 0).ok()?;
        let midnight = Offset::UTC.to_timestamp(midnight).ok()?;
        Some(midnight.as_second() as f64 + self.of_day - self.east)
    }
}

enum Parsed {
    Date(Parts),
    /// Day and month could be exchanged.
    Either(Parts),
    OfDay(f64),
}

/// The digits of a compact date and time: `20260301`, `2026030112`, `202603011200`, `20260301120000`,
/// with or without a `T`, `_`, `-` or blank behind the date.
fn compact(text: &str) -> Option<String> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let mark = |c: char| "T_- ".contains(c);
    let digits: String = text.chars().filter(|c| !mark(*c)).collect();
    let all = digits.bytes().all(|b| b.is_ascii_digit());
    let century = digits.starts_with("19") || digits.starts_with("20");
    let apart = text.find(mark).is_none_or(|at| at == 8) && text.len() <= digits.len() + 1;
    let fits = all && century && apart && [8, 10, 12, 14].contains(&digits.len());
    (fits && digits_seconds(&digits).is_some()).then_some(digits)
}

fn compact_seconds(text: &str) -> Option<f64> {
    digits_seconds(&compact(text)?)
}

fn digits_seconds(digits: &str) -> Option<f64> {
    let part = |from: usize, to: usize| match digits.get(from..to) {
        Some(part) => part.parse::<i16>().ok(),
        None => Some(0),
    };
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    let of_day = of_day(hour.into(), minute.into(), second.into())?;
    Parts {
        year: part(0, 4)?,
        month: i8::try_from(part(4, 6)?).ok()?,
        day: i8::try_from(part(6, 8)?).ok()?,
        of_day,
        east: 0.0,
    }
    .seconds()
}

fn of_day(hour: i32, minute: i32, second: f64) -> Option<f64> {
    let fits =
        (0..=24).contains(&hour) && (0..60).contains(&minute) && (0.0..61.0).contains(&second);
    fits.then(|| f64::from(3600 * hour + 60 * minute) + second)
}

fn parse(text: &str) -> Option<Parsed> {
    if text.len() > 64 {
        return None;
    }
    let plain = ascii(text)?;
    let (text, east) = zone(&plain)?;
    let (text, year) = last_year(text);
    // The time of day begins at the digits before the first colon.
    let (date, time) = match text.find(':') {
        None => dotted(text),
        Some(colon) => {
            let before = text.get(..colon)?;
            let digits = before.len() - before.bytes().rev().take_while(u8::is_ascii_digit).count();
            // Apache's `01/Mar/2026:12:00:00`: a year, then its time.
            if before.len() - digits == 4 {
                (before, text.get(colon + 1..)?.to_owned())
            } else {
                let (date, time) = text.split_at(digits);
                (date, time.to_owned())
            }
        }
    };
    let of_day = if time.is_empty() { 0.0 } else { clock(&time)? };
    let date = date.trim_end_matches(|c: char| "Tt,_-@".contains(c) || c.is_whitespace());
    if date.is_empty() {
        return (!time.is_empty()).then_some(Parsed::OfDay(of_day));
    }
    let known = match year {
        Some(year) => calendar(&format!("{date} {year}")),
        None => calendar(date),
    };
    // The date alone, as of `20260301-12:00:00`, or without its year, as of `Mar 01 12:00:00`.
    let known = known
        .or_else(|| Some((compact_date(date)?, false)))
        .or_else(|| {
            let named = !time.is_empty() && date.bytes().any(|b| b.is_ascii_alphabetic());
            calendar(&format!("{date} {YEARLESS}")).filter(|_| named)
        });
    known.map(|(parts, either)| {
        let parts = Parts {
            of_day,
            east,
            ..parts
        };
        if either {
            Parsed::Either(parts)
        } else {
            Parsed::Date(parts)
        }
    })
}

/// A text in ASCII: other blanks are blanks, and the signs of Chinese and Japanese dates are marks.
fn ascii(text: &str) -> Option<String> {
    let plain = |c: char| match c {
        '年' | '月' => Some('-'),
        '日' => Some(' '),
        'ä' => Some('a'),
        'é' | 'û' => Some('e'),
        '\u{a0}' | '\u{202f}' | '\u{2009}' => Some(' '),
        c => c.is_ascii().then_some(c),
    };
    text.chars().map(plain).collect()
}

/// A text without the year behind its time, as C and `date` write it, and that year.
fn last_year(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(' ') {
        Some((rest, year))
            if rest.contains(':')
                && year.len() == 4
                && year.bytes().all(|b| b.is_ascii_digit()) =>
        {
            // The zone stands between them.
            let rest = zone(rest).map_or(rest, |(rest, _)| rest);
            (rest, Some(year))
        }
        _ => (text, None),
    }
}

/// A date, and its time of day with other signs than colons: `2026-03-01_12-30-15`,
/// `2026-03-01-12.30.15`, `01.03.2026 12.30.15`, `2026-03-01 12`.
fn dotted(text: &str) -> (&str, String) {
    let whole = (text, String::new());
    let mark = |c: char| c == '_' || c == ' ' || c == 'T';
    let at = text.find(mark).filter(|at| *at >= 8);
    let at =
        at.or_else(|| (text.len() > 11 && text.as_bytes().get(10) == Some(&b'-')).then_some(10));
    let Some((date, time)) = at.and_then(|at| text.split_at_checked(at)) else {
        return whole;
    };
    let time = time.get(1..).unwrap_or_default();
    let mut parts = time.splitn(3, ['-', '.']);
    let two = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    match (parts.next(), parts.next(), parts.next()) {
        (Some(hour), None, None) if two(hour) => (date, format!("{hour}:00")),
        (Some(hour), Some(minute), None) if two(hour) && two(minute) => {
            (date, format!("{hour}:{minute}"))
        }
        (Some(hour), Some(minute), Some(second)) if two(hour) && two(minute) => {
            (date, format!("{hour}:{minute}:{second}"))
        }
        _ => whole,
    }
}

/// The date of eight digits.
fn compact_date(text: &str) -> Option<Parts> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let parts = Parts {
        year: part(0, 4).filter(|_| digits)?,
        month: i8::try_from(part(4, 6)?).ok()?,
        day: i8::try_from(part(6, 8)?).ok()?,
        ..Parts::default()
    };
    parts.seconds().map(|_| parts)
}

/// The time of day `12:00`, `12:00:00.5`, `12:00:00,5`, `1:00 PM`.
fn clock(text: &str) -> Option<f64> {
    let lower = text.trim().to_ascii_lowercase();
    let (text, noon) = match lower.strip_suffix("pm").or(lower.strip_suffix("p.m.")) {
        Some(text) => (text, Some(true)),
        None => match lower.strip_suffix("am").or(lower.strip_suffix("a.m.")) {
            Some(text) => (text, Some(false)),
            None => (lower.as_str(), None),
        },
    };
    let text = text.trim().replace(',', ".");
    let mut parts = text.split(':');
    let (hour, minute) = (parts.next()?, parts.next()?);
    let second = parts.next().unwrap_or("0");
    let plain =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if parts.next().is_some() || !plain(hour) || !plain(minute) || !plain(second) {
        return None;
    }
    let mut hour: i32 = hour.parse().ok()?;
    match noon {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    of_day(hour, minute.parse().ok()?, second.parse().ok()?)
}

/// A text without its zone, and the zone's distance from UTC in seconds.
fn zone(text: &str) -> Option<(&str, f64)> {
    // RFC 9557: `2026-03-01T12:00:00+01:00[Europe/Berlin]`.
    let text = match text.split_once('[') {
        Some((text, name)) => name.ends_with(']').then_some(text)?,
        None => text,
    };
    let Some(colon) = text.find(':') else {
        return Some((text, 0.0));
    };
    // Go writes `+0000 UTC`, databases `Europe/Berlin`; without a table of zones the first counts, or UTC.
    if let Some((bare, name)) = text.rsplit_once(' ') {
        let area = name.split_once('/').is_some_and(|(area, city)| {
            let letters = |text: &str| {
                text.bytes()
                    .all(|b| b.is_ascii_alphabetic() || b == b'_' || b == b'/')
            };
            letters(area) && letters(city) && !area.is_empty()
        });
        let offset = bare.rsplit(' ').next().is_some_and(|part| {
            part.len() == 5
                && part.starts_with(['+', '-'])
                && part.bytes().skip(1).all(|b| b.is_ascii_digit())
        });
        if area || offset && name.len() <= 5 && name.bytes().all(|b| b.is_ascii_uppercase()) {
            return zone(bare);
        }
    }
    for (name, hours) in [
        ("UTC", 0.0),
        ("GMT", 0.0),
        ("Z", 0.0),
        ("z", 0.0),
        ("CEST", 2.0),
        ("CET", 1.0),
        ("EEST", 3.0),
        ("EET", 2.0),
        ("WEST", 1.0),
        ("WET", 0.0),
        ("BST", 1.0),
        ("MSK", 3.0),
        ("JST", 9.0),
        ("EST", -5.0),
        ("EDT", -4.0),
        ("CST", -6.0),
        ("CDT", -5.0),
        ("MST", -7.0),
        ("MDT", -6.0),
        ("PST", -8.0),
        ("PDT", -7.0),
    ] {
        if let Some(bare) = text.strip_suffix(name) {
            return Some((bare.trim_end(), 3600.0 * hours));
        }
    }
    let Some(sign) = text.rfind(['+', '-']).filter(|at| *at > colon) else {
        return Some((text, 0.0));
    };
    let (bare, offset) = text.split_at(sign);
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = match digits.len() {
        2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    let east = 3600.0 * hours.parse::<f64>().ok()? + 60.0 * minutes.parse::<f64>().ok()?;
    let east = if offset.starts_with('-') { -east } else { east };
    Some((bare.trim_end(), east))
}

/// Begins of the names of months in English, German, French, Spanish and Italian.
const MONTHS: [(&str, i8); 29] = [
    ("jan", 1),
    ("ene", 1),
    ("gen", 1),
    ("feb", 2),
    ("fev", 2),
    ("mar", 3),
    ("mrz", 3),
    ("apr", 4),
    ("avr", 4),
    ("abr", 4),
    ("may", 5),
    ("mai", 5),
    ("mag", 5),
    ("juin", 6),
    ("jun", 6),
    ("giu", 6),
    ("jul", 7),
    ("juil", 7),
    ("lug", 7),
    ("aug", 8),
    ("ago", 8),
    ("aou", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
    ("dez", 12),
    ("dic", 12),
];

/// A date, and whether day and month could be exchanged.
fn calendar(text: &str) -> Option<(Parts, bool)> {
    let mut numbers: Vec<&str> = Vec::new();
    let (mut month, mut place) = (None, 0);
    let parts = text.split(|c: char| "-/. ,_".contains(c));
    for part in parts.filter(|part| !part.is_empty()) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            numbers.push(part);
            continue;
        }
        let word = part.to_ascii_lowercase();
        let found = MONTHS.iter().find(|(name, _)| word.starts_with(name));
        match found {
            // `Mar` is a day of the week, too, before the name of a month.
            Some((_, found)) if month.is_none() => {
                (month, place) = (Some(*found), numbers.len());
            }
            // The name of the day.
            _ if numbers.is_empty()
                && word.bytes().all(|b| b.is_ascii_alphabetic())
                && word.len() <= 9 => {}
            _ => return None,
        }
    }
    let number = |text: &str| text.parse::<i16>().ok();
    let small = |text: &str| (text.len() <= 2).then(|| text.parse::<i8>().ok()).flatten();
    let year = |text: &str| match text.len() {
        4 => number(text),
        2 => number(text).map(|year| if year < 70 { 2000 + year } else { 1900 + year }),
        _ => None,
    };
    let parts = |year, month, day| Parts {
        year,
        month,
        day,
        ..Parts::default()
    };
    match (numbers.as_slice(), month) {
        ([y, day], None) if y.len() == 4 && day.len() == 3 => {
            let first = jiff::civil::Date::new(number(y)?, 1, 1).ok()?;
            let day = number(day).filter(|day| (1..=366).contains(day))?;
            let date = first.checked_add(jiff::Span::new().days(day - 1)).ok()?;
            Some((parts(date.year(), date.month(), date.day()), false))
        }
        ([y, m, d], None) if y.len() == 4 => Some((parts(number(y)?, small(m)?, small(d)?), false)),
        ([d, m, y], None) => {
            let (d, m) = (small(d)?, small(m)?);
            let dots = text.contains('.');
            Some((parts(year(y)?, m, d), !dots))
        }
        ([y, d], Some(month)) if y.len() == 4 => Some((parts(number(y)?, month, small(d)?), false)),
        ([d, y], Some(month)) if place <= 1 => Some((parts(year(y)?, month, small(d)?), false)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Vec<Option<f64>> {
        let mut clock = Clock::default();
        texts.iter().map(|text| clock.read(text)).collect()
    }

    /// 2026-03-01 12:30:15 UTC.
    const NOW: f64 = 1_772_368_215.0;

    #[test]
    fn every_usual_spelling_is_the_same_second() {
        for text in [
            "2026-03-01T12:30:15Z",
            "2026-03-01 12:30:15",
            "2026-03-01T12:30:15.000+00:00",
            "2026-03-01T14:30:15+02:00",
            "2026-03-01T07:00:15-0530",
            "2026-03-01T13:30:15+01:00[Europe/Berlin]",
            "2026/03/01 12:30:15",
            "01.03.2026 12:30:15",
            "1.3.2026 12:30:15",
            "13:30:15 CET",
            "2026-03-01 12:30:15 UTC",
            "01-Mar-2026 12:30:15",
            "Mar 1, 2026 12:30:15 PM",
            "Sun, 01 Mar 2026 12:30:15 GMT",
            "01/Mar/2026:12:30:15 +0000",
            "20260301123015",
            "20260301T123015Z",
            "1772368215",
            "1772368215000",
            "1772368215000000",
            "1772368215000000000",
            "2026-03-01 12:30:15,000",
            "Sun Mar  1 12:30:15 2026",
            "Sun Mar 01 12:30:15 UTC 2026",
            "20260301_123015",
            "20260301-12:30:15",
            "20260301 123015",
            "20260301 12:30:15",
            "Mar 1, 2026 @ 12:30:15.000",
            "2026-03-01_12-30-15",
            "2026-03-01_12:30:15",
            "2026-03-01-12.30.15.000000",
            "01.03.2026 12.30.15",
            "[2026-03-01 12:30:15]",
            "1772368215:",
            "2026-03-01t12:30:15z",
            "2026-03-01 12:30:15 Europe/London",
            "2026-03-01 12:30:15.000000000 +0000 UTC",
            "2026-060T12:30:15",
            "01. März 2026 12:30:15",
            "1 mars 2026 12:30:15",
            "2026年03月01日 12:30:15",
            "Mar 1, 2026 12:30:15\u{202f}PM",
        ] {
            if text.ends_with("CET") {
                // Without a date there is no day to take the zone from.
                assert_eq!(read(&[text]), [Some(48_615.0)], "{text}");
                continue;
            }
            assert_eq!(read(&[text]), [Some(NOW)], "{text}");
        }
        assert_eq!(
            read(&["2026-03-01 12", "2026030113"]),
            [Some(NOW - 1815.0), Some(NOW + 1785.0)]
        );
        assert_eq!(
            read(&["2026-03-01", "20260302"]),
            [Some(NOW - 45_015.0), Some(NOW + 41_385.0)]
        );
        for text in [
            "noon",
            "",
            "x:y",
            "1:2:3:4",
            "2026-13-01",
            "10.0.0.1",
            "25:00",
            "99/99/2026",
        ] {
            assert_eq!(read(&[text]), [None], "{text}");
        }
    }

    /// Broken if the first of two numbers is always the day, or always the month.
    #[test]
    fn later_dates_settle_the_order_of_day_and_month() {
        let days = |texts: &[&str]| -> Vec<i64> {
            let seconds = read(texts).into_iter().map(Option::unwrap);
            seconds.map(|s| (s / 86_400.0) as i64 - 20_513).collect()
        };
        // 2026-03-01 is day 0.
        assert_eq!(days(&["02/03/2026", "03/03/2026", "04/03/2026"]), [1, 2, 3]);
        assert_eq!(
            days(&["03/30/2026", "03/31/2026", "04/01/2026"]),
            [29, 30, 31]
        );
        let mut clock = Clock::default();
        clock.read("03/04/2026 10:00");
        assert!(clock.is_ambiguous());
        clock.read("03/04/2026 10:01");
        assert!(clock.is_ambiguous());
        clock.read("13/04/2026 10:01");
        assert!(!clock.is_ambiguous());
    }

    /// Broken if a log without years runs back at the new year.
    #[test]
    fn dates_without_a_year_pass_the_new_year() {
        let times = read(&["Dec 31 23:59:59", "Jan  1 00:00:00", "Jan  1 00:00:01"]);
        let times: Vec<f64> = times.into_iter().map(Option::unwrap).collect();
        assert!(times[1] > times[0] && times[2] == times[1] + 1.0);
        assert!(times[1] - times[0] <= 86_401.0);
    }

    #[test]
    fn times_of_day_pass_midnight() {
        let day = read(&["23:59:00", "00:00:00", "00:01:00", "0:00:30"]);
        assert_eq!(day, [86_340.0, 86_400.0, 86_460.0, 86_430.0].map(Some));
    }

    #[test]
    fn compact_dates_have_no_gap_at_the_full_hour() {
        let times = read(&["20260301005900", "20260301010000", "20260331", "99999999"]);
        assert_eq!(times[1].unwrap() - times[0].unwrap(), 60.0);
        assert_eq!(times[3], None);
        assert_eq!(
            read(&["100", "20260301"]),
            [Some(100.0), Some(20_260_301.0)]
        );
    }
}
