//! Alarms from assessments, as a model advises.

use super::{Autoencoder, Reason, Rules};
use crate::assessment::{Assessment, State};
use crate::model::Limits;
use crate::threshold::ema::EmaThreshold;
use crate::threshold::surprise::Surprise;
use crate::vote::k_of_n::KOfN;

/// Turns an autoencoder's assessments into alarms by the model's limits or moving threshold, and by
/// its k of n.
///
/// A model with limits ([`Rules::limits`]) is judged by the surprise of their score, in place of all
/// thresholds. Else the moving threshold replaces the value of the first threshold. A model with
/// nothing of these leaves answers unchanged, and every anomaly is an alarm. 156 bytes, all zeros when
/// new. The three parts are saved and restored separately.
///
/// ```
/// # use bellwether::model::Aligned;
/// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/examples/pump.bwm"
/// # )));
/// use bellwether::{Autoencoder, Model};
/// use bellwether::autoencoder::{Alarm, Rules};
/// let rules = Rules::<4>::new(Model::parse(&PUMP.0)?)?; // advises 2 of 3
/// let (mut detector, mut alarm) = (Autoencoder::new(), Alarm::new());
/// let confirmed = [42.5, 40.5, 42.5, 40.5].map(|motor| {
///     let answer = detector.assess(&rules, [motor, 91.5]);
///     let answer = alarm.observe(&rules, &detector, answer);
///     assert_eq!(answer.is_anomalous(), motor > 42.0);
///     alarm.is_confirmed()
/// });
/// assert_eq!(confirmed, [false, false, true, false]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Alarm {
    /// The surprise, of a model with limits.
    pub surprise: Surprise,
    /// The state of the moving threshold.
    pub moving: EmaThreshold,
    /// The counted assessments.
    pub confirmation: KOfN,
    reason: u8,
    confirmed: bool,
}

impl Alarm {
    /// The state before the first assessment.
    pub const fn new() -> Self {
        Self {
            surprise: Surprise::new(),
            moving: EmaThreshold::new(),
            confirmation: KOfN::new(),
            reason: 0,
            confirmed: false,
        }
    }

    /// Takes the last answer of `detector` and returns the answer that counts.
    ///
    /// Further thresholds decide as before, also while the moving threshold warms up; so does the limit
    /// of saturated inputs. An answer without a decision changes neither threshold nor count, and
    /// confirms nothing.
    pub fn observe<const N: usize>(
        &mut self,
        rules: &Rules<'_, N>,
        detector: &Autoencoder<N>,
        answer: Assessment,
    ) -> Assessment {
        let blind = matches!(answer.state, State::Blind { .. } | State::Warming { .. });
        let (answer, reason) = match rules.limits() {
            _ if blind => (answer, 0),
            Some(limits) => self.surprised(rules, &limits, detector),
            None => self.moved(rules, detector, answer),
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

    /// The decision by the surprise of a score, or by saturated inputs.
    fn surprised<const N: usize>(
        &mut self,
        rules: &Rules<'_, N>,
        limits: &Limits,
        detector: &Autoencoder<N>,
    ) -> (Assessment, u8) {
        let score = detector.scores.exist();
        let score = score.then(|| detector.scores.get(limits.score));
        let bare = Assessment::bare(State::Normal);
        let answer = self
            .surprise
            .observe(limits.rules, Assessment { score, ..bare });
        if answer.is_anomalous() {
            return (answer, Reason::Surprise.code());
        }
        let (others, reason) = detector.judge(rules, core::iter::empty());
        if others.is_anomalous() {
            (others, reason)
        } else {
            (answer, 0)
        }
    }

    /// The decision with the moving threshold, if there is one.
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

    /// Whether the last assessment confirmed an alarm: k of the last n were anomalous.
    pub const fn is_confirmed(&self) -> bool {
        self.confirmed
    }

    /// The reason why the last answer was anomalous; `None` if it was not.
    pub fn reason(&self) -> Option<Reason> {
        Reason::from_code(self.reason)
    }
}
