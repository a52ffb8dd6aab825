//! Places in a TOML document: the line and key of each error, and the next error behind it.

use serde::Deserialize;
use std::ops::Range;
use toml::de::{DeTable, DeValue, Deserializer, Error};

/// Errors told at once, at most.
const MOST: usize = 50;

/// A document without syntax errors, less the keys that were found wrong.
pub struct Document<'t> {
    text: &'t str,
    /// Places of the keys that are left out.
    wrong: Vec<Range<usize>>,
}

impl<'t> Document<'t> {
    /// Checks the syntax.
    ///
    /// # Errors
    /// All syntax errors, each with its line.
    pub fn parse(text: &'t str) -> Result<Self, Vec<String>> {
        let (_, errors) = DeTable::parse_recoverable(text);
        if errors.is_empty() {
            return Ok(Self {
                text,
                wrong: Vec::new(),
            });
        }
        let lines = errors.iter().take(MOST).map(|error| match error.span() {
            Some(span) => format!("line {}: {}", line(text, span.start), error.message()),
            None => error.message().to_owned(),
        });
        Err(lines.collect())
    }

    /// The document as a type, without the keys that are wrong, and a line for each of these.
    pub fn read<'d, T: Deserialize<'d>>(&mut self) -> (Option<T>, Vec<String>)
    where
        't: 'd,
    {
        let mut told = Vec::new();
        while told.len() < MOST {
            let Ok(mut table) = DeTable::parse(self.text) else {
                break;
            };
            for key in &self.wrong {
                remove(table.get_mut(), key);
            }
            match T::deserialize(Deserializer::from(table)) {
                Ok(value) => return (Some(value), told),
                Err(error) => {
                    let (line, key) = self.explain(&error);
                    told.push(line);
                    match key {
                        Some(key) if !self.wrong.contains(&key) => self.wrong.push(key),
                        _ => break,
                    }
                }
            }
        }
        (None, told)
    }

    /// The line for an error, and the place of its key.
    fn explain(&self, error: &Error) -> (String, Option<Range<usize>>) {
        let message = error.message().lines().collect::<Vec<_>>().join("; ");
        let found = error.span().zip(DeTable::parse(self.text).ok());
        let Some((span, table)) = found else {
            return (message, None);
        };
        let mut path = Vec::new();
        let key = innermost(table.get_ref(), span.start, &mut path);
        let at = line(self.text, span.start);
        let path = path.join(".");
        // A name that is unknown is in the message itself, behind the section's.
        (format!("line {at}: {path}: {message}"), key)
    }

    /// A problem `section.key = value: …` with the line of its key, if the file has it.
    pub fn place(&self, problem: String) -> String {
        let path = problem.split([' ', ':']).next().unwrap_or_default();
        let Ok(table) = DeTable::parse(self.text) else {
            return problem;
        };
        let mut at = None;
        let mut table = table.get_ref();
        for name in path.split('.') {
            let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref().as_ref() == name)
            else {
                break;
            };
            at = Some(key.span().start);
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        match at {
            Some(at) => format!("line {}: {problem}", line(self.text, at)),
            None => problem,
        }
    }
}

/// The place of the innermost key at a byte, or whose value is there; its names go to `path`.
fn innermost(table: &DeTable<'_>, at: usize, path: &mut Vec<String>) -> Option<Range<usize>> {
    for (key, value) in table.iter() {
        let depth = path.len();
        path.push(key.get_ref().to_string());
        if let Some(found) = inside(value.get_ref(), at, path) {
            return Some(found);
        }
        if key.span().contains(&at) || value.span().contains(&at) {
            return Some(key.span());
        }
        path.truncate(depth);
    }
    None
}

/// As [`innermost`], of the tables in a value.
fn inside(value: &DeValue<'_>, at: usize, path: &mut Vec<String>) -> Option<Range<usize>> {
    match value {
        DeValue::Table(table) => innermost(table, at, path),
        DeValue::Array(array) => array
            .iter()
            .find_map(|value| inside(value.get_ref(), at, path)),
        _ => None,
    }
}

/// Leaves out the key at a place.
fn remove(table: &mut DeTable<'_>, place: &Range<usize>) {
    let found = table.keys().find(|key| key.span() == *place).cloned();
    match found {
        Some(key) => {
            table.remove(&key);
        }
        None => {
            for (_, value) in table.iter_mut() {
                remove_inside(value.get_mut(), place);
            }
        }
    }
}

fn remove_inside(value: &mut DeValue<'_>, place: &Range<usize>) {
    match value {
        DeValue::Table(table) => remove(table, place),
        DeValue::Array(array) => {
            // The items of an array can be reached mutably only one by one.
            for value in array.iter_mut() {
                remove_inside(value.get_mut(), place);
            }
        }
        _ => {}
    }
}

/// The number of the line with a byte, from 1.
fn line(text: &str, at: usize) -> usize {
    let before = text.bytes().take(at);
    before.filter(|byte| *byte == b'\n').count() + 1
}
