//! Numbers in texts of tools and files.

use super::probe::Raw;
use bellwether::Cause;
use std::str;

/// Words for a missing value, in lower case.
const MISSING: [&str; 12] = [
    "", "-", "--", "?", "n/a", "na", "[n/a]", "nan", "none", "null", "nil", "unknown",
];

/// A raw value, of a number that may be missing.
pub(crate) fn raw(value: f64) -> Raw {
    if value.is_finite() {
        Ok(value)
    } else if value.is_nan() {
        Err(Cause::Missing)
    } else {
        Err(Cause::NotFinite)
    }
}

/// The number that a field holds. A word for a missing value is [`Cause::Missing`], any other text
/// [`Cause::Sensor`].
pub(crate) fn parse(field: &[u8]) -> Raw {
    let text = str::from_utf8(field).map_err(|_| Cause::Sensor)?.trim();
    if let Ok(value) = text.parse::<f64>() {
        return raw(value);
    }
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if MISSING.into_iter().any(is) {
        Err(Cause::Missing)
    } else if is("true") {
        Ok(1.0)
    } else if is("false") {
        Ok(0.0)
    } else {
        Err(Cause::Sensor)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, parse};

    #[test]
    fn a_word_is_a_number_or_the_cause_of_its_absence() {
        // Broken if a tool's word for "no value" counts as a fault of the sensor, or the reverse.
        assert_eq!(parse(b" -1.5e3 "), Ok(-1500.0));
        assert_eq!(parse(b"True"), Ok(1.0));
        for missing in ["", "NaN", "N/A", "[N/A]", "null", "-"] {
            assert_eq!(parse(missing.as_bytes()), Err(Cause::Missing), "{missing}");
        }
        assert_eq!(parse(b"+Inf"), Err(Cause::NotFinite));
        assert_eq!(parse(b"1e999"), Err(Cause::NotFinite));
        for fault in [&b"1,5"[..], b"ERR!", b"\xff", b"1 2"] {
            assert_eq!(parse(fault), Err(Cause::Sensor), "{fault:?}");
        }
    }
}
