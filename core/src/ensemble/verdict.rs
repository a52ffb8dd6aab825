//! What an ensemble says about one frame, and why.

use crate::alert::Alert;
use crate::assessment::{Assessment, State};
use crate::sample::Tick;
use crate::vote::outcome::Outcome;

/// The verdict on one frame: the answer of each lane, and what the vote made of it.
///
/// A vote that is spread over frames answers later: until it ends, flagged variables wait, and the
/// verdict of the frame in which it ends says in `vote_tick` which frame it is about. Outcomes are
/// then those of that frame, lanes and values those of this one.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Verdict<const V: usize> {
    /// The frame's tick.
    pub tick: Tick,
    /// The tick of the frame that a vote was about, if one ended in this frame: this one, or an
    /// earlier one if the vote was spread.
    pub vote_tick: Option<Tick>,
    /// How much stands behind the verdict.
    pub(crate) alert: Alert,
    /// Variables in use.
    pub(crate) variables: u16,
    pub(crate) lanes: [Assessment; V],
    pub(crate) values: [f32; V],
    /// Quiet, all of them, where the alert is `None`.
    pub(crate) outcomes: [Outcome; V],
}

/// A correlation that voted: `a` is flagged and `b` is related to it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Correlation {
    /// The flagged variable that asked.
    pub a: usize,
    /// The variable that was asked; where both are flagged the pair appears once, `a < b`.
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

    /// Nobody flagged, so nobody voted.
    #[inline]
    pub(crate) fn clear_vote(&mut self) {
        if self.alert != Alert::None {
            self.vote_tick = None;
            self.alert = Alert::None;
            self.outcomes = [Outcome::Quiet; V];
        }
    }

    /// Enters what a vote about the frame of this tick made of the variables that it was about.
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

    /// How much stands behind the verdict.
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

    /// The value of a variable that was judged in this frame; NaN where none was usable. Where a
    /// training that is spread over frames ends, that is the earlier value that called for it.
    #[must_use]
    pub fn value(&self, variable: usize) -> f32 {
        self.values.get(variable).copied().unwrap_or(f32::NAN)
    }

    /// What the vote made of a variable.
    #[must_use]
    pub fn outcome(&self, variable: usize) -> Outcome {
        self.outcomes.get(variable).copied().unwrap_or_default()
    }

    /// Variables that are flagged, whatever the vote made of them, ascending.
    pub fn flagged(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(Outcome::is_flagged)
    }

    /// Flagged variables whose own vote passed. If there is any, the frame is anomalous.
    pub fn confirmed(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| outcome == Outcome::Confirmed)
    }

    /// Confirmed variables and their related variables that are flagged too.
    pub fn agreeing(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| matches!(outcome, Outcome::Confirmed | Outcome::Agreeing))
    }

    /// Flagged variables related to no other: nobody to ask. RoLA stays silent on these.
    pub fn local(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| outcome == Outcome::Local)
    }

    /// Flagged variables whose vote did not pass, agreeing ones included; a tie does not pass.
    pub fn outvoted(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| matches!(outcome, Outcome::Outvoted | Outcome::Agreeing))
    }

    /// Flagged variables that a vote in progress keeps waiting.
    pub fn waiting(&self) -> impl Iterator<Item = usize> + Clone {
        self.with(|outcome| outcome == Outcome::Waiting)
    }

    fn with(&self, is: fn(Outcome) -> bool) -> impl Iterator<Item = usize> + Clone {
        let outcomes = self.outcomes.iter().enumerate();
        outcomes.filter_map(move |(k, outcome)| is(*outcome).then_some(k))
    }

    /// The verdict as one assessment: anomalous if the vote confirmed, with the numbers of
    /// the agreeing lane that is furthest above its threshold. Where a vote confirmed an earlier
    /// frame there are no numbers: they were in that frame's verdict.
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
