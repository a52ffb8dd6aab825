//! Dates with signs between their parts, or with the name of the month.

use super::parts::Parts;

/// Begins of the names of months in English, German, French, Spanish and Italian.
pub(super) const MONTHS: [(&str, i8); 29] = [
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
pub(super) fn calendar(text: &str) -> Option<(Parts, bool)> {
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
