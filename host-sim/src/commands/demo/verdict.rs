//! A vote in words: flagged variables by its outcome, and lanes that turn blind.

use crate::detect::{LaneRecord, Record};
use crate::output::jsonl::name;
use bellwether::State;
use bellwether::report::Outcome;

/// The verdicts of a detector with lanes, row by row.
pub(super) struct Verdicts<'a> {
    names: &'a [String],
    /// States of the lanes in the row before.
    before: Vec<State>,
}

impl<'a> Verdicts<'a> {
    /// Before the first row.
    pub(super) const fn new(names: &'a [String]) -> Self {
        Self {
            names,
            before: Vec::new(),
        }
    }

    /// The lines about a row; none if nothing flagged and no lane turned blind.
    pub(super) fn next(&mut self, record: &Record) -> Vec<String> {
        let mut lines = Vec::new();
        if record.flagged().next().is_some() {
            lines.push(of_vote(record, self.names));
        }
        let states: Vec<State> = record.lanes.iter().map(|of| of.assessment.state).collect();
        for (k, state) in states.iter().enumerate() {
            if let State::Blind { cause } = state
                && self.before.get(k) != Some(state)
            {
                lines.push(format!(
                    "{} is blind: {}",
                    name(self.names, k),
                    cause.name()
                ));
            }
        }
        self.before = states;
        lines
    }
}

/// The flagged variables, by outcome of the vote: each one's value and expected value.
fn of_vote(record: &Record, names: &[String]) -> String {
    let groups = [
        Outcome::Confirmed,
        Outcome::Agreeing,
        Outcome::Outvoted,
        Outcome::Local,
    ];
    let said = groups.into_iter().filter_map(|outcome| {
        let lanes: Vec<String> = record
            .with(&[outcome])
            .map(|lane| of_lane(lane, names))
            .collect();
        let some = !lanes.is_empty();
        some.then(|| format!("{}: {}", outcome.name(), lanes.join(", ")))
    });
    said.collect::<Vec<_>>().join("; ")
}

fn of_lane(lane: &LaneRecord, names: &[String]) -> String {
    let expected = lane.assessment.expected.unwrap_or(f32::NAN);
    format!(
        "{} {:.1} ({expected:.1})",
        name(names, lane.variable),
        lane.value
    )
}
