//! Figures and names for the screen: short, of a known width, and without bytes that a terminal would obey.

/// A value in four digits or so: `41.25`, `12.3k`, `1.2e-5`; a dash where there is none.
pub fn value(value: Option<f32>) -> String {
    const STEPS: [(f32, char); 4] = [(1e12, 'T'), (1e9, 'G'), (1e6, 'M'), (1e3, 'k')];
    let Some(value) = value.filter(|value| value.is_finite()) else {
        return "-".to_owned();
    };
    let size = value.abs();
    if size >= 1e15 || (size > 0.0 && size < 1e-3) {
        return format!("{value:.1e}");
    }
    if size < 1e4 {
        return digits(value, "");
    }
    let step = STEPS.iter().find(|(step, _)| size >= *step);
    let (step, letter) = step.copied().unwrap_or((1.0, ' '));
    digits(value / step, &letter.to_string())
}

fn digits(value: f32, letter: &str) -> String {
    let decimals = match value.abs() {
        1e3.. => 0,
        100.0..1e3 => 1,
        10.0..100.0 => 2,
        _ => 3,
    };
    // One digit makes room for the letter.
    let decimals = if letter.is_empty() {
        decimals
    } else {
        decimals.min(2)
    };
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    format!("{text}{letter}")
}

/// A time that has passed: `12s`, `4m`, `3h12m`, `2d4h`.
pub fn age(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match () {
        () if seconds < 60 => format!("{seconds}s"),
        () if minutes < 60 => format!("{minutes}m"),
        () if hours < 24 => format!("{hours}h{:02}m", minutes % 60),
        () => format!("{days}d{}h", hours % 24),
    }
}

/// A name from outside with each control character replaced.
pub fn clean(name: &str) -> String {
    let shown = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    name.chars().map(shown).collect()
}

/// The end of a name, which tells more than its begin, in at most as many characters.
pub fn tail(name: &str, width: usize) -> String {
    let name = clean(name);
    let length = name.chars().count();
    if length <= width {
        return name;
    }
    let kept = name.chars().skip(length + 1 - width.max(1));
    std::iter::once('…').chain(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Broken by a value that is wider than its column.
    #[test]
    fn every_value_fits_into_eight_columns() {
        for (number, text) in [
            (0.0, "0"),
            (41.25, "41.25"),
            (-273.15, "-273.1"),
            (1700.0, "1700"),
            (12_345.0, "12.35k"),
            (1.5e9, "1.5G"),
            (-9.9e-7, "-9.9e-7"),
            (3.4e38, "3.4e38"),
            (0.001, "0.001"),
        ] {
            assert_eq!(value(Some(number)), text);
        }
        for exponent in -40..39 {
            for digits in [-9.999_9, -1.234_5, 1.0, 9.999_9] {
                let number = digits * 10_f64.powi(exponent);
                let text = value(Some(number as f32));
                assert!(text.chars().count() <= 8, "{number}: {text}");
            }
        }
        assert_eq!(value(None), "-");
        assert_eq!(value(Some(f32::NAN)), "-");
    }

    #[test]
    fn an_age_has_two_units_at_most() {
        let ages = [0, 59, 60, 3599, 3600, 86_399, 90_000].map(age);
        assert_eq!(ages, ["0s", "59s", "1m", "59m", "1h00m", "23h59m", "1d1h"]);
    }

    /// Broken if a label of the kernel could move the cursor.
    #[test]
    fn names_lose_control_characters_and_keep_their_end() {
        assert_eq!(clean("fan\u{1b}[2J\n"), "fan\u{fffd}[2J\u{fffd}");
        assert_eq!(tail("0000:00:18.3/k10temp/temp1:Tctl", 12), "…/temp1:Tctl");
        assert_eq!(tail("temp1", 5), "temp1");
        assert_eq!(tail("temp1", 0), "…");
    }
}
