//! The support behind an answer, in order.

use core::fmt;

/// The support behind an answer, in ascending order: compare with `>=`. Later versions may add
/// grades between these.
///
/// ```
/// use bellwether::{Alert, Assessment, State};
/// let answer = Assessment::judged(State::Anomalous, 4.2, 3.0);
/// assert!(answer.alert() >= Alert::Single && answer.alert() < Alert::Correlated);
/// assert_eq!(answer.alert().to_string(), "single");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Alert {
    /// No anomaly was found, or no input was assessed.
    #[default]
    None,
    /// One detector found an anomaly without support from other variables: none is related, the
    /// vote did not pass, or the vote has not ended.
    Single,
    /// A vote among variables that correlate now confirmed the anomaly.
    Correlated,
}

impl Alert {
    /// The alert as one lower-case word, as in reports and files.
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
