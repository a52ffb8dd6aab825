//! A field as a reading.

use super::Options;
use std::collections::HashSet;

/// Texts of a missing reading, in lower case.
const MISSING: [&str; 54] = [
    "na",
    "n/a",
    "nan",
    "null",
    "none",
    "nil",
    "-",
    "--",
    "---",
    "?",
    "#n/a",
    "#na",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
    "#num!",
    "#null!",
    "no reading",
    "no_reading",
    "n.a.",
    "n.a",
    "missing",
    "ns",
    "unavailable",
    "not available",
    "unknown",
    ".",
    "\\n",
    "nodata",
    "no data",
    "invalid",
    "undef",
    "<na>",
    "<null>",
    "nat",
    "-nan",
    "+nan",
    "no value",
    "1.#qnan",
    "-1.#ind",
    "-nan(ind)",
    "1.#ind",
    "not supported",
    "unknown error",
    "not applicable",
    "not present",
    "no sensor",
    "n.v.",
    "k.a.",
    "no_data",
    "empty",
    "undefined",
    "disabled",
];

/// The meaning of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// A number.
    Value(f32),
    /// A number and its unit.
    Unit(f32, &'a str),
    /// No reading.
    Missing,
    /// None of these.
    Odd,
}

/// The spelling of numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cells {
    /// Whether the decimal sign is a comma.
    pub comma: bool,
    /// Texts declared to be missing readings.
    texts: HashSet<String>,
    /// Numbers declared to be missing readings.
    values: Vec<f32>,
}

impl Cells {
    /// The spelling with a decimal comma or point, and the declared missing readings.
    pub fn new(comma: bool, options: &Options) -> Self {
        let values = options.missing.iter().filter_map(|text| text.parse().ok());
        Self {
            comma,
            texts: options.missing.iter().cloned().collect(),
            values: values.collect(),
        }
    }

    /// Whether a field is declared or known to mean a missing reading.
    pub fn is_missing(&self, field: &str) -> bool {
        field.is_empty() || self.texts.contains(field) || is_missing(field)
    }

    /// Whether a value is declared to mean a missing reading.
    pub fn is_sentinel(&self, value: f32) -> bool {
        self.values.contains(&value)
    }

    /// The meaning of a field.
    pub fn read<'a>(&self, field: &'a str) -> Cell<'a> {
        let found = self.number(field);
        match found {
            Cell::Value(value) | Cell::Unit(value, _) if self.is_sentinel(value) => Cell::Missing,
            found => found,
        }
    }

    /// The same with the digits that `f32` cannot hold.
    pub fn exact(&self, field: &str) -> Option<f64> {
        let field = unquoted(field);
        let (number, _) = split(field)?;
        field.parse().ok().or_else(|| self.spelled(number))
    }

    fn number<'a>(&self, field: &'a str) -> Cell<'a> {
        if field.is_empty() {
            return Cell::Missing;
        }
        if !self.comma
            && let Ok(value) = field.parse::<f32>()
        {
            return Cell::Value(value);
        }
        if self.is_missing(field) {
            return Cell::Missing;
        }
        let bare = unquoted(field);
        if bare.len() < field.len() {
            return self.number(bare);
        }
        if let Some(value) = truth(field) {
            return Cell::Value(value);
        }
        if let Some(value) = self.single(field) {
            return Cell::Value(value);
        }
        match split(field) {
            Some((number, unit))
                if is_unit(unit) && !(number == "0" && unit.starts_with(['x', 'X'])) =>
            {
                match self.single(number) {
                    Some(value) => Cell::Unit(value, unit),
                    None => Cell::Odd,
                }
            }
            _ => Cell::Odd,
        }
    }

    fn single(&self, field: &str) -> Option<f32> {
        if !self.comma
            && let Ok(value) = field.parse()
        {
            return Some(value);
        }
        plain(field, self.comma)?.parse().ok()
    }

    fn spelled(&self, field: &str) -> Option<f64> {
        plain(field, self.comma)?.parse().ok()
    }
}

/// Whether a text is known to mean a missing reading, with or without brackets.
pub fn is_missing(field: &str) -> bool {
    let short = field.len() <= 24;
    let bare = || {
        field
            .trim_start_matches(['[', '(', '<'])
            .trim_end_matches([']', ')', '>'])
    };
    let known = |field: &str| MISSING.contains(&field.to_lowercase().as_str());
    field.is_empty() || short && (known(field) || known(bare()) || dashes(field))
}

/// Signs of nothing of any number, such as `----` or `***`.
fn dashes(field: &str) -> bool {
    let mut all = field.bytes();
    let first = all.next();
    first.is_some_and(|sign| b"-*?_".contains(&sign) && all.all(|b| b == sign || b == b'.'))
}

/// A field without single quotes around it, or the formula `="..."` of Excel.
pub fn unquoted(field: &str) -> &str {
    let field = field.strip_prefix('=').unwrap_or(field);
    let inner = |sign: char| field.strip_prefix(sign)?.strip_suffix(sign);
    inner('\'').or_else(|| inner('"')).unwrap_or(field)
}

/// A truth value.
pub fn truth(field: &str) -> Option<f32> {
    if field.len() > 5 {
        return None;
    }
    match field.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "t" | "y" => Some(1.0),
        "false" | "no" | "off" | "f" => Some(0.0),
        _ => None,
    }
}

/// A number without its groups of thousands, its decimal sign a point; `None` if it is none.
fn plain(field: &str, comma: bool) -> Option<String> {
    let (sign, group) = if comma { (',', '.') } else { ('.', ',') };
    let (mantissa, exponent) = match field.find(['e', 'E']) {
        Some(at) => field.split_at(at),
        None => (field, ""),
    };
    let (whole, fraction) = mantissa.split_once(sign).unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let signed = whole.strip_prefix(['-', '+', '\u{2212}']).unwrap_or(whole);
    let mut groups = signed.split([group, ' ', '\u{a0}', '\u{202f}', '\'']);
    let first = groups.next().unwrap_or_default();
    let grouped = digits(first) && groups.clone().all(|g| g.len() == 3 && digits(g));
    let leads = groups.next().is_none() || (1..=3).contains(&first.len());
    let there = !(first.is_empty() && fraction.is_empty());
    if !(grouped && leads && there && digits(fraction)) {
        return None;
    }
    let minus = if whole.starts_with(['-', '\u{2212}']) {
        "-"
    } else {
        ""
    };
    let whole: String = signed.chars().filter(char::is_ascii_digit).collect();
    Some(format!("{minus}{whole}.{fraction}0{exponent}"))
}

/// A number at the begin of a field, and the rest.
fn split(field: &str) -> Option<(&str, &str)> {
    let number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+' | '\u{2212}');
    let mut end = field.find(|c| !number(c)).unwrap_or(field.len());
    // An exponent is part of the number, `e` of a unit is not.
    let rest = field.get(end..)?;
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let digits = exponent.trim_start_matches(['-', '+']);
        let count = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        if count > 0 {
            end += 1 + (exponent.len() - digits.len()) + count;
        }
    }
    let (number, unit) = field.split_at_checked(end)?;
    (!number.is_empty()).then_some((number, unit.trim()))
}

/// Whether a text may be a unit: `%`, `°C`, `m/s²`, `kWh`.
fn is_unit(text: &str) -> bool {
    // The time of a row of rrdtool ends with a colon.
    if text == ":" {
        return true;
    }
    let sign = |c: char| c.is_alphabetic() || " %‰°µ/²³·*^()\u{2126}$€_".contains(c);
    let mut all = text.chars();
    let first = all
        .next()
        .is_some_and(|c| c.is_alphabetic() || "%‰°µ/\u{2126}$€(".contains(c));
    first && text.chars().count() <= 16 && all.all(|c| sign(c) || c.is_ascii_digit())
}

/// The evidence about the decimal sign in some fields of numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimals {
    /// Fields that are numbers only with a decimal comma.
    comma: bool,
    /// Fields that are numbers only with a decimal point.
    point: bool,
    /// Fields that are numbers with either, such as `49,995`.
    either: bool,
}

impl Decimals {
    /// Takes a field.
    pub fn push(&mut self, field: &str) {
        let number = match split(field) {
            Some((number, unit)) if unit.is_empty() || is_unit(unit) => number,
            _ => return,
        };
        if !number.contains([',', '.']) {
            return;
        }
        let with = |comma| plain(number, comma).is_some();
        let lone_point = number.matches('.').count() == 1 && !number.contains(',');
        match (with(true), with(false)) {
            (true, false) => self.comma = true,
            (false, true) => self.point = true,
            // Groups of thousands with points alone are too rare to be thought of first.
            (true, true) if lone_point => self.point = true,
            (true, true) => {
                let digits = number.trim_start_matches(['-', '+', '0']);
                // No number with groups begins with 0.
                let comma = digits.starts_with(',')
                    || number.trim_start_matches(['-', '+']).starts_with('0');
                self.comma |= comma;
                self.either |= !comma;
            }
            (false, false) => {}
        }
    }

    /// Whether the decimal sign is a comma, and whether that is a guess.
    pub fn comma(self) -> (bool, bool) {
        match self {
            Self { comma: true, .. } => (true, false),
            Self { point: true, .. } => (false, false),
            Self { either, .. } => (either, either),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(comma: bool) -> Cells {
        Cells::new(comma, &Options::default())
    }

    #[test]
    fn numbers_have_points_commas_groups_and_units() {
        let (point, comma) = (cells(false), cells(true));
        for (field, value) in [
            ("1.5", 1.5),
            ("-2e3", -2000.0),
            ("1,234.5", 1234.5),
            ("1,234,567", 1_234_567.0),
            ("1 234.5", 1234.5),
            ("True", 1.0),
            ("off", 0.0),
        ] {
            assert_eq!(point.read(field), Cell::Value(value), "{field}");
        }
        for (field, value) in [
            ("49,995", 49.995),
            ("1.234,5", 1234.5),
            ("7", 7.0),
            ("-,5", -0.5),
        ] {
            assert_eq!(comma.read(field), Cell::Value(value), "{field}");
        }
        assert_eq!(point.read("51.5 °C"), Cell::Unit(51.5, "°C"));
        assert_eq!(point.read("12%"), Cell::Unit(12.0, "%"));
        assert_eq!(point.read("1.5e3W"), Cell::Unit(1500.0, "W"));
        assert_eq!(comma.read("51,5 °C"), Cell::Unit(51.5, "°C"));
        for odd in [
            "x",
            "1.2.3",
            "12,34.5",
            "1,5",
            "2026-03-01",
            "10.0.0.1",
            "0x1F",
            "5 - 6",
        ] {
            assert_eq!(point.read(odd), Cell::Odd, "{odd}");
        }
    }

    #[test]
    fn missing_readings_have_many_spellings() {
        for text in [
            "",
            "NA",
            "N/A",
            "null",
            "None",
            "-",
            "--",
            "na",
            "?",
            "#N/A",
            "#DIV/0!",
            "no reading",
        ] {
            assert_eq!(cells(false).read(text), Cell::Missing, "{text}");
            assert_eq!(cells(true).read(text), Cell::Missing, "{text}");
        }
        let options = Options {
            missing: vec!["-999".to_owned(), "OFF LINE".to_owned()],
            ..Options::default()
        };
        let declared = Cells::new(false, &options);
        for text in ["-999", "-999.0", "OFF LINE"] {
            assert_eq!(declared.read(text), Cell::Missing, "{text}");
        }
    }

    /// Broken if `49,995` alone is read as forty-nine thousand, or without a word.
    #[test]
    fn the_decimal_sign_is_told_by_what_cannot_be_read_otherwise() {
        let told = |fields: &[&str]| {
            let mut decimals = Decimals::default();
            fields.iter().for_each(|field| decimals.push(field));
            decimals.comma()
        };
        assert_eq!(told(&["49,995", "100,020"]), (true, true));
        assert_eq!(told(&["49,995", "100,02"]), (true, false));
        assert_eq!(told(&["0,995"]), (true, false));
        assert_eq!(told(&["1.234,5"]), (true, false));
        assert_eq!(told(&["1,234", "1.5"]), (false, false));
        assert_eq!(told(&["1,234,567"]), (false, false));
        assert_eq!(told(&["5", "7"]), (false, false));
    }
}
