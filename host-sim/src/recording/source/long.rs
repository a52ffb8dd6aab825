//! Tables with one value a row, `timestamp,sensor,value`, and tables with one row for each part of a
//! machine, as `sadf -d` writes: gathered to rows of all variables, in memory.
//!
//! Rows of the same time are one row. Without a time, a row begins where a name comes again.

use super::json::PART;
use super::records::{Memory, Records};
use super::roles::{Columns, Roles, Time, words};
use super::{Options, Problem, label};
use crate::recording::time::clock::Clock;
use std::collections::{HashMap, HashSet};

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

/// A table's first rows, and the roles of its columns.
struct View<'a> {
    columns: Columns<'a>,
    roles: Roles,
}

impl<'a> View<'a> {
    fn name(&self, k: usize) -> &'a str {
        self.columns.names.get(k).map_or("", String::as_str)
    }

    fn field(row: &'a [String], k: usize) -> &'a str {
        row.get(k).map_or("", String::as_str)
    }

    /// Number of different fields of a column.
    fn distinct(&self, k: usize) -> usize {
        let fields = self.columns.rows.iter().map(|row| Self::field(row, k));
        fields.collect::<HashSet<_>>().len()
    }

    fn time(&self, row: &'a [String]) -> String {
        let mut text = String::new();
        if let Some(time) = self.roles.time {
            time.write(|k| Self::field(row, k), &mut text);
        }
        text
    }

    /// Whether half of the times, or more, are those of the row before.
    fn repeats(&self) -> bool {
        let rows = self.columns.rows;
        let same = rows
            .windows(2)
            .filter(|w| self.time(&w[0]) == self.time(&w[1]));
        self.roles.time.is_some()
            && 2 * same.count() >= rows.len().saturating_sub(1).min(2).max(rows.len() / 2)
    }

    /// Whether time and keys tell all rows apart.
    fn told(&self, keys: &[usize]) -> bool {
        let key = |row: &'a Vec<String>| {
            let keys: Vec<&str> = keys.iter().map(|k| Self::field(row, *k)).collect();
            (self.time(row), keys)
        };
        let rows = self.columns.rows;
        self.roles.time.is_none()
            || rows.iter().map(key).collect::<HashSet<_>>().len() == rows.len()
    }

    /// Whether the columns have no names.
    fn headless(&self) -> bool {
        self.name(0) == "column1"
    }

    /// A table without header and time whose first column names sensors, as IPMI's tools write.
    fn is_dump(&self) -> bool {
        let rows = self.columns.rows;
        let is_name = |row: &'a Vec<String>| {
            let field = Self::field(row, 0);
            // A time that was not parted from what follows is no name.
            let digits = field
                .bytes()
                .take(6)
                .filter(|b| b.is_ascii_digit() || *b == b'-');
            !field.is_empty() && digits.count() < 6
        };
        self.headless()
            && self.roles.time.is_none()
            && self.roles.variables.len() == 1
            && self.roles.texts.contains(&0)
            && self.distinct(0) > 1
            && rows.iter().all(is_name)
    }

    /// The columns of text that name a variable together: those called so, if that tells the rows of
    /// one time apart; else all that differ.
    fn keys(&self, texts: &[usize]) -> Vec<usize> {
        let named: Vec<usize> = texts
            .iter()
            .copied()
            .filter(|k| words::series(self.name(*k)))
            .collect();
        let differs = |k: &usize| self.distinct(*k) > 1;
        let own: Vec<usize> = named.iter().copied().filter(differs).collect();
        let varied: Vec<usize> = texts.iter().copied().filter(differs).collect();
        if !own.is_empty() && (self.told(&own) || !self.told(&varied)) {
            own
        } else if varied.is_empty() {
            named.into_iter().take(1).collect()
        } else {
            varied
        }
    }

    /// The columns of keys and of values.
    fn found(&self, known: bool) -> Option<(Vec<usize>, Vec<usize>)> {
        let again = self.repeats();
        // Names of variables may be numbers, if each time has several.
        let numbered =
            |k: &usize| (again || known) && words::series(self.name(*k)) && self.distinct(*k) > 1;
        let numbers: Vec<usize> = self
            .roles
            .variables
            .iter()
            .copied()
            .filter(numbered)
            .filter(|k| self.told(&[*k]))
            .collect();
        let variables: Vec<usize> = self
            .roles
            .variables
            .iter()
            .copied()
            .filter(|k| !numbers.contains(k))
            .collect();
        let mut texts = self.roles.texts.clone();
        texts.extend(numbers);
        let named = texts.iter().any(|k| words::series(self.name(*k)));
        let value = variables
            .iter()
            .copied()
            .find(|k| words::value(self.name(*k)));
        if let Some(value) = value.filter(|_| named || known || again && !texts.is_empty()) {
            return Some((self.keys(&texts), vec![value]));
        }
        if named && variables.len() == 1 && self.roles.time.is_some() && texts.len() <= 4 {
            let varied = |k: &&usize| words::series(self.name(**k)) && self.distinct(**k) > 1;
            let varied = texts.iter().any(|k| varied(&k));
            let keys = if varied {
                self.keys(&texts)
            } else {
                Vec::new()
            };
            return Some((keys, variables));
        }
        if self.is_dump() {
            return Some((vec![0], variables));
        }
        // Graphite: name, time and value in any order, without a header.
        if self.headless()
            && self.columns.names.len() == 3
            && self.roles.time.is_some()
            && variables.len() == 1
            && texts == [0]
            && 2 * self.distinct(0) <= self.columns.rows.len()
        {
            return Some((texts, variables));
        }
        // `CPU`, numbers or words, with the same time for several of them.
        let is_part = |k: &usize| words::part(self.name(*k)) && self.distinct(*k) > 1;
        let part: Vec<usize> = (0..self.columns.names.len()).filter(is_part).collect();
        let constant = |k: &usize| self.distinct(*k) < 2;
        let values = |keys: &[usize]| -> Vec<usize> {
            let rest = variables.iter().copied().filter(|k| !keys.contains(k));
            // The interval of `sadf` is no value of a part.
            rest.filter(|k| !(constant(k) && self.headless() || self.name(*k) == "interval"))
                .collect()
        };
        if again && !part.is_empty() {
            let values = values(&part);
            return Some((part, values));
        }
        // Any texts that tell apart the rows of a time.
        let varied: Vec<usize> = texts.iter().copied().filter(|k| !constant(k)).collect();
        let few = |k: &usize| 2 * self.distinct(*k) <= self.columns.rows.len();
        let table = again && !varied.is_empty() && varied.iter().all(few) && self.told(&varied);
        table.then(|| {
            let values = values(&varied);
            (varied, values)
        })
    }
}

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
        if column >= super::columns::WIDEST {
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
        if self.size > super::records::ROOM {
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
