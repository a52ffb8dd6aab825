//! Parts of a recording that were left out, counted and located.

use super::Problem;
use crate::text::number::counted;
use std::collections::BTreeMap;

/// A count, and the first of those counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Found {
    count: u64,
    line: u64,
    text: String,
}

impl Found {
    fn push(&mut self, line: u64, text: &str) {
        if self.count == 0 {
            self.line = line;
            self.text = text.chars().take(40).collect();
        }
        self.count += 1;
    }
}

/// The fields and rows that were left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    fields: BTreeMap<String, Found>,
    labels: Found,
    kinds: Found,
    rows: Found,
    headers: Found,
    /// Line of the row left out last.
    last: u64,
}

impl Remarks {
    /// A field of a variable that is no number: the value is missing.
    pub fn field(&mut self, name: &str, line: u64, text: &str) {
        match self.fields.get_mut(name) {
            Some(found) => found.push(line, text),
            None => self
                .fields
                .entry(name.to_owned())
                .or_default()
                .push(line, text),
        }
    }

    /// A label that is none: the row is not labelled anomalous.
    pub fn label(&mut self, line: u64, text: &str) {
        self.labels.push(line, text);
    }

    /// A label that is neither 0 nor 1, taken for anomalous.
    pub fn kind(&mut self, line: u64, text: &str) {
        self.kinds.push(line, text);
    }

    /// A row that is left out.
    pub fn row(&mut self, line: u64, problem: &Problem) {
        self.rows.push(line, &problem.to_string());
        self.last = line;
    }

    /// The header once more.
    pub fn header(&mut self, line: u64) {
        self.headers.push(line, "");
    }

    /// The line and problem of the first row that was left out.
    pub fn first_row(&self) -> Option<(u64, &str)> {
        (self.rows.count > 0).then_some((self.rows.line, self.rows.text.as_str()))
    }

    /// In sentences; `end` is the last line.
    pub fn lines(&self, end: u64) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, found) in &self.fields {
            let fields = counted(found.count, "field");
            lines.push(format!(
                "{name}: {fields} of no number, taken for missing (first in line {}: `{}`)",
                found.line, found.text
            ));
        }
        if self.labels.count > 0 {
            let labels = counted(self.labels.count, "label");
            let (line, text) = (self.labels.line, &self.labels.text);
            lines.push(format!(
                "{labels} not understood, taken for normal (first in line {line}: `{text}`)"
            ));
        }
        if self.kinds.count > 0 {
            let labels = counted(self.kinds.count, "label");
            let (line, text) = (self.kinds.line, &self.kinds.text);
            lines.push(format!(
                "{labels} other than 0 and 1, taken for anomalous (first in line {line}: `{text}`)"
            ));
        }
        if self.rows.count > 0 {
            let (line, text) = (self.rows.line, &self.rows.text);
            lines.push(if self.rows.count == 1 && self.last == end {
                format!("the last line, {line}, is left out: {text}")
            } else {
                format!(
                    "{} left out (first in line {line}: {text})",
                    counted(self.rows.count, "line")
                )
            });
        }
        if self.headers.count > 0 {
            let headers = counted(self.headers.count, "further header");
            lines.push(format!(
                "{headers} left out (first in line {})",
                self.headers.line
            ));
        }
        lines
    }
}
