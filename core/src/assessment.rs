//! The answer of every detector: a state, and the numbers behind it.

use crate::alert::Alert;
use crate::sample::Cause;
use core::fmt;

/// The reason why a detector is blind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Blindness {
    /// The reading, or most of the frame, is unusable.
    Input(Cause),
    /// The frame's tick did not advance. The frame was ignored.
    OutOfOrder,
    /// A training spread over several frames is in progress.
    Training,
    /// A long anomaly inflated the threshold until nothing could exceed it. The lane restarted.
    ThresholdInflated,
}

impl Blindness {
    /// The cause as one lower-case word with underscores, as in reports and files.
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
    /// Not assessed yet: `left` more usable inputs come before the first decision.
    Warming {
        /// Usable inputs still needed.
        left: u32,
    },
    /// Normal.
    Normal,
    /// Normal after a retraining: the pattern changed and was accepted.
    Adapted,
    /// Anomalous.
    Anomalous,
    /// Above the threshold, but the threshold rests on fewer than `min_history` errors.
    Early,
    /// Not assessed: the input is unusable, or the detector cannot decide.
    Blind {
        /// The reason.
        cause: Blindness,
    },
}

impl State {
    /// The state as one lower-case word, as in reports and files.
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

/// A detector's answer to one frame.
///
/// A number that does not exist in a state is `None`, never a magic value. There is no threshold
/// while warming, and no score while blind.
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
    /// The decision.
    pub state: State,
    /// Expected value, in the variable's unit.
    pub expected: Option<f32>,
    /// Distance from the expected value: 0 or more, higher is more anomalous. A lane's score is its
    /// relative error.
    pub score: Option<f32>,
    /// Decision threshold: an input is anomalous if its score is strictly above it.
    pub threshold: Option<f32>,
    /// Whether this input caused a training.
    pub trained: bool,
    /// Support by a vote, beyond the state.
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

    /// A decision and the numbers behind it.
    #[must_use]
    pub const fn judged(state: State, score: f32, threshold: f32) -> Self {
        let mut answer = Self::bare(state);
        answer.score = Some(score);
        answer.threshold = Some(threshold);
        answer
    }

    /// Adds the expected value.
    #[must_use]
    pub const fn expecting(self, expected: f32) -> Self {
        Self {
            expected: Some(expected),
            ..self
        }
    }

    /// Marks the answer as one that caused a training.
    #[must_use]
    pub const fn after_training(self) -> Self {
        Self {
            trained: true,
            ..self
        }
    }

    /// An answer without a decision, and the cause.
    #[must_use]
    pub fn blind(cause: impl Into<Blindness>) -> Self {
        Self::bare(State::Blind {
            cause: cause.into(),
        })
    }

    /// Adds the support by a vote.
    #[must_use]
    pub const fn supported(self, alert: Alert) -> Self {
        Self {
            supported: alert,
            ..self
        }
    }

    /// The support behind the answer. An anomaly is at least [`Alert::Single`]; only a vote gives
    /// more. After a vote that did not pass, the state is normal and the alert [`Alert::Single`].
    #[must_use]
    pub fn alert(&self) -> Alert {
        let own = match self.state {
            State::Anomalous => Alert::Single,
            _ => Alert::None,
        };
        own.max(self.supported)
    }

    /// Whether the input is anomalous.
    #[must_use]
    pub fn is_anomalous(&self) -> bool {
        self.state == State::Anomalous
    }
}
