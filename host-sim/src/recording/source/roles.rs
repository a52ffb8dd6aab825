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
    /// Year, month, day, and what follows of hour, minute and second, from the first column to this
    /// one.
    Parts(usize, usize),
}

impl Time {
    /// Whether a column is of the timestamp.
    pub fn has(self, column: usize) -> bool {
        match self {
            Self::One(one) => one == column,
            Self::Two(date, time) => date == column || time == column,
            Self::Parts(first, last) => (first..=last).contains(&column),
        }
    }

    /// The timestamp of a record with these fields.
    pub fn write<'a>(self, field: impl Fn(usize) -> &'a str, text: &mut String) {
        match self {
            Self::One(column) => text.push_str(field(column)),
            Self::Two(date, time) => {
                text.push_str(field(date));
                text.push(' ');
                text.push_str(field(time));
            }
            Self::Parts(first, last) => {
                for (k, column) in (first..=last).enumerate() {
                    text.push_str(["", "-", "-", " ", ":", ":"].get(k).copied().unwrap_or(" "));
                    let part = field(column);
                    let part = part.strip_suffix(".0").unwrap_or(part);
                    match (k, part.len()) {
                        (0, 2) => text.push_str("20"),
                        (1.., 1) => text.push('0'),
                        _ => {}
                    }
                    text.push_str(part);
                }
                // An hour needs its minute.
                if last == first + 3 {
                    text.push_str(":00");
                }
            }
        }
    }

    /// Its columns in a sentence.
    pub fn said(self, name: impl Fn(usize) -> String) -> String {
        match self {
            Self::One(k) => name(k),
            Self::Two(a, b) => format!("{} and {}", name(a), name(b)),
            Self::Parts(a, b) => format!("{} to {}", name(a), name(b)),
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
                    k == last && words::weak_label(name) && s.is_label() && s.of_two_kinds()
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
        let has = |known: &str| names.iter().any(|name| name == known);
        let influx = has("result") && has("table") && has("_time");
        for (k, (name, sample)) in names.iter().zip(samples).enumerate() {
            if taken(k) || without.contains(&k) {
                continue;
            }
            let counted = influx && (name == "result" || name == "table");
            let why = match self.reason(name, sample) {
                None if counted => Some("the number of a table of InfluxDB"),
                why => why,
            };
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
        let doubtful = self.variables.iter().filter(|k| {
            let of = |name: &String| words::doubtful_label(name) || words::like_label(name);
            names.get(**k).is_some_and(of) && samples.get(**k).is_some_and(Sample::of_two_kinds)
        });
        let doubtful: Vec<&str> = doubtful
            .filter_map(|k| names.get(*k).map(String::as_str))
            .collect();
        if self.label.is_none() && !doubtful.is_empty() {
            self.notes.push(format!(
                "{} holds one of two values, and is watched (--label takes it for the label, --without leaves \
                 it out)",
                listed(&doubtful)
            ));
        }
        let counters = matching(names, &options.rate).unwrap_or_default();
        let clocks = self
            .variables
            .iter()
            .filter(|k| !counters.contains(k))
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
            Kind::Text if self.label.is_none() && sample.calls_rows_normal() => {
                Some("text, with words of labels: --label takes it for the label")
            }
            Kind::Text if self.label.is_none() && strong => {
                Some("text, named as a label: --label with --anomalous takes it for the label")
            }
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

    /// All columns with their first values, and what they were taken for.
    pub fn listed(&self, columns: Columns<'_>) -> String {
        const MOST: usize = 4;
        let first = |k: usize| {
            let fields = columns.rows.iter().filter_map(|row| row.get(k));
            let found = fields.map(String::as_str).find(|field| !field.is_empty());
            let text: String = found.unwrap_or_default().chars().take(24).collect();
            text
        };
        let one = |k: usize| {
            let name: String = self
                .names
                .get(k)
                .map_or("", String::as_str)
                .chars()
                .take(40)
                .collect();
            let role = if self.time.is_some_and(|time| time.has(k)) {
                "the time".to_owned()
            } else if self.label == Some(k) {
                "the label".to_owned()
            } else if self.texts.contains(&k) {
                format!("text, such as `{}`", first(k))
            } else {
                "left out".to_owned()
            };
            format!("`{name}` is {role}")
        };
        let some: Vec<String> = (0..self.names.len().min(MOST)).map(one).collect();
        match self.names.len() {
            0..=MOST => some.join(", "),
            all => format!("{}, ... ({all} columns)", some.join(", ")),
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
            Some(time) => format!("time: {}", time.said(|k| format!("`{}`", name(k)))),
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
    if let Some(parts) = parts(names, samples) {
        return Some(parts);
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
        .or_else(|| find(&|name, s| words::time(name) && s.epoch))
        .or_else(first_is_time)
        .or_else(|| find(&|_, s| s.kind == Kind::Time))
        .or_else(|| find(&|name, s| words::elapsed(name) && s.kind == Kind::Number && s.rising))
        .or_else(|| find(&|_, s| s.epoch && s.rising))
        .or_else(|| find(&|name, s| words::like_time(name) && s.clock.is_some()))
        .or_else(|| {
            let first = samples.first().filter(|s| s.clock.is_some());
            let own = names
                .first()
                .is_some_and(|name| !words::row_number(name) && !name.is_empty());
            first.filter(|_| own).map(|_| 0)
        })
        .map(Time::One)
}

/// Year, month and day in columns of their own, with hour, minute and second behind them.
fn parts(names: &[String], samples: &[Sample]) -> Option<Time> {
    let is = |k: usize, part: usize| {
        let (name, sample) = (names.get(k), samples.get(k));
        name.is_some_and(|name| words::part_of_time(name, part))
            && sample.is_some_and(|s| s.kind == Kind::Number)
    };
    let first = (0..names.len()).find(|k| (0..3).all(|part| is(k + part, part)))?;
    let more = (3..6).take_while(|part| is(first + part, *part)).count();
    Some(Time::Parts(first, first + 2 + more))
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
