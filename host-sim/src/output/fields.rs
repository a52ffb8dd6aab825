//! The fields of a record as text: the columns of CSV and of tables.
//!
//! A detector with lanes has a row per lane, whose score and threshold are the lane's. Any other has
//! a row per contribution, whose score and threshold are the record's.

use crate::detect::{Contribution, Profile, Record};
use crate::output::jsonl::name;
use crate::text::columns::{Column, Rows, width};
use bellwether::State;
use bellwether::kind::Kind;
use bellwether::report::Outcome;

const OF_LANES: [&str; 8] = [
    "tick",
    "timestamp",
    "variable",
    "outcome",
    "value",
    "expected",
    "score",
    "threshold",
];

pub(super) const OF_SCORES: [&str; 14] = [
    "tick",
    "timestamp",
    "state",
    "measure",
    "score",
    "threshold",
    "reason",
    "variable",
    "back",
    "value",
    "expected",
    "error",
    "confirmed",
    "kind",
];

/// Makes rows of fields.
#[derive(Clone, Debug)]
pub(super) struct Fields {
    names: Vec<String>,
    lanes: bool,
}

impl Fields {
    /// For records of a detector.
    pub(super) fn of(profile: &Profile) -> Self {
        Self {
            names: profile.names.clone(),
            lanes: profile.has_lanes(),
        }
    }

    /// Names of the variables.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a row is a lane.
    pub(super) const fn has_lanes(&self) -> bool {
        self.lanes
    }

    /// Names of the columns.
    pub(super) const fn columns(&self) -> &'static [&'static str] {
        if self.lanes { &OF_LANES } else { &OF_SCORES }
    }

    /// Columns of a table to read.
    pub(super) fn table(&self) -> Rows {
        let names = width(&self.names);
        let column = |name: &&str| match *name {
            "timestamp" => Column::Text(19),
            "variable" => Column::Text(names),
            "outcome" | "state" | "confirmed" | "kind" => Column::Text(9),
            "measure" | "reason" => Column::Text(13),
            "tick" => Column::Number(8),
            "back" => Column::Number(4),
            _ => Column::Number(12),
        };
        Rows::Table(self.columns().iter().map(column).collect())
    }

    /// The rows of a record: lanes that flagged or the largest contributions; with `all` every lane.
    pub(super) fn of_record(
        &self,
        record: &Record,
        timestamp: &str,
        all: bool,
    ) -> Vec<Vec<String>> {
        if !self.lanes {
            return of_scores(record, record.top(), timestamp, &self.names);
        }
        let told = record
            .lanes
            .iter()
            .filter(|lane| all || lane.outcome != Outcome::Quiet);
        told.map(|lane| {
            let about = &lane.assessment;
            vec![
                record.tick.to_string(),
                timestamp.to_owned(),
                name(&self.names, lane.variable).to_owned(),
                lane.outcome.name().to_owned(),
                number(Some(lane.value)),
                number(about.expected),
                number(about.score),
                number(about.threshold),
            ]
        })
        .collect()
    }
}

/// A row for each contribution; one without a variable where there is none.
pub(super) fn of_scores(
    record: &Record,
    contributions: impl Iterator<Item = Contribution>,
    timestamp: &str,
    names: &[String],
) -> Vec<Vec<String>> {
    let about = &record.assessment;
    let row = |part: Option<Contribution>| {
        let of = |pick: fn(&Contribution) -> f32| number(part.as_ref().map(pick));
        vec![
            record.tick.to_string(),
            timestamp.to_owned(),
            state_name(about.state),
            record.measure.unwrap_or("").to_owned(),
            number(about.score),
            number(about.threshold),
            record.reason().to_owned(),
            part.map_or("", |part| name(names, part.variable))
                .to_owned(),
            part.map_or_else(String::new, |part| part.back.to_string()),
            of(|part| part.value),
            of(|part| part.expected),
            of(|part| part.error),
            record.confirmed.map_or("", yes).to_owned(),
            record.kind().map_or("", Kind::name).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = contributions.map(Some).map(row).collect();
    if rows.is_empty() {
        vec![row(None)]
    } else {
        rows
    }
}

const fn yes(confirmed: bool) -> &'static str {
    if confirmed { "yes" } else { "no" }
}

/// A state as one word, with its cause if blind.
pub(super) fn state_name(state: State) -> String {
    match state {
        State::Blind { cause } => format!("{}:{}", state.name(), cause.name()),
        _ => state.name().to_owned(),
    }
}

/// A number in the shortest spelling that reads back to the same bits, or nothing.
pub(super) fn number(value: Option<f32>) -> String {
    value
        .filter(|v| v.is_finite())
        .map_or_else(String::new, |v| format!("{v}"))
}
