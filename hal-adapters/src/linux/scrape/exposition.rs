//! The text format of Prometheus 0.0.4, series by series; what OpenMetrics adds at the ends of lines is left out.
//!
//! A line that is no series is skipped. Labels are sorted, and keep their escapes.

use std::collections::HashMap;
use std::str;
use std::string::String;
use std::vec::Vec;

/// Lines, at most.
const LINES_MAX: usize = 100_000;
/// Bytes of a line, at most. A longer one is skipped.
const LINE_MAX: usize = 1 << 14;
/// Labels of a series, at most.
const LABELS_MAX: usize = 64;
/// Names with a type, at most.
const TYPES_MAX: usize = 10_000;

/// Too many lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Problem;

/// The kind of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A gauge, or a series without a type.
    Gauge,
    /// A counter, by its type or its name.
    Counter,
    /// A part of a histogram or a summary.
    Other,
}

/// One series and its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Series<'a> {
    /// Name and labels, sorted.
    pub identity: &'a str,
    pub metric: &'a str,
    pub kind: Kind,
    pub value: f64,
    labels: &'a [(&'a str, &'a str)],
}

impl Series<'_> {
    /// The value of a label, with its escapes.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        self.labels
            .iter()
            .find(|label| label.0 == name)
            .map(|label| label.1)
    }
}

/// The series of a text.
pub(super) struct Lines<'a> {
    lines: str_lines::Lines<'a>,
    types: HashMap<&'a str, Kind>,
    without: &'a [String],
    count: usize,
    identity: String,
    labels: Vec<(&'a str, &'a str)>,
}

/// Lines of bytes.
mod str_lines {
    pub(super) type Lines<'a> = core::slice::Split<'a, u8, fn(&u8) -> bool>;

    pub(super) fn of(text: &[u8]) -> Lines<'_> {
        text.split(|byte| *byte == b'\n')
    }
}

impl<'a> Lines<'a> {
    /// Starts. Labels in `without` are left out of identities.
    pub(super) fn new(text: &'a [u8], without: &'a [String]) -> Self {
        Self {
            lines: str_lines::of(text),
            types: HashMap::new(),
            without,
            count: 0,
            identity: String::new(),
            labels: Vec::new(),
        }
    }

    /// The next series; `None` at the end.
    ///
    /// # Errors
    /// There are too many lines.
    pub(super) fn next(&mut self) -> Result<Option<Series<'_>>, Problem> {
        let found = loop {
            let Some(line) = self.lines.next() else {
                return Ok(None);
            };
            self.count += 1;
            if self.count > LINES_MAX {
                return Err(Problem);
            }
            let Some(line) = str::from_utf8(line)
                .ok()
                .filter(|line| line.len() <= LINE_MAX)
            else {
                continue;
            };
            let line = line.trim();
            if let Some(comment) = line.strip_prefix('#') {
                self.comment(comment);
            } else if let Some(found) = self.series(line) {
                break found;
            }
        };
        let (metric, value) = found;
        self.identify(metric);
        Ok(Some(Series {
            identity: &self.identity,
            metric,
            kind: self.kind(metric),
            value,
            labels: &self.labels,
        }))
    }

    fn comment(&mut self, text: &'a str) {
        let mut words = text.split_whitespace();
        if let (Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next())
            && self.types.len() < TYPES_MAX
        {
            let kind = match kind {
                "counter" => Kind::Counter,
                "gauge" | "untyped" | "unknown" => Kind::Gauge,
                _ => Kind::Other,
            };
            self.types.insert(name, kind);
        }
    }

    fn kind(&self, metric: &str) -> Kind {
        if let Some(kind) = self.types.get(metric) {
            return *kind;
        }
        let base = |suffix: &&str| {
            metric
                .strip_suffix(suffix)
                .and_then(|base| self.types.get(base))
        };
        let suffixes = ["_total", "_bucket", "_sum", "_count", "_created", "_info"];
        match suffixes.iter().find_map(base) {
            Some(Kind::Gauge) | None if metric.ends_with("_total") => Kind::Counter,
            Some(Kind::Gauge) | None => Kind::Gauge,
            Some(kind) => *kind,
        }
    }

    /// Name and value of a series; its labels are in `labels`.
    fn series(&mut self, line: &'a str) -> Option<(&'a str, f64)> {
        self.labels.clear();
        let end = line
            .bytes()
            .position(|b| !(b.is_ascii_alphanumeric() || b == b'_' || b == b':'))?;
        let (metric, rest) = line.split_at_checked(end)?;
        if metric.is_empty() || metric.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let rest = match rest.trim_start().strip_prefix('{') {
            Some(labels) => self.labels(labels)?,
            None => rest,
        };
        let value = rest.split_whitespace().next()?;
        let value = match value {
            "+Inf" | "Inf" => f64::INFINITY,
            "-Inf" => f64::NEG_INFINITY,
            other => other.parse().ok()?,
        };
        Some((metric, value))
    }

    /// Takes labels up to the brace, and gives what is behind it.
    fn labels(&mut self, mut text: &'a str) -> Option<&'a str> {
        loop {
            text = text.trim_start();
            if let Some(rest) = text.strip_prefix('}') {
                return Some(rest);
            }
            let (name, rest) = text.split_once('=')?;
            let rest = rest.trim_start().strip_prefix('"')?;
            let mut escaped = false;
            let end = rest.bytes().position(|byte| {
                let quote = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                quote
            })?;
            let (value, rest) = rest.split_at_checked(end)?;
            if self.labels.len() == LABELS_MAX {
                return None;
            }
            self.labels.push((name.trim(), value));
            text = rest.strip_prefix('"')?.trim_start();
            text = text.strip_prefix(',').unwrap_or(text);
        }
    }

    fn identify(&mut self, metric: &str) {
        let without = self.without;
        self.labels.sort_unstable();
        self.identity.clear();
        self.identity.push_str(metric);
        let kept = self
            .labels
            .iter()
            .filter(|label| !without.iter().any(|name| name == label.0));
        let mut separator = '{';
        for (name, value) in kept {
            self.identity.push(separator);
            self.identity.push_str(name);
            self.identity.push_str("=\"");
            self.identity.push_str(value);
            self.identity.push('"');
            separator = ',';
        }
        if separator == ',' {
            self.identity.push('}');
        }
    }
}
