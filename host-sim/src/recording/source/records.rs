//! Records of fields: lines of a text, or a table in memory.

use super::Problem;
use super::lines::Lines;

/// Records of fields, one after another.
pub trait Records: Send {
    /// Moves to the next record; `false` at the end.
    ///
    /// # Errors
    /// It cannot be read or cut.
    fn advance(&mut self) -> Result<bool, Problem>;

    /// Number of fields of this record.
    fn count(&self) -> usize;

    /// A field of this record; empty if absent.
    fn field(&self, column: usize) -> &str;

    /// Number of the line or row, from 1.
    fn line(&self) -> u64;

    /// Whether this record is a comment.
    fn is_comment(&self) -> bool;
}

impl Records for Lines {
    fn advance(&mut self) -> Result<bool, Problem> {
        self.advance()
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn field(&self, column: usize) -> &str {
        self.field(column)
    }

    fn line(&self) -> u64 {
        self.line()
    }

    fn is_comment(&self) -> bool {
        super::dialect::is_comment(self.raw())
    }
}

/// Most fields of a table in memory.
pub const ROOM: usize = 1 << 25;

/// A table in memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// Names of the columns.
    pub names: Vec<String>,
    /// Rows of fields, one per name; those at the end may be absent.
    pub rows: Vec<Vec<String>>,
    /// Whether the last column is the label.
    pub labelled: bool,
    /// Number of fields of all rows.
    size: usize,
    /// Rows begun.
    at: usize,
}

impl Memory {
    /// Without rows.
    pub fn new(names: Vec<String>) -> Self {
        Self {
            names,
            ..Self::default()
        }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// There is no room.
    pub fn push(&mut self, row: Vec<String>) -> Result<(), Problem> {
        self.size += row.len().max(1);
        if self.size > ROOM {
            return Err(Problem::TooLarge("a table of more than 33,554,432 fields"));
        }
        self.rows.push(row);
        Ok(())
    }
}

impl Records for Memory {
    fn advance(&mut self) -> Result<bool, Problem> {
        self.at += 1;
        Ok(self.at <= self.rows.len())
    }

    fn count(&self) -> usize {
        self.names.len()
    }

    fn field(&self, column: usize) -> &str {
        let row = self.at.checked_sub(1).and_then(|row| self.rows.get(row));
        row.and_then(|row| row.get(column))
            .map_or("", String::as_str)
    }

    fn line(&self) -> u64 {
        self.at as u64
    }

    fn is_comment(&self) -> bool {
        false
    }
}
