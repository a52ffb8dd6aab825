//! Dates and times of digits alone.

use super::parts::{Parts, of_day};

/// The digits of a compact date and time: `20260301`, `2026030112`, `202603011200`, `20260301120000`,
/// with or without a `T`, `_`, `-` or blank behind the date.
pub(super) fn compact(text: &str) -> Option<String> {
    let text = text.strip_suffix('Z').unwrap_or(text);
    let mark = |c: char| "T_- ".contains(c);
    let digits: String = text.chars().filter(|c| !mark(*c)).collect();
    let all = digits.bytes().all(|b| b.is_ascii_digit());
    let century = digits.starts_with("19") || digits.starts_with("20");
    let apart = text.find(mark).is_none_or(|at| at == 8) && text.len() <= digits.len() + 1;
    let fits = all && century && apart && [8, 10, 12, 14].contains(&digits.len());
    (fits && digits_seconds(&digits).is_some()).then_some(digits)
}

pub(super) fn compact_seconds(text: &str) -> Option<f64> {
    digits_seconds(&compact(text)?)
}

pub(super) fn digits_seconds(digits: &str) -> Option<f64> {
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

/// The date of eight digits.
pub(super) fn compact_date(text: &str) -> Option<Parts> {
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
