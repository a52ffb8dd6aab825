//! A table that grows by single values.

use crate::recording::source::Problem;
use crate::recording::source::columns::WIDEST;
use crate::recording::source::json::PART;
use crate::recording::source::records::{Memory, ROOM};
use crate::recording::time::clock::Clock;
use std::collections::{HashMap, HashSet};

/// A table that grows by single values.
#[derive(Debug, Default)]
pub struct Gather {
    dated: bool,
    columns: HashMap<String, usize>,
    names: Vec<String>,
    places: HashMap<String, usize>,
    rows: Vec<(String, Vec<String>)>,
    size: usize,
    /// Labels of rows, if there are any.
    labels: HashMap<String, bool>,
}

impl Gather {
    /// Nothing yet; with or without times.
    pub fn new(dated: bool) -> Self {
        Self {
            dated,
            ..Self::default()
        }
    }

    /// Adds the value of a variable at a time. Without a time, a name that comes again begins a row.
    ///
    /// # Errors
    /// There is no room.
    pub fn push(&mut self, time: Option<&str>, name: String, value: &str) -> Result<(), Problem> {
        let next = self.names.len();
        let column = *self.columns.entry(name).or_insert_with_key(|name| {
            self.names.push(name.clone());
            next
        });
        if column >= WIDEST {
            return Err(Problem::TooManyColumns { found: column + 1 });
        }
        let row = match time {
            Some(time) => match self.places.get(time) {
                Some(row) => *row,
                None => {
                    self.places.insert(time.to_owned(), self.rows.len());
                    self.begin(time)
                }
            },
            None => {
                let again = self
                    .rows
                    .last()
                    .is_none_or(|(_, row)| row.get(column).is_some_and(|field| !field.is_empty()));
                if again {
                    self.begin("")
                } else {
                    self.rows.len() - 1
                }
            }
        };
        if let Some((_, row)) = self.rows.get_mut(row) {
            if row.len() <= column {
                self.size += column + 1 - row.len();
                row.resize(column + 1, String::new());
            }
            if let Some(field) = row.get_mut(column) {
                value.clone_into(field);
            }
        }
        if self.size > ROOM {
            return Err(Problem::TooLarge("a table of more than 33,554,432 fields"));
        }
        Ok(())
    }

    /// Labels the row of a time; one value of it that is anomalous is enough.
    pub fn label(&mut self, time: &str, label: bool) {
        match self.labels.get_mut(time) {
            Some(known) => *known |= label,
            None => {
                self.labels.insert(time.to_owned(), label);
            }
        }
    }

    /// Whether rows have labels, which are the last column.
    pub fn is_labelled(&self) -> bool {
        !self.labels.is_empty()
    }

    fn begin(&mut self, time: &str) -> usize {
        self.rows.push((time.to_owned(), Vec::new()));
        self.rows.len() - 1
    }

    /// The table, in order of time if all times can be read; whether the first column is the time.
    ///
    /// # Errors
    /// There is no value, or no room.
    pub fn finish(mut self) -> Result<(Memory, bool), Problem> {
        if self.names.is_empty() {
            return Err(Problem::NoVariables);
        }
        let mut clock = Clock::default();
        let times: Option<Vec<f64>> = self.rows.iter().map(|(time, _)| clock.read(time)).collect();
        if let Some(times) = times.filter(|_| self.dated) {
            let mut order: Vec<usize> = (0..times.len()).collect();
            order.sort_by(|a, b| times[*a].total_cmp(&times[*b]));
            let mut sorted = Vec::with_capacity(order.len());
            for k in order {
                sorted.push(std::mem::take(&mut self.rows[k]));
            }
            self.rows = sorted;
        }
        let mut names = shortened(&self.names);
        if self.dated {
            names.insert(0, "timestamp".to_owned());
        }
        let columns = self.names.len();
        if self.is_labelled() {
            names.push("label".to_owned());
        }
        let mut memory = Memory::new(names);
        memory.labelled = self.is_labelled();
        for (time, mut row) in self.rows {
            if let Some(label) = self.labels.get(&time) {
                row.resize(columns, String::new());
                row.push(u8::from(*label).to_string());
            }
            if self.dated {
                row.insert(0, time);
            }
            memory.push(row)?;
        }
        Ok((memory, self.dated))
    }
}

/// Full names without the parts that all have.
fn shortened(names: &[String]) -> Vec<String> {
    let parts: Vec<Vec<&str>> = names
        .iter()
        .map(|name| name.split(PART).filter(|part| !part.is_empty()).collect())
        .collect();
    let mut common: HashSet<&str> = parts.first().into_iter().flatten().copied().collect();
    for own in &parts {
        common.retain(|part| own.contains(part));
    }
    let short = |own: &Vec<&str>| {
        let rest: Vec<&str> = own
            .iter()
            .copied()
            .filter(|part| !common.contains(part))
            .collect();
        // A single variable keeps what it is called last, or first if that is a tag.
        let name = own
            .iter()
            .rev()
            .find(|part| !part.contains('='))
            .or(own.last());
        if rest.is_empty() {
            name.map_or_else(String::new, |name| (*name).to_owned())
        } else {
            rest.join(".")
        }
    };
    parts.iter().map(short).collect()
}
