//! Attributes: files of a chip that hold a value, with its unit.

use super::Quantity;
use crate::linux::probe::Measure;

/// A value of a chip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Attribute {
    pub unit: &'static str,
    pub measure: Measure,
    pub divisor: f64,
}

const HUMIDITY: Attribute = Attribute {
    unit: "%",
    measure: Measure::Gauge,
    divisor: 1e3,
};

/// In J; its rate is in W.
const ENERGY: Attribute = Attribute {
    unit: "W",
    measure: Measure::Counter,
    divisor: 1e6,
};

const ALARM: Attribute = Attribute {
    unit: "",
    measure: Measure::Gauge,
    divisor: 1.0,
};

/// The stem of a file that holds a value, as `temp1`, the rest of its name, and its attribute.
pub(super) fn parse(file: &str) -> Option<(&str, &str, Attribute)> {
    let (stem, rest) = file.split_once('_')?;
    let kind = stem.trim_end_matches(|char: char| char.is_ascii_digit());
    if kind == stem {
        return None;
    }
    let quantity = Quantity::of_prefix(kind);
    let gauge = |quantity: Quantity| Attribute {
        unit: quantity.unit(),
        measure: Measure::Gauge,
        divisor: quantity.divisor(),
    };
    let attribute = match (kind, rest) {
        ("humidity", "input") => HUMIDITY,
        ("energy", "input") => ENERGY,
        (_, "input") => gauge(quantity?),
        ("power", "average") => gauge(quantity?),
        (_, "alarm") => ALARM,
        (_, rest) if rest.ends_with("_alarm") => ALARM,
        _ => return None,
    };
    Some((stem, rest, attribute))
}
