//! What a vote makes of one variable.

use core::fmt;
use serde::{Deserialize, Serialize};

/// What a vote made of a variable. Append-only: part of the report format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Outcome {
    /// Not flagged.
    #[default]
    Quiet,
    /// Flagged, and its vote passed: more of its related variables agree (itself included) than do
    /// not.
    Confirmed,
    /// Flagged, its vote did not pass, but it supports a confirmed one.
    Agreeing,
    /// Flagged, and its vote did not pass; a tie does not pass.
    Outvoted,
    /// Flagged, and related to no other variable: nobody to ask. RoLA stays silent on these.
    Local,
    /// Flagged while a vote that is spread over frames is in progress.
    Waiting,
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
