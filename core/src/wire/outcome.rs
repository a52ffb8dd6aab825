//! What a vote made of one lane.

use serde::{Deserialize, Serialize};

/// What the vote made of a lane. Append-only: the order is the format's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Outcome {
    /// Not flagged.
    Quiet,
    /// Flagged, and its vote passed.
    Confirmed,
    /// Flagged, its vote did not pass, but it supports a confirmed one.
    Agreeing,
    /// Flagged, and its vote did not pass.
    Outvoted,
    /// Flagged, and related to no other variable.
    Local,
}

impl Outcome {
    /// The outcome as one lower-case word, as reports and files spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Confirmed => "confirmed",
            Self::Agreeing => "agreeing",
            Self::Outvoted => "outvoted",
            Self::Local => "local",
        }
    }
}
