//! Zones behind a time.

/// A text without its zone, and the zone's distance from UTC in seconds.
pub(super) fn zone(text: &str) -> Option<(&str, f64)> {
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
