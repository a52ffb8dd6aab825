//! Answers as bits, so that comparing two never depends on NaN or on the sign of zero.

use bellwether::{Alert, Assessment, Outcome, State, Tick, Verdict};

/// An assessment.
pub type Bits = (State, [Option<u32>; 3], bool, Alert);

/// The bits of an assessment.
pub fn of(answer: &Assessment) -> Bits {
    let numbers = [answer.expected, answer.score, answer.threshold];
    (
        answer.state,
        numbers.map(|x| x.map(f32::to_bits)),
        answer.trained,
        answer.alert(),
    )
}

/// A verdict without its tick: for each variable the answer, the value and the vote's outcome;
/// the number of frames since the voted frame; the alert, and the answer as one.
#[derive(Debug, PartialEq)]
pub struct VerdictBits {
    /// Of each variable.
    pub variables: Vec<(Bits, u32, Outcome)>,
    /// Frames since the voted frame, if a vote ended.
    pub late: Option<u64>,
    /// The evidence behind the verdict.
    pub alert: Alert,
    /// The verdict as one assessment.
    pub whole: Bits,
}

impl VerdictBits {
    /// The bits of a verdict; `frame` maps ticks to frames.
    pub fn of<const V: usize>(verdict: &Verdict<V>, frame: impl Fn(Tick) -> u64) -> Self {
        let variables = verdict.lanes().iter().enumerate();
        let variables = variables.map(|(k, lane)| {
            let value = verdict.value(k).to_bits();
            (of(lane), value, verdict.outcome(k))
        });
        let late = |vote| frame(verdict.tick) - frame(vote);
        Self {
            variables: variables.collect(),
            late: verdict.vote_tick.map(late),
            alert: verdict.alert(),
            whole: of(&verdict.assessment()),
        }
    }
}
