//! The answer to one frame.

use crate::assessment::{Assessment, State};

/// A decision, and the numbers behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Verdict {
    /// The decision; its score is [`Score::total`].
    pub assessment: Assessment,
    /// The numbers; `None` where nothing was judged.
    pub score: Option<Score>,
}

/// The numbers of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Score {
    /// Short memory, long memory, difference, residual: in deviations, the last one squared.
    pub lanes: [f32; 4],
    /// Surprise of the most surprising variable, from 0: the fifth lane.
    pub broken: f32,
    /// The most surprising variable; `None` where all are usual.
    pub variable: Option<u16>,
    /// The mean surprise of the five lanes: high where something begins, and what alarms are made from.
    pub onset: f32,
    /// The onset, held.
    pub held: f32,
}

impl Score {
    /// Onset and held score together: what ranks rows.
    pub fn total(&self) -> f32 {
        self.onset + self.held
    }
}

impl Verdict {
    pub(super) const fn bare(assessment: Assessment) -> Self {
        Self {
            assessment,
            score: None,
        }
    }

    pub(super) fn judged(score: Score, threshold: f32) -> Self {
        let total = score.total();
        let state = if total > threshold {
            State::Anomalous
        } else {
            State::Normal
        };
        Self {
            assessment: Assessment::judged(state, total, threshold),
            score: Some(score),
        }
    }
}
