//! The first values of a column.

use super::{Columns, Type};
use crate::recording::source::cell::{self, Cell};
use crate::recording::source::label;
use crate::recording::time::SECONDS;
use crate::recording::time::clock::{Clock, is_bare_date, is_date, is_time_of_day};

/// Rows that are enough to call a column a clock.
const ENOUGH: usize = 8;

/// The kind of a column's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    /// None is there.
    #[default]
    Empty,
    /// Numbers, with or without units, and truth values.
    Number,
    /// Dates or times of day.
    Time,
    /// Anything else.
    Text,
}

/// The facts about the first values of a column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sample {
    pub kind: Kind,
    pub typed: Type,
    /// Rows looked at.
    pub rows: usize,
    /// The constant step, of a column that rises by one.
    pub clock: Option<f64>,
    /// Whether no value is smaller than the one before, and one is larger.
    pub rising: bool,
    /// The same downwards: the newest row is first.
    pub falling: bool,
    /// Whether all values could be seconds, or parts of them, since 1970.
    pub epoch: bool,
    pub bare_dates: bool,
    pub times_of_day: bool,
    /// Whether all values are labels, as numbers of two kinds at most or as words.
    labels: bool,
    /// Whether all values are 0 or 1, or words of labels.
    pub binary: bool,
    /// Whether a word calls rows normal.
    pub normal_words: bool,
    /// Whether a word calls rows anything else.
    other_words: bool,
}

fn is_letter(field: &str) -> bool {
    field.len() == 1 && field.chars().all(char::is_alphabetic)
}

impl Sample {
    pub fn of(columns: Columns<'_>, k: usize) -> Self {
        let fields = columns
            .rows
            .iter()
            .map(|row| row.get(k).map_or("", String::as_str));
        let fields: Vec<&str> = fields.collect();
        let there: Vec<&str> = fields
            .iter()
            .copied()
            .filter(|f| !columns.cells.is_missing(f))
            .collect();
        let all = |test: &dyn Fn(&str) -> bool| {
            !there.is_empty() && there.iter().all(|field| test(field))
        };
        let is_number = |field: &str| {
            matches!(
                columns.cells.read(field),
                Cell::Value(_) | Cell::Unit(..) | Cell::Missing
            )
        };
        // A single letter may be a name as well as a truth value.
        let letters = all(&|field| cell::truth(field).is_some());
        let is_number = |field: &&&str| is_number(field) && (letters || !is_letter(field));
        let numbers = there.iter().filter(is_number).count();
        let times = there.iter().filter(|field| is_date(field)).count();
        let typed = columns.types.get(k).copied().unwrap_or_default();
        let kind = match there.len() {
            0 => Kind::Empty,
            all if 2 * times > all => Kind::Time,
            all if 2 * numbers > all || numbers > 0 && 2 * numbers == all => Kind::Number,
            _ => Kind::Text,
        };
        let normal_words = fields.iter().any(|field| label::is_normal_word(field));
        let understood =
            |field: &&str| label::read_among(field, normal_words).is_some() || *field == "-1";
        let mut sample = Self {
            kind,
            typed,
            rows: fields.len(),
            bare_dates: all(&is_bare_date),
            times_of_day: all(&is_time_of_day),
            labels: fields.iter().all(understood),
            normal_words,
            other_words: there.iter().any(|field| label::read(field) != Some(false)),
            binary: all(&|field| label::is_binary(field) || field == "-1"),
            ..Self::default()
        };
        if kind == Kind::Number || kind == Kind::Time {
            sample.follow(columns, &there);
        }
        sample
    }

    /// Whether all values are labels of two kinds: 0 and 1, -1 and 1, or words.
    pub fn of_two_kinds(&self) -> bool {
        self.is_label() && (self.binary || self.normal_words)
    }

    /// Whether some values call rows normal, and others do not.
    pub fn calls_rows_normal(&self) -> bool {
        self.normal_words && self.labels && self.other_words
    }

    /// Whether the values can be labels.
    pub fn is_label(&self) -> bool {
        self.labels && self.kind != Kind::Time && self.clock.is_none()
    }

    fn follow(&mut self, columns: Columns<'_>, there: &[&str]) {
        let mut clock = Clock::default();
        let values = there.iter().filter_map(|field| match self.kind {
            Kind::Time => clock.read(field),
            _ => columns.cells.exact(field),
        });
        let values: Vec<f64> = values.filter(|x| x.is_finite()).collect();
        let steps: Vec<f64> = values.windows(2).map(|w| w[1] - w[0]).collect();
        self.rising = steps.iter().all(|step| *step >= 0.0) && steps.iter().any(|step| *step > 0.0);
        self.falling =
            steps.iter().all(|step| *step <= 0.0) && steps.iter().any(|step| *step < 0.0);
        let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        let first = steps.first().copied().unwrap_or(0.0);
        // The last digit of a printed time is rounded.
        let near = 1e-6 * first.abs() + 1e-12 * largest;
        let constant = steps
            .iter()
            .all(|step| (step - first).abs() <= near.max(1e-9));
        let whole = there.len() == self.rows && values.len() == self.rows;
        self.clock = (constant && first > 0.0 && whole && self.rows >= ENOUGH).then_some(first);
        let seconds = |x: f64| SECONDS.contains(&(x as i64));
        let within = |scale: f64| values.iter().all(|x| seconds(x * scale) && *x > 1e9);
        self.epoch = !values.is_empty() && [1.0, 1e-3, 1e-6, 1e-9].into_iter().any(within);
    }
}
