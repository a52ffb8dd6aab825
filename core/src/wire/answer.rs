//! A detector's answer as it is sent.

use super::code::{AlertCode, StateCode, put, take};
use crate::alert::Alert;
use crate::assessment::{Assessment, State};
use serde::{Deserialize, Serialize};

/// An [`Assessment`] in a record. A type of its own: an assessment can get more fields, and the
/// bytes of records stay.
///
/// ```
/// use bellwether::report::Answer;
/// use bellwether::{Alert, Assessment, State};
/// let answer = Answer::from(&Assessment::bare(State::Anomalous));
/// assert_eq!((answer.state, answer.alert), (State::Anomalous, Alert::Single));
/// assert_eq!(Assessment::from(answer), Assessment::bare(State::Anomalous));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Answer {
    /// The judgement.
    #[serde(
        serialize_with = "put::<_, StateCode, _>",
        deserialize_with = "take::<_, StateCode, _>"
    )]
    pub state: State,
    /// Value that was expected, in the variable's unit.
    pub expected: Option<f32>,
    /// How far from expected.
    pub score: Option<f32>,
    /// The score above which (strictly) an input is anomalous.
    pub threshold: Option<f32>,
    /// Whether a model was trained for this input.
    pub trained: bool,
    /// How much stands behind the answer.
    #[serde(
        serialize_with = "put::<_, AlertCode, _>",
        deserialize_with = "take::<_, AlertCode, _>"
    )]
    pub alert: Alert,
}

impl From<&Assessment> for Answer {
    fn from(assessment: &Assessment) -> Self {
        let Assessment {
            state,
            expected,
            score,
            threshold,
            trained,
            ..
        } = *assessment;
        Self {
            state,
            expected,
            score,
            threshold,
            trained,
            alert: assessment.alert(),
        }
    }
}

impl From<Answer> for Assessment {
    /// An alert that follows from the state is not noted apart.
    fn from(answer: Answer) -> Self {
        let Answer {
            state,
            expected,
            score,
            threshold,
            trained,
            alert,
        } = answer;
        let mut assessment = Self::bare(state);
        assessment.expected = expected;
        assessment.score = score;
        assessment.threshold = threshold;
        assessment.trained = trained;
        if alert > assessment.alert() {
            assessment.supported(alert)
        } else {
            assessment
        }
    }
}
