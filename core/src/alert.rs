//! How much stands behind an answer.

use core::fmt;

/// How many variables stand behind an answer, from none up: compare with `>=`. More grades may
/// come between these.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Alert {
    /// Nothing was found, or nothing was judged.
    #[default]
    None,
    /// One detector found an anomaly, and no other variable supports it: because none is related,
    /// because the vote did not pass, or because the vote has not ended.
    Single,
    /// A vote among variables that correlate now confirmed the anomaly.
    Correlated,
}

impl Alert {
    /// The alert as one lower-case word, as reports and files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Single => "single",
            Self::Correlated => "correlated",
        }
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
