//! From judgements to alarms, as a model advises.

use super::{Autoencoder, Reason, Rules};
use crate::assessment::{Assessment, State};
use crate::threshold::ema::EmaThreshold;
use crate::vote::k_of_n::KOfN;

/// What makes alarms of an autoencoder's judgements: the model's moving threshold in place of the
/// value of the first threshold, and its k of n. Where the model has neither, answers stay as
/// they are, and every anomaly is an alarm. 148 bytes, all zeros when new. The two parts are saved
/// and restored each by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Alarm {
    /// What the moving threshold has learned.
    pub moving: EmaThreshold,
    /// The judgements that were counted.
    pub confirmation: KOfN,
    reason: u8,
    confirmed: bool,
}

impl Alarm {
    /// Has seen no judgement.
    pub const fn new() -> Self {
        Self {
            moving: EmaThreshold::new(),
            confirmation: KOfN::new(),
            reason: 0,
            confirmed: false,
        }
    }

    /// Takes in the answer that `detector` has just given, and gives the one that counts. Other
    /// thresholds than the first, and the limit of inputs outside, judge as before, while the
    /// moving threshold warms up too. What could not be judged changes nothing that was learned
    /// or counted, and confirms nothing.
    pub fn observe<const N: usize>(
        &mut self,
        rules: &Rules<'_, N>,
        detector: &Autoencoder<N>,
        answer: Assessment,
    ) -> Assessment {
        let blind = matches!(answer.state, State::Blind { .. } | State::Warming { .. });
        let (answer, reason) = if blind {
            (answer, 0)
        } else {
            self.moved(rules, detector, answer)
        };
        self.reason = reason;
        let judged = matches!(answer.state, State::Normal | State::Anomalous);
        self.confirmed = match rules.model().k_of_n() {
            Some(confirm) if judged => self.confirmation.observe(confirm, answer.is_anomalous()),
            Some(_) => false,
            None => answer.is_anomalous(),
        };
        answer
    }

    /// The judgement with the moving threshold, if there is one.
    fn moved<const N: usize>(
        &mut self,
        rules: &Rules<'_, N>,
        detector: &Autoencoder<N>,
        answer: Assessment,
    ) -> (Assessment, u8) {
        let first = rules.thresholds().next();
        let (Some(moving), Some(first)) = (rules.model().ema(), first) else {
            return (answer, detector.reason);
        };
        let score = detector.scores.exist();
        let score = score.then(|| detector.scores.get(first.score));
        let moved = self.moving.observe(
            moving,
            Assessment {
                score,
                ..Assessment::bare(State::Normal)
            },
        );
        if moved.is_anomalous() {
            return (moved, Reason::Score(first.score).code());
        }
        let (others, reason) = detector.judge(rules, rules.thresholds().skip(1));
        if others.is_anomalous() {
            (others, reason)
        } else {
            (moved, 0)
        }
    }

    /// Whether the last judgement confirmed an alarm: k of the last n were anomalous.
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// Why the last answer was anomalous, if it was.
    pub fn reason(&self) -> Option<Reason> {
        Reason::from_code(self.reason)
    }
}
