//! The meaning of columns: one rule of names and values for every table.
//!
//! The time is the column whose name says so and whose values are times, wherever it stands; the
//! label likewise. Of several, the first counts and the others are left out. A column of text is
//! left out. Whatever is not the convention of the project's own files (`timestamp` first, `label`
//! last, numbers between) is noted.

mod sample;
pub mod words;

use super::Options;
use super::Problem;
use super::cell::Cells;
use super::columns::{matching, place, renamed};
use sample::{Kind, Sample};
use std::collections::BTreeMap;

/// The columns of the timestamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// One column.
    One(usize),
    /// A date, and the time of day.
    Two(usize, usize),
}

impl Time {
    /// Whether a column is of the timestamp.
    pub fn has(self, column: usize) -> bool {
        match self {
            Self::One(one) => one == column,
            Self::Two(date, time) => date == column || time == column,
        }
    }
}

/// The known types of columns; all unknown in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Type {
    /// Told by the values.
    #[default]
    Unknown,
    /// A time by its type.
    Time,
    /// The index of a data frame.
    Index,
}

/// A table before its meaning is known.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    /// Names; empty where there is none.
    pub names: &'a [String],
    /// First rows, cut.
    pub rows: &'a [Vec<String>],
    /// Types, as far as known.
    pub types: &'a [Type],
    /// The spelling of numbers.
    pub cells: &'a Cells,
}

/// The meaning of columns, from 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// The timestamp; without one, rows are numbered.
    pub time: Option<Time>,
    /// The label.
    pub label: Option<usize>,
    /// Whether labels are words, of which one is for normal rows.
    pub words: bool,
    /// The variables, in order.
    pub variables: Vec<usize>,
    /// Names of all columns, each another.
    pub names: Vec<String>,
    /// Columns of text that are not chosen.
    pub texts: Vec<usize>,
    /// The roles of the columns, in lines for people.
    pub notes: Vec<String>,
}

impl Roles {
    /// Tells the meaning of columns.
    ///
    /// # Errors
    /// An option names a column that is not there.
    pub fn of(columns: Columns<'_>, options: &Options) -> Result<Self, Problem> {
        let mut names = columns.names.to_vec();
        let renamed = renamed(&mut names);
        let sample = |k| Sample::of(columns, k);
        let samples: Vec<Sample> = (0..names.len()).map(sample).collect();
        let mut roles = Self::default();
        for (old, new) in renamed {
            roles
                .notes
                .push(format!("the second column `{old}` is called `{new}`"));
        }
        roles.time = match &options.time {
            Some(text) => Some(said_time(&names, text)?),
            None => time(&names, &samples),
        };
        roles.label = match &options.label {
            Some(text) => Some(place(&names, text)?),
            None => roles.label(&names, &samples),
        };
        if let Some(sample) = roles.label.and_then(|k| samples.get(k)) {
            roles.words = sample.normal_words;
        }
        roles.choose(&names, &samples, options)?;
        roles.said(&names);
        roles.names = names;
        Ok(roles)
    }

    fn label(&self, names: &[String], samples: &[Sample]) -> Option<usize> {
        let free = |k: usize| self.time.is_none_or(|time| !time.has(k));
        let last = names.len().saturating_sub(1);
        let all = || {
            (0..names.len())
                .zip(names.iter().zip(samples))
                .filter(|(k, _)| free(*k))
        };
        let found = |test: &dyn Fn(usize, &str, &Sample) -> bool| {
            let mut all = all();
            all.find(|(k, (name, sample))| test(*k, name, sample))
                .map(|(k, _)| k)
        };
        found(&|_, name, s| name == "label" && (s.is_label() || s.rows == 0))
            .or_else(|| found(&|_, name, s| words::label(name) && s.is_label()))
            .or_else(|| found(&|_, name, s| words::like_label(name) && s.is_label()))
            .or_else(|| {
                found(&|k, name, s| {
                    k == last && words::weak_label(name) && s.is_label() && s.binary
                })
            })
            .or_else(|| found(&|_, name, _| name == "label"))
    }

    fn choose(
        &mut self,
        names: &[String],
        samples: &[Sample],
        options: &Options,
    ) -> Result<(), Problem> {
        let without = matching(names, &options.without)?;
        let taken = |k: usize| self.time.is_some_and(|time| time.has(k)) || self.label == Some(k);
        if !options.columns.is_empty() {
            let chosen = matching(names, &options.columns)?;
            let keep = |k: &usize| !taken(*k) && !without.contains(k);
            self.variables = chosen.into_iter().filter(keep).collect();
            return Ok(());
        }
        let mut left: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (k, (name, sample)) in names.iter().zip(samples).enumerate() {
            if taken(k) || without.contains(&k) {
                continue;
            }
            let why = self.reason(name, sample);
            if sample.kind == Kind::Text {
                self.texts.push(k);
            }
            match why {
                None => self.variables.push(k),
                Some("") => {}
                Some(why) => left.entry(why).or_default().push(if name.is_empty() {
                    "(no name)"
                } else {
                    name
                }),
            }
        }
        for (why, names) in left {
            self.notes
                .push(format!("left out: {} ({why})", listed(&names)));
        }
        let clocks = self
            .variables
            .iter()
            .filter(|k| samples.get(**k).is_some_and(|s| s.clock.is_some()));
        let clocks: Vec<&str> = clocks
            .filter_map(|k| names.get(*k).map(String::as_str))
            .collect();
        if !clocks.is_empty() {
            self.notes.push(format!(
                "{} rises by a constant step like a clock, and is watched (--time or --without)",
                listed(&clocks)
            ));
        }
        Ok(())
    }

    /// The reason to leave a column out; an empty one needs no word.
    fn reason(&self, name: &str, sample: &Sample) -> Option<&'static str> {
        let strong = words::label(name) || words::like_label(name);
        if name.is_empty() {
            return Some(if sample.kind == Kind::Empty {
                ""
            } else {
                "no name"
            });
        }
        match sample.typed {
            Type::Index => return Some("the index of the data frame"),
            Type::Time => return Some("times, and not the first ones"),
            Type::Unknown => {}
        }
        match sample.kind {
            Kind::Time => Some("times, and not the first ones"),
            Kind::Text => Some("text"),
            _ if words::row_number(name) && sample.clock.is_some() => Some("numbers of rows"),
            _ if words::time(name) && self.time.is_some() && sample.rising => {
                Some("times, and not the first ones")
            }
            _ if self.label.is_some() && strong && sample.is_label() => {
                Some("labels, and not the first ones")
            }
            _ if (words::label(name) || words::score(name))
                && !sample.is_label()
                && sample.kind == Kind::Number =>
            {
                Some("named as a label, but its values are no labels; --columns watches it")
            }
            _ => None,
        }
    }

    /// Notes time and label where they are not those of the project's own files.
    fn said(&mut self, names: &[String]) {
        let name = |k: usize| names.get(k).map_or("", String::as_str);
        let usual_time = match self.time {
            Some(Time::One(0)) => name(0) == "timestamp",
            _ => false,
        };
        let usual_label = self
            .label
            .is_none_or(|k| name(k) == "label" && k + 1 == names.len());
        if usual_time && usual_label && self.notes.is_empty() {
            return;
        }
        let time = match self.time {
            Some(Time::One(k)) if name(k).is_empty() => {
                "time: the column without a name".to_owned()
            }
            Some(Time::One(k)) => format!("time: `{}`", name(k)),
            Some(Time::Two(a, b)) => format!("time: `{}` and `{}`", name(a), name(b)),
            None => "no time: rows are numbered".to_owned(),
        };
        let label = self.label.map(|k| format!("label: `{}`", name(k)));
        let variables: Vec<&str> = self.variables.iter().map(|k| name(*k)).collect();
        let variables = match variables.len() {
            0 => "no variable".to_owned(),
            count => format!(
                "{}: {}",
                crate::text::number::counted(count as u64, "variable"),
                listed(&variables)
            ),
        };
        let said = [Some(time), label, Some(variables)].into_iter().flatten();
        self.notes.insert(0, said.collect::<Vec<_>>().join("; "));
    }
}

fn said_time(names: &[String], text: &str) -> Result<Time, Problem> {
    match (place(names, text), text.split_once(',')) {
        (Ok(one), _) => Ok(Time::One(one)),
        (Err(_), Some((date, time))) => Ok(Time::Two(place(names, date)?, place(names, time)?)),
        (Err(error), None) => Err(error),
    }
}

fn time(names: &[String], samples: &[Sample]) -> Option<Time> {
    // The project's own files: whatever the values are.
    if names.first().is_some_and(|name| name == "timestamp") {
        return Some(Time::One(0));
    }
    let all = || names.iter().zip(samples).enumerate();
    let find = |test: &dyn Fn(&str, &Sample) -> bool| {
        let mut all = all();
        all.find(|(_, (name, sample))| test(name, sample))
            .map(|(k, _)| k)
    };
    let dates = find(&|name, s| s.bare_dates && (words::time(name) || words::date(name)));
    if let Some(date) = dates {
        let of_day = all().find(|(k, (_, s))| *k != date && s.times_of_day);
        if let Some((time, _)) = of_day {
            return Some(Time::Two(date, time));
        }
    }
    let first_is_time = || {
        names
            .first()
            .is_some_and(|name| words::time(name))
            .then_some(0)
    };
    let steady = |s: &Sample| s.clock.is_some() || s.rising || s.falling;
    find(&|name, s| words::time(name) && (s.kind == Kind::Time || s.typed == Type::Time))
        .or_else(|| {
            find(&|_, s| {
                s.typed != Type::Unknown && (s.kind == Kind::Time || s.typed == Type::Time)
            })
        })
        .or_else(|| find(&|name, s| words::time(name) && s.kind == Kind::Number && steady(s)))
        .or_else(first_is_time)
        .or_else(|| find(&|_, s| s.kind == Kind::Time))
        .or_else(|| find(&|name, s| words::elapsed(name) && s.kind == Kind::Number && s.rising))
        .or_else(|| find(&|_, s| s.epoch && s.rising))
        .or_else(|| {
            let first = samples.first().filter(|s| s.clock.is_some());
            let own = names
                .first()
                .is_some_and(|name| !words::row_number(name) && !name.is_empty());
            first.filter(|_| own).map(|_| 0)
        })
        .map(Time::One)
}

/// Names in a sentence; many are counted.
fn listed(names: &[&str]) -> String {
    const MOST: usize = 8;
    let some: Vec<&str> = names.iter().take(MOST).copied().collect();
    match names.len() {
        0..=MOST => some.join(", "),
        all => format!("{}, ... ({all} columns)", some.join(", ")),
    }
}

#[cfg(test)]
mod tests;
