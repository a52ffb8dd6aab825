//! Lines of `ipmi-sensors --comma-separated-output`: `ID,Name,Type[,State],Reading,Units,Event`.
//!
//! The tool quotes no names, so a name with a comma has more fields. A line belongs to a sensor if its reading is a
//! number or a word for none.

use crate::linux::probe::Raw;
use crate::linux::{unit, value};
use bellwether::Cause;
use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;
use std::{format, str};

/// Bytes of a line, at most.
const LINE_MAX: usize = 1024;

/// One sensor.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line {
    pub number: u32,
    pub name: String,
    pub reading: Raw,
    pub unit: &'static str,
    /// Whether the list has a unit for it.
    pub has_unit: bool,
    /// 0 nominal, 1 warning, 2 critical; `None` if it is unknown.
    pub state: Option<f64>,
}

impl Line {
    /// Whether it measures a number, though it may be absent now.
    pub(super) fn is_measured(&self) -> bool {
        self.has_unit || self.reading.is_ok()
    }

    /// Its name with its number.
    pub(super) fn full(&self) -> String {
        format!("{}#{}", self.name, self.number)
    }
}

/// The sensors of an output. Other lines are left out.
pub(super) fn lines(output: &[u8]) -> impl Iterator<Item = Line> + '_ {
    output.split(|byte| *byte == b'\n').filter_map(line)
}

fn line(line: &[u8]) -> Option<Line> {
    if line.len() > LINE_MAX {
        return None;
    }
    let fields: Vec<&str> = str::from_utf8(line).ok()?.trim_end().split(',').collect();
    let number = fields.first()?.trim().parse().ok()?;
    // The last place that fits: behind it are a unit and the event, which may have commas of its own.
    let fitting = |reading: &usize| {
        let field = fields
            .get(*reading)
            .map(|text| value::parse(text.trim().as_bytes()));
        let number = matches!(field, Some(Ok(_) | Err(Cause::Missing | Cause::NotFinite)));
        let unit = fields.get(reading + 1).is_some_and(|text| is_unit(text));
        number && unit && fields.get(reading + 2).is_some()
    };
    let reading = (3..fields.len()).rev().find(fitting)?;
    let state = fields.get(reading - 1).and_then(|text| state(text));
    let name = fields
        .get(1..reading - 1 - usize::from(state.is_some()))?
        .join(",");
    let name = name.trim();
    if name.is_empty() {
        return None;
    }
    let units = fields.get(reading + 1)?.trim();
    Some(Line {
        number,
        name: name.to_owned(),
        reading: value::parse(fields.get(reading)?.trim().as_bytes()),
        unit: unit::unit(units),
        has_unit: !units.eq_ignore_ascii_case("N/A"),
        state: state.flatten(),
    })
}

/// The state in a field: outer `None` if it is no state.
fn state(text: &str) -> Option<Option<f64>> {
    match text.trim() {
        "Nominal" => Some(Some(0.0)),
        "Warning" => Some(Some(1.0)),
        "Critical" => Some(Some(2.0)),
        "N/A" | "Unknown" => Some(None),
        _ => None,
    }
}

/// Whether a field can be a unit: a short word, not a number, not quoted as events are.
fn is_unit(text: &str) -> bool {
    let text = text.trim();
    (1..=24).contains(&text.len()) && text.parse::<f64>().is_err() && !text.starts_with('\'')
}
