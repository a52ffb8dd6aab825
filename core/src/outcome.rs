//! The outcome of a vote for one variable.

use core::fmt;
use serde::{Deserialize, Serialize};

/// The outcome of a vote for a variable. Append-only: part of the report format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Outcome {
    /// Not flagged.
    #[default]
    Quiet,
    /// Flagged, and its vote passed: with itself included, more of its related variables agree than
    /// disagree.
    Confirmed,
    /// Flagged, and its vote did not pass, but it supports a confirmed one.
    Agreeing,
    /// Flagged, and its vote did not pass. A tie does not pass.
    Outvoted,
    /// Flagged, without a related variable. RoLA stays silent on these.
    Local,
    /// Flagged, while a vote spread over frames is in progress.
    Waiting,
}

impl Outcome {
    /// The outcome as one lower-case word, as in reports and files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Confirmed => "confirmed",
            Self::Agreeing => "agreeing",
            Self::Outvoted => "outvoted",
            Self::Local => "local",
            Self::Waiting => "waiting",
        }
    }

    /// Whether the variable is flagged.
    #[must_use]
    pub const fn is_flagged(self) -> bool {
        !matches!(self, Self::Quiet)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
