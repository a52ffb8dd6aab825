//! The columns of keys and of values, told by the first rows.

use crate::recording::source::roles::{Columns, Roles, words};
use std::collections::HashSet;

/// A table's first rows, and the roles of its columns.
pub(super) struct View<'a> {
    pub(super) columns: Columns<'a>,
    pub(super) roles: Roles,
}

impl<'a> View<'a> {
    pub(super) fn name(&self, k: usize) -> &'a str {
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
    pub(super) fn is_dump(&self) -> bool {
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
    pub(super) fn found(&self, known: bool) -> Option<(Vec<usize>, Vec<usize>)> {
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
