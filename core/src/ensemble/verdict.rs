//! What an ensemble says about one frame, and why.

use crate::alert::Alert;
use crate::assessment::{Assessment, State};
use crate::sample::{Tick, VariableSet};

/// The verdict on one frame: which lanes flagged, what the vote made of it, and every number
/// it rests on. Sets hold indices of variables.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Verdict<const V: usize> {
    /// The frame's tick.
    pub tick: Tick,
    /// Variables whose lane judged them anomalous.
    pub flagged: VariableSet,
    /// Flagged variables whose own vote passed: more of their related variables agree (they
    /// included) than do not. Not empty means: the frame is anomalous.
    pub confirmed: VariableSet,
    /// Confirmed variables and their related variables that are flagged too.
    pub agreeing: VariableSet,
    /// Flagged variables related to no other: nobody to ask. RoLA stays silent on these.
    pub local: VariableSet,
    /// Flagged variables whose vote did not pass; a tie does not pass.
    pub outvoted: VariableSet,
    /// Variables in use.
    pub(crate) variables: u16,
    pub(crate) lanes: [Assessment; V],
    pub(crate) values: [f32; V],
    /// Row a, column b: what was asked on behalf of flagged variable a. Valid for rows of
    /// `flagged` only.
    pub(crate) correlations: [[Option<f32>; V]; V],
    pub(crate) limit: f32,
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
        flagged: VariableSet::EMPTY,
        confirmed: VariableSet::EMPTY,
        agreeing: VariableSet::EMPTY,
        local: VariableSet::EMPTY,
        outvoted: VariableSet::EMPTY,
        variables: 0,
        lanes: [Assessment::bare(State::Warming { left: 0 }); V],
        values: [0.0; V],
        correlations: [[None; V]; V],
        limit: 0.0,
    };

    /// Nobody flagged, so nobody voted.
    pub(crate) const fn clear_vote(&mut self) {
        self.flagged = VariableSet::EMPTY;
        self.confirmed = VariableSet::EMPTY;
        self.agreeing = VariableSet::EMPTY;
        self.local = VariableSet::EMPTY;
        self.outvoted = VariableSet::EMPTY;
    }

    /// How much stands behind the verdict.
    #[must_use]
    pub fn alert(&self) -> Alert {
        if !self.confirmed.is_empty() {
            Alert::Correlated
        } else if !self.flagged.is_empty() {
            Alert::Single
        } else {
            Alert::None
        }
    }

    /// Whether the vote confirmed an anomaly: RoLA's own decision.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.alert() == Alert::Correlated
    }

    /// Each variable's assessment, in order.
    pub fn lanes(&self) -> &[Assessment] {
        self.lanes
            .get(..usize::from(self.variables))
            .unwrap_or(&self.lanes)
    }

    /// The value of a variable that was judged in this frame; NaN where none was usable. Where a
    /// training that is spread over frames ends, that is the earlier value that called for it.
    pub fn value(&self, variable: usize) -> f32 {
        self.values.get(variable).copied().unwrap_or(f32::NAN)
    }

    /// The correlations that voted, each pair once.
    pub fn correlations(&self) -> impl Iterator<Item = Correlation> {
        let variables = usize::from(self.variables);
        self.flagged.iter().flat_map(move |a| {
            (0..variables).filter_map(move |b| {
                let r = self.related(a, b)?;
                (a < b || !self.flagged.contains(b)).then_some(Correlation { a, b, r })
            })
        })
    }

    /// The correlation of flagged variable `a` with `b`, if it is strong enough to vote.
    pub(crate) fn related(&self, a: usize, b: usize) -> Option<f32> {
        let r = (*self.correlations.get(a)?.get(b)?)?;
        (a != b && crate::math::abs(r) > self.limit).then_some(r)
    }

    /// The verdict as one assessment: anomalous if the vote confirmed, with the numbers of
    /// the agreeing lane that is furthest above its threshold.
    pub fn assessment(&self) -> Assessment {
        let mut worst: Option<(f32, Assessment)> = None;
        for (k, lane) in self.lanes().iter().enumerate() {
            let (Some(score), Some(threshold)) = (lane.score, lane.threshold) else {
                continue;
            };
            if self.is_confirmed() && !self.agreeing.contains(k) {
                continue;
            }
            let excess = score - threshold;
            if worst.is_none_or(|(most, _)| excess > most) {
                worst = Some((excess, *lane));
            }
        }
        let answer = match worst {
            Some((_, lane)) => Assessment {
                state: if self.is_confirmed() {
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
        answer.supported(self.alert())
    }
}
