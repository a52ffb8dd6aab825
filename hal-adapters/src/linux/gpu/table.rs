//! Tables of NVIDIA's tools, line by line: columns after commas, or columns after spaces below a line with `#`.

use crate::linux::probe::Raw;
use crate::linux::{unit, value};
use bellwether::Cause;
use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;
use std::{format, str};

/// Bytes of a line, at most.
const LINE_MAX: usize = 1 << 14;
/// Columns, at most.
const COLUMNS_MAX: usize = 256;
/// Columns that name a GPU, the best first.
const KEYS: [&str; 6] = [
    "uuid",
    "gpu_uuid",
    "pci.bus_id",
    "gpu_bus_id",
    "serial",
    "index",
];
/// DCGM's numbers for "no value": of 32 bits, of 64 bits, and of floating point.
const BLANKS: [f64; 3] = [
    2_147_483_632.0,
    9_223_372_036_854_775_792.0,
    140_737_488_355_328.0,
];

/// The values of a GPU at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    /// Its identity, as `34bf77d1-…` or `0`.
    pub gpu: String,
    /// Name, unit and value of each field.
    pub values: Vec<(String, &'static str, Raw)>,
}

/// The header seen last.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    columns: Vec<(String, &'static str)>,
    /// Of a table with spaces: first and last byte of each name.
    spans: Vec<(usize, usize)>,
    shape: Shape,
}

#[derive(Clone, Copy, Debug, Default)]
enum Shape {
    #[default]
    Unknown,
    /// Commas; the place of the column that names the GPU.
    Commas(Option<usize>),
    /// Spaces: words in front of the GPU's number, and whether its kind stands before it.
    Spaces { before: usize, kind: bool },
}

impl Table {
    /// The GPU's values in a line; `None` for a header and for anything else.
    pub(super) fn row(&mut self, line: &[u8]) -> Option<Row> {
        if line.len() > LINE_MAX {
            return None;
        }
        let line = str::from_utf8(line).ok()?;
        if line.trim_start().starts_with('#') {
            self.heading(line);
            return None;
        }
        match self.shape {
            Shape::Unknown => {
                self.commas(line);
                None
            }
            Shape::Commas(key) => self.separated(line, key),
            Shape::Spaces { before, kind } => self.aligned(line, before, kind),
        }
    }

    /// A line with `#`: names, or units below them.
    fn heading(&mut self, line: &str) {
        let is = |word: &str, name: &str| word.eq_ignore_ascii_case(name);
        let names: Vec<_> = words(line).take(COLUMNS_MAX).collect();
        let gpu = |(_, word): &(usize, &str)| is(word, "gpu") || is(word, "entity");
        let Some(before) = names.iter().position(gpu) else {
            self.units(line);
            return;
        };
        let kind = names
            .get(before)
            .is_some_and(|(_, word)| is(word, "entity"));
        let names = || {
            names
                .iter()
                .skip(before + 1)
                .filter(|(_, word)| !is(word, "id"))
        };
        self.spans = names()
            .map(|(at, word)| (*at, at + word.len() - 1))
            .collect();
        // The same header again keeps its units.
        if !names()
            .map(|(_, word)| *word)
            .eq(self.columns.iter().map(|c| c.0.as_str()))
        {
            self.columns = names().map(|(_, word)| ((*word).to_owned(), "")).collect();
        }
        self.shape = Shape::Spaces { before, kind };
    }

    /// Units stand below the begin or the end of their names.
    fn units(&mut self, line: &str) {
        for (at, word) in words(line).take(COLUMNS_MAX) {
            let end = at + word.len() - 1;
            let below = |(first, last): &(usize, usize)| {
                (*first..=*last).contains(&at) || (*first..=*last).contains(&end)
            };
            let column = self.spans.iter().position(below);
            if let Some((_, unit)) = column.and_then(|column| self.columns.get_mut(column)) {
                *unit = unit::unit(word);
            }
        }
    }

    /// The first line of a table with commas: names, each with its unit in brackets.
    fn commas(&mut self, line: &str) {
        let heads: Vec<_> = line.split(',').take(COLUMNS_MAX).map(head).collect();
        let part = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(part);
        // A message, such as that the driver is not running, is no header.
        if heads.len() >= 2 && heads.iter().all(|(name, _)| is_name(name)) {
            let place = |key: &&str| heads.iter().position(|(name, _)| name == key);
            self.shape = Shape::Commas(KEYS.iter().find_map(place));
            self.columns = heads;
        }
    }

    fn separated(&self, line: &str, key: Option<usize>) -> Option<Row> {
        let fields = line.split(',').take(COLUMNS_MAX + 1).map(str::trim);
        let fields: Vec<&str> = fields.collect();
        let (first, _) = self.columns.first()?;
        if fields.len() != self.columns.len() || fields.first() == Some(&first.as_str()) {
            return None;
        }
        let gpu = match key {
            Some(key) => fields.get(key)?.trim_start_matches("GPU-"),
            None => "0",
        };
        self.filled(gpu, &fields)
    }

    fn aligned(&mut self, line: &str, before: usize, kind: bool) -> Option<Row> {
        let mut words: Vec<&str> = line.split_whitespace().take(2 * COLUMNS_MAX).collect();
        if words.first()?.eq_ignore_ascii_case("id") {
            self.units(line);
            return None;
        }
        let behind = before + usize::from(kind) + 1;
        if words.len() != behind + self.columns.len() {
            return None;
        }
        let fields = words.split_off(behind);
        let number = words.pop()?;
        let kind = if kind { words.pop() } else { None };
        let gpu = match kind {
            Some(kind) if !kind.eq_ignore_ascii_case("gpu") => format!("{kind}-{number}"),
            _ => number.to_owned(),
        };
        self.filled(&gpu, &fields)
    }

    fn filled(&self, gpu: &str, fields: &[&str]) -> Option<Row> {
        let part = |b: u8| b.is_ascii_alphanumeric() || b".:_-".contains(&b);
        let named = (1..=64).contains(&gpu.len()) && gpu.bytes().all(part);
        let value = |((name, unit), field): (&(String, &'static str), &&str)| {
            // A column that names the GPU measures nothing.
            let name_of = KEYS.contains(&name.as_str());
            let value = if name_of {
                Err(Cause::Sensor)
            } else {
                number(field)
            };
            (name.clone(), *unit, value)
        };
        named.then(|| Row {
            gpu: gpu.to_owned(),
            values: self.columns.iter().zip(fields).map(value).collect(),
        })
    }
}

/// The words of a line, each with its place. A sign of a comment in front of one is no part of it.
fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = line.as_ptr().addr();
    let place = move |word: &str| word.as_ptr().addr() - start;
    let words = line.split(|c: char| c.is_whitespace() || c == '#');
    words
        .filter(|word| !word.is_empty())
        .map(move |word| (place(word), word))
}

/// Name and unit of a column, from `power.draw [W]`.
fn head(text: &str) -> (String, &'static str) {
    let (name, unit) = text.split_once('[').unwrap_or((text, ""));
    let name = name.trim();
    let unit = match unit::unit(unit) {
        "" if name.starts_with("temperature") => "°C",
        unit => unit,
    };
    (name.to_owned(), unit)
}

/// Whether a column grows by what it measures.
pub(super) fn is_counter(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let parts = ["energy_consumption", "reasons_counters", "violation"];
    parts.iter().any(|part| lower.contains(part))
        || ["totec", "pviol", "tviol", "bviol", "sbviol"].contains(&lower.as_str())
}

/// The number of a field: with its unit behind it, a state of power, a mask of bits, or a switch.
fn number(field: &str) -> Raw {
    match field {
        "Active" | "Enabled" | "Yes" => return Ok(1.0),
        "Not Active" | "Disabled" | "No" => return Ok(0.0),
        "[Not Supported]" | "[Not Found]" | "Not Supported" => return Err(Cause::Missing),
        _ => {}
    }
    let word = field.split_whitespace().next().unwrap_or_default();
    if let Some(mask) = word.strip_prefix("0x") {
        let mask = u64::from_str_radix(mask, 16);
        return mask.map(|mask| mask as f64).map_err(|_| Cause::Sensor);
    }
    let state = word.strip_prefix('P').filter(|state| state.len() <= 2);
    let value = value::parse(state.unwrap_or(word).as_bytes())?;
    let blank = |from: &f64| (*from..from + from / 1e7 + 16.0).contains(&value);
    if BLANKS.iter().any(blank) {
        Err(Cause::Missing)
    } else {
        Ok(value)
    }
}
