//! Tables with one value a row, `timestamp,sensor,value`, and tables with one row for each part of a
//! machine, as `sadf -d` writes: gathered to rows of all variables, in memory.
//!
//! Rows of the same time are one row. Without a time, a row begins where a name comes again.

use super::json::PART;
use super::records::{Memory, Records};
use super::roles::{Columns, Roles, Time, words};
use super::{Options, Problem};
use crate::recording::time::clock::Clock;
use std::collections::{HashMap, HashSet};

/// The columns of a table with one value, or one part, a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Long {
    time: Option<Time>,
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
        if roles.label.is_some() && !known {
            return Ok(None);
        }
        let name = |k: usize| columns.names.get(k).map_or("", String::as_str);
        let field = |row: &'_ Vec<String>, k: usize| row.get(k).cloned().unwrap_or_default();
        let distinct = |k: usize| {
            columns
                .rows
                .iter()
                .map(|row| field(row, k))
                .collect::<HashSet<_>>()
                .len()
        };
        let value = roles
            .variables
            .iter()
            .copied()
            .find(|k| words::value(name(*k)));
        let texts: Vec<usize> = roles.texts.clone();
        let named = texts.iter().copied().any(|k| words::series(name(k)));
        // `CPU`, numbers or words, with the same time for several of them.
        let parts = |k: &usize| words::part(name(*k)) && distinct(*k) > 1;
        let part: Vec<usize> = (0..columns.names.len()).filter(parts).collect();
        let repeats = |time: Time| {
            let Time::One(k) = time else { return false };
            let rows = columns.rows.windows(2);
            2 * rows.filter(|w| field(&w[0], k) == field(&w[1], k)).count()
                >= columns.rows.len().saturating_sub(1).min(2)
        };
        let sensors = headless_sensors(columns, &roles, &texts);
        let again = roles.time.is_some_and(repeats);
        let (keys, values) = if let Some(value) =
            value.filter(|_| named || known || again && !texts.is_empty())
        {
            (keys(columns, &roles, &texts), vec![value])
        } else if named && roles.variables.len() == 1 && roles.time.is_some() && texts.len() <= 4 {
            let varied = texts
                .iter()
                .any(|k| words::series(name(*k)) && distinct(*k) > 1);
            let found = if varied {
                keys(columns, &roles, &texts)
            } else {
                Vec::new()
            };
            (found, roles.variables.clone())
        } else if let Some(value) = sensors {
            (vec![0], vec![value])
        } else if !part.is_empty() && again {
            let values = roles
                .variables
                .iter()
                .copied()
                .filter(|k| !part.contains(k))
                .collect();
            (part, values)
        } else {
            return Ok(None);
        };
        if keys.is_empty() || values.is_empty() {
            return Ok(None);
        }
        let time = if sensors.is_some() { None } else { roles.time };
        let names = values.iter().map(|k| name(*k).to_owned()).collect();
        Ok(Some(Self {
            time,
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
        let time = match self.time {
            Some(Time::One(k)) => format!("time: {}; ", name(&k)),
            Some(Time::Two(a, b)) => format!("time: {} and {}; ", name(&a), name(&b)),
            None => "no time: rows are numbered; ".to_owned(),
        };
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
            let time = match self.time {
                None => None,
                Some(Time::One(k)) => Some(records.field(k).to_owned()),
                Some(Time::Two(a, b)) => Some(format!("{} {}", records.field(a), records.field(b))),
            };
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
        }
        let (memory, dated) = table.finish()?;
        Ok((memory, dated, left))
    }
}

/// The columns of text that name a variable together: those called so, if that tells the rows of one
/// time apart; else all that differ.
fn keys(columns: Columns<'_>, roles: &Roles, texts: &[usize]) -> Vec<usize> {
    let field = |row: &Vec<String>, k: usize| row.get(k).cloned().unwrap_or_default();
    let all = |keys: &[usize], row: &Vec<String>| -> Vec<String> {
        keys.iter().map(|k| field(row, *k)).collect()
    };
    let differs = |k: &usize| {
        columns
            .rows
            .iter()
            .map(|row| field(row, *k))
            .collect::<HashSet<_>>()
            .len()
            > 1
    };
    let is_series = |k: &usize| {
        columns
            .names
            .get(*k)
            .is_some_and(|name| words::series(name))
    };
    let named: Vec<usize> = texts.iter().copied().filter(is_series).collect();
    let own: Vec<usize> = named.iter().copied().filter(differs).collect();
    let varied: Vec<usize> = texts.iter().copied().filter(differs).collect();
    let time = |row: &Vec<String>| match roles.time {
        Some(Time::One(k)) => field(row, k),
        Some(Time::Two(a, b)) => field(row, a) + &field(row, b),
        None => String::new(),
    };
    let told = |keys: &[usize]| {
        let rows = columns.rows.iter().map(|row| (time(row), all(keys, row)));
        roles.time.is_none() || rows.collect::<HashSet<_>>().len() == columns.rows.len()
    };
    if !own.is_empty() && (told(&own) || !told(&varied)) {
        own
    } else if varied.is_empty() {
        named.into_iter().take(1).collect()
    } else {
        varied
    }
}

/// `ipmitool sdr` as CSV: a name, its value, its unit and its state, without a header.
fn headless_sensors(columns: Columns<'_>, roles: &Roles, texts: &[usize]) -> Option<usize> {
    let headless = columns.names.first().is_some_and(|name| name == "column1");
    let value = roles.variables.first().copied()?;
    let names: HashSet<&str> = columns
        .rows
        .iter()
        .filter_map(|row| row.first().map(String::as_str))
        .collect();
    let fits = headless
        && roles.time.is_none()
        && roles.variables.len() == 1
        && texts.contains(&0)
        && names.len() > 1;
    fits.then_some(value)
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
        let mut memory = Memory::new(names);
        for (time, mut row) in self.rows {
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
