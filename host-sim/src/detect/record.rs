//! One frame's verdict as the host keeps it, whether it came from the library running here or
//! from a device's report: the two are compared field by field.

use bellwether::rola::Correlation;
use bellwether::{Assessment, Outcome, Verdict};

/// One variable of one frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LaneRecord {
    /// Index of the variable.
    pub variable: usize,
    /// The value; NaN where not usable.
    pub value: f32,
    /// What the vote made of it.
    pub outcome: Outcome,
    /// The lane's answer.
    pub assessment: Assessment,
}

/// A correlation that voted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrelationRecord {
    /// The flagged variable that asked.
    pub a: usize,
    /// The variable that was asked.
    pub b: usize,
    /// Pearson's r.
    pub r: f32,
}

/// One frame's verdict: all lanes, or only the flagged ones.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FrameRecord {
    /// Number of the frame in the recording, from 0.
    pub tick: u64,
    /// Lanes, ascending by variable.
    pub lanes: Vec<LaneRecord>,
    /// Correlations that voted, each pair once.
    pub correlations: Vec<CorrelationRecord>,
}

impl FrameRecord {
    /// Everything a verdict says, with the correlations that voted.
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
        }
    }

    /// Lanes whose outcome is one of those asked for.
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

    /// Whether the vote confirmed an anomaly.
    pub fn is_confirmed(&self) -> bool {
        self.lanes
            .iter()
            .any(|lane| lane.outcome == Outcome::Confirmed)
    }
}
