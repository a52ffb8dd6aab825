//! JSON as a table in memory: objects one per line or in a list, lists of lists, columns of values
//! (pandas), `sensors -j`, records within an answer, and the answers of range queries.
//!
//! A document is bounded to 32 MiB; there may be any number of them, one after another. Of JSON lines,
//! a line that is no JSON is left out and counted.

mod lenient;
mod records;
mod series;
mod table;

use super::Problem;
use super::long::Gather;
use super::records::Memory;
use lenient::Lenient;
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use table::Table;

/// Largest document in bytes.
const LARGEST: usize = 32 << 20;

/// The mark between the parts of a variable's full name, of which common ones are dropped.
pub const PART: char = '\u{1f}';

/// The content of a text of JSON.
pub enum Json {
    /// Rows of named fields.
    Table(Memory),
    /// Single values of variables, with or without times.
    Values(Box<Gather>),
}

/// Reads to the budget of a document.
struct Budget<R> {
    inner: R,
    left: Arc<AtomicUsize>,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 {
            return Err(io::Error::other("a JSON document of more than 32 MiB"));
        }
        let count = buffer.len().min(left);
        let read = self
            .inner
            .read(buffer.get_mut(..count).unwrap_or_default())?;
        self.left.store(left - read, Ordering::Relaxed);
        Ok(read)
    }
}

/// Reads a text of JSON; the notes are about what was left out.
///
/// # Errors
/// It cannot be read, is no JSON, or holds no table; a line is no JSON, if that is strict.
pub fn read(
    mut input: Box<dyn BufRead + Send>,
    strict: bool,
) -> Result<(Json, Vec<String>), Problem> {
    let mut first = Vec::new();
    let most = LARGEST as u64 + 1;
    let line = input.by_ref().take(most).read_until(b'\n', &mut first);
    line.map_err(Problem::Io)?;
    let mut documents = Documents::default();
    let notes = match parse(&first) {
        Some(document) if first.len() <= LARGEST => {
            documents.push(document)?;
            documents.lines(input, strict)?
        }
        _ => {
            documents.stream(Cursor::new(first).chain(input))?;
            Vec::new()
        }
    };
    Ok((documents.finish()?, notes))
}

/// The document of a line.
fn parse(line: &[u8]) -> Option<Value> {
    serde_json::from_reader(Lenient::new(line)).ok()
}

/// Documents, one after another.
#[derive(Default)]
struct Documents {
    /// The first one, as long as it is alone: it may hold all rows.
    alone: Option<Value>,
    any: bool,
    table: Table,
    values: Option<Box<Gather>>,
}

impl Documents {
    fn push(&mut self, document: Value) -> Result<(), Problem> {
        if !self.any {
            self.any = true;
            self.alone = Some(document);
            return Ok(());
        }
        if let Some(first) = self.alone.take() {
            self.take(first)?;
        }
        self.take(document)
    }

    /// Takes one of several documents.
    fn take(&mut self, document: Value) -> Result<(), Problem> {
        let known = series::take(&document, &mut self.values)? || self.table.list(&document)?;
        if known {
            return Ok(());
        }
        self.table.object(&document)
    }

    /// Takes documents of one line each.
    fn lines(&mut self, mut input: impl BufRead, strict: bool) -> Result<Vec<String>, Problem> {
        let (mut bytes, mut line, mut left, mut first) = (Vec::new(), 1_u64, 0_u64, 0);
        loop {
            bytes.clear();
            line += 1;
            let most = LARGEST as u64 + 1;
            let read = input.by_ref().take(most).read_until(b'\n', &mut bytes);
            if read.map_err(Problem::Io)? == 0 {
                break;
            }
            if bytes.len() > LARGEST {
                return Err(Problem::TooLarge("a JSON document of more than 32 MiB"));
            }
            if bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            match parse(&bytes) {
                Some(document) => self.push(document)?,
                None if strict => {
                    let problem = Problem::Layout("no JSON".to_owned());
                    return Err(Problem::OfLine(line, Box::new(problem)));
                }
                None => {
                    left += 1;
                    first = if left == 1 { line } else { first };
                }
            }
        }
        Ok(match left {
            0 => Vec::new(),
            1 => vec![format!("line {first} is no JSON and left out")],
            _ => vec![format!(
                "{left} lines are no JSON and left out (first in line {first})"
            )],
        })
    }

    /// Takes documents of any number of lines.
    fn stream(&mut self, input: impl Read) -> Result<(), Problem> {
        let left = Arc::new(AtomicUsize::new(LARGEST));
        let budget = Budget {
            inner: Lenient::new(input),
            left: Arc::clone(&left),
        };
        let documents =
            serde_json::Deserializer::from_reader(BufReader::new(budget)).into_iter::<Value>();
        for document in documents {
            match document {
                Ok(document) => self.push(document)?,
                // The last line of a log may be cut.
                Err(error) if error.is_eof() && self.any => break,
                Err(error) => return Err(Problem::Layout(format!("JSON: {error}"))),
            }
            left.store(LARGEST, Ordering::Relaxed);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Json, Problem> {
        if let Some(document) = self.alone.take() {
            let known = series::take(&document, &mut self.values)?
                || records::take(&document, &mut self.table)?;
            if !known {
                self.take(document)?;
            }
        }
        match self.values {
            Some(values) => Ok(Json::Values(values)),
            None => Ok(Json::Table(self.table.finish()?)),
        }
    }
}

/// A value as a field.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
