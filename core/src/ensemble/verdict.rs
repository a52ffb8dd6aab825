//! The verdict of an ensemble on one frame, with its reasons.

use crate::alert::Alert;
use crate::assessment::{Assessment, State};
use crate::outcome::Outcome;
use crate::sample::Tick;

/// The verdict on one frame: the answer of each lane, and the outcome of the vote.
///
/// A vote that is spread over frames answers later. Until it ends, flagged variables wait. The
/// verdict of the frame in which it ends names the frame of the vote in `vote_tick`: outcomes are
/// then those of that frame, lanes and values those of this one.
///
/// ```
/// use bellwether::rola::{Rola, Rules, Settings};
/// use bellwether::{Alert, Detector, Outcome};
/// let rules = Rules::<3, 240, 240>::new(Settings::DEFAULT)?;
/// let mut rola = Rola::<3, 240, 240>::new();
/// for minute in 0..=500_u64 {
///     let load = (minute % 60).abs_diff(30) as f32 / 30.0;
///     let fault = if minute == 500 { 20.0 } else { 0.0 };
///     let (motor, power) = (40.0 + load + fault, 90.0 + 3.0 * (load + fault)); // °C, W
///     let room = 21.0 + 0.1 * ((minute * 7) % 11) as f32; // °C
///     let tick = rola.next_tick();
///     rola.decide(&rules, tick, &[motor, power, room].map(Into::into));
/// }
/// let verdict = rola.verdict();
/// assert_eq!(verdict.alert(), Alert::Correlated);
/// assert!(verdict.confirmed().eq([0, 1]));
/// assert_eq!(verdict.outcome(2), Outcome::Quiet);
/// let (score, threshold) = (verdict.lanes()[0].score, verdict.lanes()[0].threshold);
/// assert!(score > threshold);
/// let related: Vec<_> = rola.correlations(&rules).map(|pair| (pair.a, pair.b)).collect();
/// assert_eq!(related, [(0, 1)]);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Verdict<const V: usize> {
    /// The frame's tick.
    pub tick: Tick,
    /// The tick of the frame of a vote that ended in this frame: this frame's, or an earlier one if
    /// the vote was spread.
    pub vote_tick: Option<Tick>,
    /// The support behind the verdict.
    pub(crate) alert: Alert,
    /// Variables in use.
    pub(crate) variables: u16,
    pub(crate) lanes: [Assessment; V],
    pub(crate) values: [f32; V],
    /// All quiet if the alert is `None`.
    pub(crate) outcomes: [Outcome; V],
}

/// A correlation behind a vote: `a` is flagged and `b` is related to it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Correlation {
    /// The flagged variable.
    pub a: usize,
    /// The related variable. If both are flagged, the pair appears once, with `a < b`.
    pub b: usize,
    /// Pearson's r over the frame history, within [-1, 1] up to rounding.
    pub r: f32,
}

impl<const V: usize> Verdict<V> {
    pub(crate) const EMPTY: Self = Self {
        tick: Tick(0),
        vote_tick: None,
        alert: Alert::None,
        variables: 0,
        lanes: [Assessment::bare(State::Warming { left: 0 }); V],
        values: [0.0; V],
        outcomes: [Outcome::Quiet; V],
    };

    /// Clears the last vote: no variable is flagged yet.
    #[inline]
    pub(crate) fn clear_vote(&mut self) {
        if self.alert != Alert::None {
            self.vote_tick = None;
            self.alert = Alert::None;
            self.outcomes = [Outcome::Quiet; V];
        }
    }

    /// Enters the outcomes of a vote on the frame of this tick.
    pub(crate) fn enter_vote(&mut self, tick: Tick, outcomes: &[Outcome; V]) {
        self.vote_tick = Some(tick);
        self.alert = Alert::Single;
        for (outcome, voted) in self.outcomes.iter_mut().zip(outcomes) {
            if voted.is_flagged() {
                *outcome = *voted;
            }
            if *voted == Outcome::Confirmed {
                self.alert = Alert::Correlated;
            }
        }
    }

    /// The support behind the verdict.
    #[must_use]
    pub const fn alert(&self) -> Alert {
        self.alert
    }

    /// Whether the vote confirmed an anomaly: RoLA's own decision.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.alert == Alert::Correlated
    }

    /// Each variable's assessment, in order.
    #[must_use]
    pub fn lanes(&self) -> &[Assessment] {
        self.lanes
            .get(..usize::from(self.variables))
            .unwrap_or(&self.lanes)
    }

    /// The value of a variable that was assessed in this frame; NaN without a usable one. In the
    /// frame in which a spread training ends, it is the earlier value that triggered the training.
    #[must_use]
    pub fn value(&self, variable: usize) -> f32 {
        self.values.get(variable).copied().unwrap_or(f32::NAN)
    }

    /// The outcome of the vote for a variable.
    #[must_use]
    pub fn outcome(&self, variable: usize) -> Outcome {
        self.outcomes.get(variable).copied().unwrap_or_default()
    }

    /// Flagged variables, whatever their outcome, ascending.
    pub fn flagged(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(Outcome::is_flagged)
    }

    /// Flagged variables with a passed vote. With at least one, the frame is anomalous.
    pub fn confirmed(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| outcome == Outcome::Confirmed)
    }

    /// Confirmed variables, and their related variables that are flagged too.
    pub fn agreeing(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| matches!(outcome, Outcome::Confirmed | Outcome::Agreeing))
    }

    /// Flagged variables without a related variable. RoLA stays silent on these.
    pub fn local(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| outcome == Outcome::Local)
    }

    /// Flagged variables with a vote that did not pass, agreeing ones included. A tie does not
    /// pass.
    pub fn outvoted(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| matches!(outcome, Outcome::Outvoted | Outcome::Agreeing))
    }

    /// Flagged variables that wait for a vote in progress.
    pub fn waiting(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| outcome == Outcome::Waiting)
    }

    fn with(&self, is: fn(Outcome) -> bool) -> impl Iterator<Item = usize> + Clone {
        let outcomes = self.outcomes.iter().enumerate();
        outcomes.filter_map(move |(k, outcome)| is(*outcome).then_some(k))
    }

    /// The verdict as one assessment: anomalous if the vote confirmed an anomaly, with the numbers
    /// of the agreeing lane that is furthest above its threshold. If the vote was on an earlier
    /// frame, there are no numbers: that frame's verdict had them.
    #[must_use]
    pub fn assessment(&self) -> Assessment {
        let confirmed = self.is_confirmed();
        if confirmed && self.vote_tick != Some(self.tick) {
            return Assessment::bare(State::Anomalous).supported(self.alert);
        }
        let mut worst: Option<(f32, Assessment)> = None;
        for (lane, outcome) in self.lanes().iter().zip(&self.outcomes) {
            let (Some(score), Some(threshold)) = (lane.score, lane.threshold) else {
                continue;
            };
            if confirmed && !matches!(outcome, Outcome::Confirmed | Outcome::Agreeing) {
                continue;
            }
            let excess = score - threshold;
            if worst.is_none_or(|(most, _)| excess > most) {
                worst = Some((excess, *lane));
            }
        }
        let answer = match worst {
            Some((_, lane)) => Assessment {
                state: if confirmed {
                    State::Anomalous
                } else {
                    State::Normal
                },
                ..lane
            },
            None => *self
                .lanes()
                .first()
                .unwrap_or(&Assessment::bare(State::Warming { left: 0 })),
        };
        answer.supported(self.alert)
    }
}
