//! What every detector answers: a state, and the numbers it rests on.

use crate::alert::Alert;
use crate::sample::Cause;
use core::fmt;

/// Why a detector is blind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Blindness {
    /// The reading, or most of the frame, cannot be used.
    Input(Cause),
    /// The frame's tick did not advance, so it was not learned from.
    OutOfOrder,
    /// A training spread over several frames is not finished.
    Training,
    /// A long anomaly inflated the threshold until it could flag nothing; the lane restarted.
    ThresholdInflated,
}

impl Blindness {
    /// The cause as one lower-case word with underscores, as reports and files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input(cause) => cause.name(),
            Self::OutOfOrder => "out_of_order",
            Self::Training => "training",
            Self::ThresholdInflated => "threshold_inflated",
        }
    }
}

impl fmt::Display for Blindness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<Cause> for Blindness {
    fn from(cause: Cause) -> Self {
        Self::Input(cause)
    }
}

/// State of one detector after one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum State {
    /// Not judged yet; `left` more usable inputs are needed before the first judgement.
    Warming {
        /// Usable inputs still needed.
        left: u32,
    },
    /// Judged normal.
    Normal,
    /// Judged normal after the model was retrained: the pattern changed and was accepted.
    Adapted,
    /// Judged anomalous.
    Anomalous,
    /// Judged anomalous while the threshold rests on fewer than `min_history` errors.
    Early,
    /// Not judged: the input could not be used, or the detector cannot see.
    Blind {
        /// Why.
        cause: Blindness,
    },
}

impl State {
    /// The state as one lower-case word, as reports and files spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warming { .. } => "warming",
            Self::Normal => "normal",
            Self::Adapted => "adapted",
            Self::Anomalous => "anomalous",
            Self::Early => "early",
            Self::Blind { .. } => "blind",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Warming { left } => write!(f, " ({left} to go)"),
            Self::Blind { cause } => write!(f, " ({cause})"),
            _ => Ok(()),
        }
    }
}

/// A detector's answer to one frame. Numbers that do not exist in this state are `None`,
/// never a magic value: while warming there is no threshold, while blind no score.
///
/// ```
/// use bellwether::{Alert, Assessment, State};
/// let answer = Assessment::judged(State::Anomalous, 4.2, 3.0).expecting(21.5);
/// assert_eq!(answer.alert(), Alert::Single);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Assessment {
    /// The judgement.
    pub state: State,
    /// Value that was expected, in the variable's unit.
    pub expected: Option<f32>,
    /// How far from expected, 0 or more; high is anomalous. A lane's is its relative error.
    pub score: Option<f32>,
    /// The score above which (strictly) an input is anomalous.
    pub threshold: Option<f32>,
    /// Whether a model was trained for this input.
    pub trained: bool,
    /// How much a vote knows beyond the state.
    pub(crate) supported: Alert,
}

impl Assessment {
    /// An answer without numbers.
    #[must_use]
    pub const fn bare(state: State) -> Self {
        Self {
            state,
            expected: None,
            score: None,
            threshold: None,
            trained: false,
            supported: Alert::None,
        }
    }

    /// A judgement and the numbers it rests on.
    #[must_use]
    pub const fn judged(state: State, score: f32, threshold: f32) -> Self {
        let mut answer = Self::bare(state);
        answer.score = Some(score);
        answer.threshold = Some(threshold);
        answer
    }

    /// The same answer with the value that was expected.
    #[must_use]
    pub const fn expecting(self, expected: f32) -> Self {
        Self {
            expected: Some(expected),
            ..self
        }
    }

    /// The same answer, for which a model was trained.
    #[must_use]
    pub const fn after_training(self) -> Self {
        Self {
            trained: true,
            ..self
        }
    }

    /// An answer that could not be given.
    #[must_use]
    pub fn blind(cause: impl Into<Blindness>) -> Self {
        Self::bare(State::Blind {
            cause: cause.into(),
        })
    }

    /// The same answer with what a vote knows about it.
    #[must_use]
    pub const fn supported(self, alert: Alert) -> Self {
        Self {
            supported: alert,
            ..self
        }
    }

    /// How much stands behind the answer: an anomaly is at least [`Alert::Single`], whatever found
    /// it; only a vote says more. A vote that did not pass leaves a normal state and
    /// [`Alert::Single`].
    #[must_use]
    pub fn alert(&self) -> Alert {
        let own = match self.state {
            State::Anomalous => Alert::Single,
            _ => Alert::None,
        };
        own.max(self.supported)
    }

    /// Whether the input was judged anomalous.
    #[must_use]
    pub fn is_anomalous(&self) -> bool {
        self.state == State::Anomalous
    }
}
