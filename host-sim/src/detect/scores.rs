//! RoLA's verdicts against labels, with the vote and without.

use crate::detect::FrameRecord;
use crate::metrics::events::Scorer;
use std::fmt;

/// What the vote confirmed, and what any lane flagged, against the same labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// Frames the vote confirmed.
    pub vote: Scorer,
    /// Frames in which any lane flagged: what there would be without a vote.
    pub any: Scorer,
}

impl Scores {
    /// Takes the next row.
    pub fn push(&mut self, label: bool, record: &FrameRecord) {
        self.vote.push(label, record.is_confirmed());
        self.any.push(label, record.flagged().next().is_some());
    }
}

impl fmt::Display for Scores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "vote:     {}\nany lane: {}", self.vote, self.any)
    }
}
