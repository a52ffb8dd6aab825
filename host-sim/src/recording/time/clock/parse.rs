//! A text as a date and a time of day.

use super::YEARLESS;
use super::calendar::calendar;
use super::compact::compact_date;
use super::parts::{Parsed, Parts, of_day};
use super::zone::zone;

pub(super) fn parse(text: &str) -> Option<Parsed> {
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
pub(super) fn ascii(text: &str) -> Option<String> {
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
pub(super) fn last_year(text: &str) -> (&str, Option<&str>) {
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
pub(super) fn dotted(text: &str) -> (&str, String) {
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

/// The time of day `12:00`, `12:00:00.5`, `12:00:00,5`, `1:00 PM`.
pub(super) fn clock(text: &str) -> Option<f64> {
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
