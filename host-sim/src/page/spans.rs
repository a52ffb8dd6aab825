//! Runs of rows with the same state of one plot, a variable's or a score's: flagged, confirmed and
//! anomalous intervals, and blind periods.

use crate::detect::LaneRecord;
use bellwether::health::Symptom;
use bellwether::report::Outcome;
use bellwether::{Assessment, Blindness, Cause, State};
use std::collections::BTreeMap;

/// The state of a variable or a score in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A lane flagged, with the vote's outcome.
    Flagged(Outcome),
    /// A score was above its threshold.
    Anomalous,
    /// Anomalous, but on fewer errors than the settings require.
    Early,
    /// Not assessed.
    Blind(Blindness),
    /// Out of its usual range, or faster than is usual: the health of a sensor, not an alarm.
    Odd(Symptom),
}

impl What {
    /// The state of a lane.
    pub fn of_lane(lane: &LaneRecord) -> Option<Self> {
        match (lane.outcome, lane.assessment.state) {
            (Outcome::Quiet, State::Blind { cause }) => Some(Self::Blind(cause)),
            (Outcome::Quiet, State::Early) => Some(Self::Early),
            (Outcome::Quiet, _) => None,
            (outcome, _) => Some(Self::Flagged(outcome)),
        }
    }

    /// The state of one score of an assessment, which is above its threshold or not.
    pub fn of_score(about: &Assessment, is_above: bool) -> Option<Self> {
        match about.state {
            State::Blind { cause } => Some(Self::Blind(cause)),
            State::Early => Some(Self::Early),
            State::Anomalous if is_above => Some(Self::Anomalous),
            _ => None,
        }
    }

    /// The state of a variable about which there is a complaint.
    pub const fn of_complaint(symptom: Symptom) -> Self {
        match symptom {
            Symptom::Missing => Self::Blind(Blindness::Input(Cause::Missing)),
            Symptom::Stuck => Self::Blind(Blindness::Input(Cause::Stuck)),
            _ => Self::Odd(symptom),
        }
    }

    /// Whether it is an anomaly of any weight.
    pub const fn is_flagged(self) -> bool {
        matches!(self, Self::Flagged(_) | Self::Anomalous)
    }

    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flagged(outcome) => outcome.name(),
            Self::Anomalous => State::Anomalous.name(),
            Self::Early => "early",
            Self::Blind(cause) => cause.name(),
            Self::Odd(symptom) => symptom.name(),
        }
    }

    /// Whether the lane was blind.
    pub fn is_blind(self) -> bool {
        matches!(self, Self::Blind(_))
    }
}

/// A run of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First row.
    pub first: u64,
    /// Last row.
    pub last: u64,
    /// The state in each.
    pub what: What,
}

impl Span {
    /// Rows.
    pub fn rows(&self) -> u64 {
        self.last - self.first + 1
    }

    /// Whether it is a gap of missing values, shorter than `rows`.
    pub fn is_gap_within(&self, rows: u64) -> bool {
        self.what == What::Blind(Blindness::Input(Cause::Missing)) && self.rows() < rows
    }
}

/// A flagged value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Row.
    pub tick: u64,
    /// Value in that row.
    pub value: f32,
    /// Its state.
    pub what: What,
}

/// Every state of one variable. Its size grows with the number of states, not of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spans {
    /// Runs, in order.
    pub runs: Vec<Span>,
    /// Flagged values, in order.
    pub marks: Vec<Mark>,
    /// Rows in which the lane was blind, by the name of the cause.
    pub blind: BTreeMap<&'static str, u64>,
}

impl Spans {
    /// Takes a value's state at a tick. An intermittent variable would give a run per row, so gaps
    /// shorter than a bin of `width` rows are only counted.
    pub fn push(&mut self, tick: u64, value: f32, what: Option<What>, width: u64) {
        let Some(what) = what else { return };
        if what.is_blind() {
            *self.blind.entry(what.name()).or_default() += 1;
        }
        match self.runs.last_mut() {
            Some(run) if run.what == what && tick - run.last <= 1 => run.last = tick,
            Some(run) if run.is_gap_within(width) => {
                *run = Span {
                    first: tick,
                    last: tick,
                    what,
                };
            }
            _ => self.runs.push(Span {
                first: tick,
                last: tick,
                what,
            }),
        }
        if what.is_flagged() {
            self.marks.push(Mark { tick, value, what });
        }
    }

    /// Rows with an anomaly, and those confirmed by a vote.
    pub fn counts(&self) -> (usize, usize) {
        let confirmed = |mark: &&Mark| mark.what == What::Flagged(Outcome::Confirmed);
        (
            self.marks.len(),
            self.marks.iter().filter(confirmed).count(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(outcome: Outcome, state: State) -> LaneRecord {
        LaneRecord {
            variable: 0,
            value: 2.0,
            outcome,
            assessment: Assessment::bare(state),
        }
    }

    #[test]
    fn runs_are_maximal_and_of_one_kind() {
        let mut spans = Spans::default();
        let flagged = |outcome| lane(outcome, State::Anomalous);
        let missing = lane(
            Outcome::Quiet,
            State::Blind {
                cause: Cause::Missing.into(),
            },
        );
        let said = [
            (3, flagged(Outcome::Local)),
            (4, flagged(Outcome::Local)),
            (5, flagged(Outcome::Confirmed)),
            (6, lane(Outcome::Quiet, State::Normal)),
            (7, flagged(Outcome::Confirmed)),
            (8, missing),
            (9, missing),
            (13, missing),
            (15, missing),
        ];
        for (tick, lane) in &said {
            spans.push(*tick, lane.value, What::of_lane(lane), 2);
        }
        let runs: Vec<_> = spans
            .runs
            .iter()
            .map(|run| (run.first, run.last, run.what.name()))
            .collect();
        assert_eq!(
            runs,
            [
                (3, 4, "local"),
                (5, 5, "confirmed"),
                (7, 7, "confirmed"),
                (8, 9, "missing"),
                (15, 15, "missing"),
            ]
        );
        assert_eq!(spans.blind["missing"], 4);
        assert_eq!(spans.counts(), (4, 2));
    }

    /// Broken by a score that is marked though another one of the row was above its threshold.
    #[test]
    fn of_several_scores_those_above_their_threshold_are_marked() {
        let anomalous = Assessment::bare(State::Anomalous);
        assert_eq!(What::of_score(&anomalous, true), Some(What::Anomalous));
        assert_eq!(What::of_score(&anomalous, false), None);
        let normal = Assessment::bare(State::Normal);
        assert_eq!(What::of_score(&normal, true), None);
        let blind = Assessment::blind(Cause::Missing);
        let blind = What::of_score(&blind, false);
        assert!(blind.is_some_and(What::is_blind));
    }
}
