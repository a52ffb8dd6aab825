//! One detector's answer to one row, computed here or on a device. Every detector's answer has this
//! form, so that two of them can be compared field by field.

use super::Limit;
use super::sentinel::Notice;
use bellwether::autoencoder::{self, contribution::largest};
use bellwether::kind::Kind;
use bellwether::rola::Correlation;
use bellwether::{Alert, Assessment, Outcome, Reading, State, Verdict};

/// Number of named variables, in an output that does not name all.
pub const NAMED: usize = 3;

/// One row's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Number of the row in the recording, from 0.
    pub tick: u64,
    /// The detector's answer. A device that votes does not send it.
    pub assessment: Assessment,
    /// The measure of the assessment's score; `None` without a score.
    pub measure: Option<&'static str>,
    /// The value of every limit's measure, in the limits' order; empty without an assessment.
    pub levels: Vec<f32>,
    /// The threshold of each of them; NaN while a moving threshold is not known.
    pub thresholds: Vec<f32>,
    /// Whether k of the last n assessments were anomalous; `None` without k of n.
    pub confirmed: Option<bool>,
    /// The variables' contributions to the score, ascending by variable.
    pub contributions: Vec<Contribution>,
    /// Variables that most of those that go with them disagree with, in an anomalous row: what these say is the
    /// expectation, their vote in limits the error.
    pub blamed: Vec<Contribution>,
    /// Variables that a model lacks in this row.
    pub missing: Vec<usize>,
    /// Lanes, ascending by variable: all of them, or from a device only those that flagged; empty
    /// for a detector without lanes.
    pub lanes: Vec<LaneRecord>,
    /// Correlations that voted, each pair once.
    pub correlations: Vec<CorrelationRecord>,
    /// The alarm and the health of sensors, from a detector that knows them.
    pub notice: Option<Box<Notice>>,
}

/// One variable's part in a score.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Contribution {
    /// Index of the variable.
    pub variable: usize,
    /// Number of rows before the assessed row; 0 is that row.
    pub back: usize,
    /// The value, in the variable's unit.
    pub value: f32,
    /// The expected value, in the variable's unit.
    pub expected: f32,
    /// The error or the part, in the unit of the score.
    pub error: f32,
}

impl Contribution {
    /// Of every variable with a usable reading in the assessed row: its mean is the expectation, its part the
    /// error.
    pub fn of_row(
        readings: &[Reading],
        means: Vec<f32>,
        parts: impl IntoIterator<Item = f32>,
    ) -> Vec<Self> {
        let variables = readings.iter().zip(means).zip(parts).enumerate();
        variables
            .filter_map(|(variable, ((reading, expected), error))| {
                Some(Self {
                    variable,
                    back: 0,
                    value: reading.usable().ok()?,
                    expected,
                    error,
                })
            })
            .collect()
    }
}

impl From<autoencoder::Contribution> for Contribution {
    /// Of the assessed row.
    fn from(part: autoencoder::Contribution) -> Self {
        Self {
            variable: part.feature,
            back: 0,
            value: part.value,
            expected: part.expected,
            error: part.error,
        }
    }
}

/// One variable's lane.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneRecord {
    /// Index of the variable.
    pub variable: usize,
    /// The value; NaN if not usable.
    pub value: f32,
    /// The vote's outcome for it.
    pub outcome: Outcome,
    /// The lane's answer.
    pub assessment: Assessment,
}

impl LaneRecord {
    /// The ratio of score to threshold, if both exist.
    pub fn ratio(&self) -> Option<f64> {
        ratio(&self.assessment)
    }
}

/// A correlation that voted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrelationRecord {
    /// The flagged variable.
    pub a: usize,
    /// The variable correlated with it.
    pub b: usize,
    /// Pearson's r.
    pub r: f32,
}

impl Default for Record {
    /// Of row 0, without any facts.
    fn default() -> Self {
        Self::bare(0, Assessment::bare(State::Warming { left: 0 }))
    }
}

impl Record {
    /// An answer without levels, contributions and lanes.
    pub const fn bare(tick: u64, assessment: Assessment) -> Self {
        Self {
            tick,
            assessment,
            measure: None,
            levels: Vec::new(),
            thresholds: Vec::new(),
            confirmed: None,
            contributions: Vec::new(),
            blamed: Vec::new(),
            missing: Vec::new(),
            lanes: Vec::new(),
            correlations: Vec::new(),
            notice: None,
        }
    }

    /// The lanes of a verdict and the correlations of its vote, as sent by a device.
    pub fn of<const V: usize>(
        verdict: &Verdict<V>,
        correlations: impl Iterator<Item = Correlation>,
    ) -> Self {
        Self {
            tick: verdict.tick.0,
            lanes: verdict
                .lanes()
                .iter()
                .enumerate()
                .map(|(k, assessment)| LaneRecord {
                    variable: k,
                    value: verdict.value(k),
                    outcome: verdict.outcome(k),
                    assessment: *assessment,
                })
                .collect(),
            correlations: correlations
                .map(|c| CorrelationRecord {
                    a: c.a,
                    b: c.b,
                    r: c.r,
                })
                .collect(),
            ..Self::default()
        }
    }

    /// Of a detector with one limit: the assessment's score is compared with the assessment's threshold, or
    /// with the limit's before there is one.
    pub fn by_score(self, limit: &Limit) -> Self {
        let score = self.assessment.score;
        Self {
            measure: score.and(Some(limit.measure)),
            levels: score.into_iter().collect(),
            thresholds: vec![self.assessment.threshold.unwrap_or(limit.threshold)],
            ..self
        }
    }

    /// Lanes with one of the given outcomes.
    pub fn with(&self, outcomes: &[Outcome]) -> impl Iterator<Item = &LaneRecord> {
        self.lanes
            .iter()
            .filter(move |lane| outcomes.contains(&lane.outcome))
    }

    /// Lanes that flagged.
    pub fn flagged(&self) -> impl Iterator<Item = &LaneRecord> {
        self.lanes
            .iter()
            .filter(|lane| lane.outcome != Outcome::Quiet)
    }

    /// Whether a vote confirmed an anomaly.
    pub fn is_confirmed(&self) -> bool {
        self.lanes
            .iter()
            .any(|lane| lane.outcome == Outcome::Confirmed)
    }

    /// The evidence behind the answer: from the lanes if there are some, else from the assessment.
    pub fn alert(&self) -> Alert {
        let lanes = match (self.is_confirmed(), self.flagged().next()) {
            (true, _) => Alert::Correlated,
            (false, Some(_)) => Alert::Single,
            (false, None) => Alert::None,
        };
        lanes.max(self.assessment.alert())
    }

    /// The reason why the row is not normal, in a word: the exceeded measure, or the cause of
    /// blindness. Empty otherwise.
    pub fn reason(&self) -> &'static str {
        match self.assessment.state {
            State::Blind { cause } => cause.name(),
            State::Anomalous => self.measure.unwrap_or(""),
            _ => "",
        }
    }

    /// The kind of its alarm, if one is on.
    pub fn kind(&self) -> Option<Kind> {
        let notice = self.notice.as_ref().filter(|of| of.event.phase.is_on())?;
        notice.finding.map(|of| of.kind)
    }

    /// The contributions of the largest absolute values, largest first, in a device's order.
    pub fn top(&self) -> impl Iterator<Item = Contribution> {
        let errors = self.contributions.iter().enumerate();
        let errors = errors.map(|(feature, part)| autoencoder::Contribution {
            feature,
            error: part.error,
            ..autoencoder::Contribution::default()
        });
        let top: [Option<autoencoder::Contribution>; NAMED] = largest(errors);
        let top = top.into_iter().flatten();
        top.filter_map(|part| self.contributions.get(part.feature).copied())
    }

    /// A number that ranks rows, the most anomalous first: the largest score over its threshold,
    /// squeezed to below 1 (half is at the threshold), and 1 more where a vote confirmed.
    pub fn rank(&self) -> f64 {
        let most = match self.lanes.as_slice() {
            [] => ratio(&self.assessment).unwrap_or(0.0),
            lanes => lanes
                .iter()
                .filter_map(LaneRecord::ratio)
                .fold(0.0, f64::max),
        };
        let squeezed = if most.is_finite() {
            most / (1.0 + most)
        } else {
            1.0
        };
        f64::from(u8::from(self.is_confirmed())) + squeezed
    }
}

/// An assessment's ratio of score to threshold, if both exist.
fn ratio(about: &Assessment) -> Option<f64> {
    let (score, threshold) = (about.score?, about.threshold?);
    Some(f64::from(score) / f64::from(threshold).max(1e-12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(outcome: Outcome, score: f32) -> LaneRecord {
        LaneRecord {
            variable: 0,
            value: 1.0,
            outcome,
            assessment: Assessment::judged(State::Anomalous, score, 2.0),
        }
    }

    /// By hand: 6 is 3 thresholds of 2, and 3/4.
    #[test]
    fn a_row_ranks_by_its_largest_ratio_and_above_all_others_once_confirmed() {
        let record = |outcome, scores: &[f32]| Record {
            lanes: scores.iter().map(|score| lane(outcome, *score)).collect(),
            ..Record::default()
        };
        assert_eq!(record(Outcome::Local, &[1.0, 6.0]).rank(), 0.75);
        assert_eq!(record(Outcome::Confirmed, &[2.0]).rank(), 1.5);
        assert_eq!(record(Outcome::Local, &[f32::INFINITY]).rank(), 1.0);
        let bare = Record::bare(3, Assessment::judged(State::Normal, 1.0, 3.0));
        assert_eq!(bare.rank(), 0.25);
        assert_eq!(Record::default().rank(), 0.0);
    }

    #[test]
    fn an_alert_is_the_lanes_or_the_detectors_own() {
        let of = |outcome| Record {
            lanes: vec![lane(outcome, 1.0)],
            ..Record::default()
        };
        assert_eq!(of(Outcome::Quiet).alert(), Alert::None);
        assert_eq!(of(Outcome::Outvoted).alert(), Alert::Single);
        assert_eq!(of(Outcome::Confirmed).alert(), Alert::Correlated);
        let own = Record::bare(0, Assessment::judged(State::Anomalous, 4.0, 3.0));
        assert_eq!(own.alert(), Alert::Single);
    }

    #[test]
    fn the_largest_contributions_are_named_without_their_sign() {
        let part = |variable, error| Contribution {
            variable,
            error,
            ..Contribution::default()
        };
        let record = Record {
            contributions: vec![part(0, 1.0), part(1, -2.0), part(2, 2.0), part(3, 0.5)],
            ..Record::default()
        };
        let named: Vec<usize> = record.top().map(|part| part.variable).collect();
        assert_eq!(named, [1, 2, 0]);
    }
}
