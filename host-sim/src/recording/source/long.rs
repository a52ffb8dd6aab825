//! Tables with one value a row, `timestamp,sensor,value`, and tables with one row for each part of a
//! machine, as `sadf -d` writes: gathered to rows of all variables, in memory.
//!
//! Rows of the same time are one row. Without a time, a row begins where a name comes again.

mod gather;
mod view;

pub use gather::Gather;

use super::records::{Memory, Records};
use super::roles::{Columns, Roles, Time};
use super::{Options, Problem, label};
use view::View;

/// The columns of a table with one value, or one part, a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Long {
    time: Option<Time>,
    /// The column of labels, and whether they are words.
    label: Option<usize>,
    words: bool,
    /// Columns whose texts name a variable, together.
    keys: Vec<usize>,
    /// Columns of values.
    values: Vec<usize>,
    /// Their names.
    names: Vec<String>,
}

impl Long {
    /// The columns, if this is such a table; `known`: it is said to be one.
    ///
    /// # Errors
    /// An option names a column that is not there.
    pub fn of(
        columns: Columns<'_>,
        options: &Options,
        known: bool,
    ) -> Result<Option<Self>, Problem> {
        let bare = Options {
            columns: Vec::new(),
            without: Vec::new(),
            ..options.clone()
        };
        if columns.rows.is_empty() {
            return Ok(None);
        }
        let roles = Roles::of(columns, &bare)?;
        let view = View { columns, roles };
        let Some((keys, values)) = view.found(known) else {
            return Ok(None);
        };
        if keys.is_empty() || values.is_empty() {
            return Ok(None);
        }
        let time = view.roles.time.filter(|_| !view.is_dump());
        let names = values.iter().map(|k| view.name(*k).to_owned()).collect();
        Ok(Some(Self {
            time,
            label: view.roles.label.filter(|_| time.is_some()),
            words: view.roles.words,
            keys,
            values,
            names,
        }))
    }

    /// The roles of the columns, in lines for people.
    pub fn note(&self, names: &[String]) -> String {
        let name = |k: &usize| {
            names
                .get(*k)
                .map_or_else(String::new, |name| format!("`{name}`"))
        };
        let list = |all: &[usize]| all.iter().map(name).collect::<Vec<_>>().join(", ");
        let mut time = match self.time {
            Some(time) => format!("time: {}; ", time.said(|k| name(&k))),
            None => "no time: rows are numbered; ".to_owned(),
        };
        if let Some(label) = self.label {
            time.push_str(&format!("label: {}; ", name(&label)));
        }
        let (keys, values) = (list(&self.keys), list(&self.values));
        format!("{time}one row for each {keys}: its values {values} are gathered")
    }

    /// Gathers all rows below a header; whether the first column is the time, and the number of
    /// records without a value.
    ///
    /// # Errors
    /// They cannot be read, or do not fit in memory.
    pub fn gather(
        &self,
        mut records: impl Records,
        header: &[String],
    ) -> Result<(Memory, bool, u64), Problem> {
        let mut table = Gather::new(self.time.is_some());
        let mut left = 0;
        loop {
            match records.advance() {
                Ok(true) => {}
                Ok(false) => break,
                Err(problem) if problem.is_of_row() => {
                    left += 1;
                    continue;
                }
                Err(problem) => return Err(problem),
            }
            let time = self.time.map(|time| {
                let mut text = String::new();
                time.write(|k| records.field(k), &mut text);
                text
            });
            let key: Vec<&str> = self
                .keys
                .iter()
                .map(|k| records.field(*k))
                .filter(|k| !k.is_empty())
                .collect();
            let key = key.join(".");
            let short = self.values.iter().any(|k| *k >= records.count());
            let again = self
                .keys
                .iter()
                .all(|k| header.get(*k).is_some_and(|name| records.field(*k) == name));
            if records.is_comment() || again {
                continue;
            }
            if key.is_empty() || short || time.as_deref() == Some("") {
                left += 1;
                continue;
            }
            for (k, value) in self.values.iter().zip(&self.names) {
                let field = records.field(*k);
                let name = if self.values.len() > 1 {
                    format!("{key}.{value}")
                } else {
                    key.clone()
                };
                table.push(time.as_deref(), name, field)?;
            }
            if let (Some(label), Some(time)) = (self.label, time) {
                let label = label::read_among(records.field(label), self.words);
                table.label(&time, label == Some(true));
            }
        }
        let (memory, dated) = table.finish()?;
        Ok((memory, dated, left))
    }
}
