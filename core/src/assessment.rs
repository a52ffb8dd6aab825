//! What every detector answers: a state, and the numbers it rests on.

use crate::sample::Cause;
use serde::{Deserialize, Serialize};

/// State of one detector after one input. Append-only: part of the report format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum State {
    /// Not judged yet; `left` more usable inputs are needed before the first judgement.
    Warming {
        /// Usable inputs still needed.
        left: u16,
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
        cause: Cause,
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

/// A detector's answer to one input. Numbers that do not exist in this state are `None`,
/// never a magic value: while warming there is no threshold, while blind no score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
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
}

impl Assessment {
    /// An answer without numbers.
    pub const fn bare(state: State) -> Self {
        Self {
            state,
            expected: None,
            score: None,
            threshold: None,
            trained: false,
        }
    }

    /// An answer that could not be given.
    pub const fn blind(cause: Cause) -> Self {
        Self::bare(State::Blind { cause })
    }

    /// Whether the input was judged anomalous.
    pub fn is_anomalous(&self) -> bool {
        self.state == State::Anomalous
    }
}
