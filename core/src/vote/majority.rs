//! The vote (RoLA, section 3): the related variables of a flagged one agree with it or not.
//!
//! ```text
//! agree(a)   = 1 + number of flagged variables related to a
//! against(a) = number of other variables related to a
//! confirmed(a)  <=>  agree(a) > against(a)   and a is related to another variable
//! ```
//!
//! The vote asks once about a pair, for both of its variables if both are flagged. It can stop
//! after any pair and continue later.

use crate::SnapshotError;
use crate::outcome::Outcome;
use crate::wire::snapshot::{Reader, Writer};
use serde::{Deserialize, Serialize};

/// Outcomes of a vote at once, by the flagged variables and a relation.
///
/// For each flagged variable, its related variables vote: the flagged ones and itself for an
/// anomaly, the others against. A strict majority confirms; a tie does not. A flagged variable
/// without a related one is `Local`, never confirmed.
///
/// Pure: permuting the variables permutes the answer. `related(a, b)` must be symmetric. It is
/// called for flagged `a` only, with `a < b` if both are flagged; once per pair, and once more for
/// pairs of an outvoted and a confirmed variable.
///
/// ```
/// use bellwether::{Outcome, vote::majority::majority};
/// // 0, 1 and 2 are related to each other: two against one.
/// let outcomes = majority::<4>([0, 1], |a, b| a < 3 && b < 3);
/// assert_eq!(outcomes[..2], [Outcome::Confirmed; 2]);
/// assert_eq!(outcomes[2..], [Outcome::Quiet; 2]);
/// ```
#[must_use]
pub fn majority<const V: usize>(
    flagged: impl IntoIterator<Item = usize>,
    related: impl FnMut(usize, usize) -> bool,
) -> [Outcome; V] {
    let mut outcomes = [Outcome::Quiet; V];
    for variable in flagged {
        if let Some(outcome) = outcomes.get_mut(variable) {
            *outcome = Outcome::Waiting;
        }
    }
    let mut vote = Vote::new();
    vote.begin(&outcomes);
    vote.advance(V, u32::MAX, related);
    vote.outcomes
}

/// The stage of a vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
enum Stage {
    /// No vote is in progress.
    Over,
    /// Finds the related variables of the flagged ones.
    Counting,
    /// Finds the outvoted variables that are related to a confirmed one.
    Supporting,
}

/// The related variables of a flagged one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Tally {
    /// The flagged ones, itself not counted.
    agree: u16,
    against: u16,
}

impl Tally {
    const ZERO: Self = Self {
        agree: 0,
        against: 0,
    };

    fn outcome(self) -> Outcome {
        match (self.agree, self.against) {
            (0, 0) => Outcome::Local,
            (agree, against) if agree >= against => Outcome::Confirmed,
            _ => Outcome::Outvoted,
        }
    }
}

/// A vote that can be cut between any two pairs. All zeros when new.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Vote<const V: usize> {
    stage: Stage,
    /// The next pair.
    next: (u16, u16),
    outcomes: [Outcome; V],
    tallies: [Tally; V],
}

impl<const V: usize> Vote<V> {
    /// The state before the first vote.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            stage: Stage::Over,
            next: (0, 0),
            outcomes: [Outcome::Quiet; V],
            tallies: [Tally::ZERO; V],
        }
    }

    /// The outcome of each variable. Flagged variables wait until all pairs are done.
    #[must_use]
    pub const fn outcomes(&self) -> &[Outcome; V] {
        &self.outcomes
    }

    /// Whether pairs are left.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        self.stage != Stage::Over
    }

    /// Begins a vote on the variables that are not quiet. A vote in progress is given up.
    pub fn begin(&mut self, flagged: &[Outcome; V]) {
        for (outcome, flagged) in self.outcomes.iter_mut().zip(flagged) {
            *outcome = if flagged.is_flagged() {
                Outcome::Waiting
            } else {
                Outcome::Quiet
            };
        }
        self.tallies = [Tally::ZERO; V];
        self.next = (0, 0);
        self.stage = Stage::Counting;
    }

    /// Takes at most `pairs` pairs of the first `variables` variables; see [`majority`]. Returns
    /// whether the vote is over: no pair is left.
    pub fn advance(
        &mut self,
        variables: usize,
        mut pairs: u32,
        mut related: impl FnMut(usize, usize) -> bool,
    ) -> bool {
        while self.is_in_progress() {
            if !self.advance_stage(variables.min(V), &mut pairs, &mut related) {
                return false;
            }
            self.end_stage(variables);
        }
        true
    }

    /// Takes the pairs of this stage from `next` on. Returns whether none is left.
    fn advance_stage(
        &mut self,
        variables: usize,
        pairs: &mut u32,
        related: &mut impl FnMut(usize, usize) -> bool,
    ) -> bool {
        let mut from = usize::from(self.next.1);
        for a in usize::from(self.next.0)..variables {
            for b in from..variables {
                if !self.asks(a) {
                    break;
                }
                if !self.must_ask(a, b) {
                    continue;
                }
                let Some(left) = pairs.checked_sub(1) else {
                    self.next = (a as u16, b as u16);
                    return false;
                };
                *pairs = left;
                if self.stage == Stage::Counting {
                    if related(a, b) {
                        self.count(a, b);
                    }
                } else if related(a.min(b), a.max(b)) {
                    self.set(a, Outcome::Agreeing);
                }
            }
            from = 0;
        }
        true
    }

    fn outcome(&self, variable: usize) -> Outcome {
        self.outcomes.get(variable).copied().unwrap_or_default()
    }

    fn set(&mut self, variable: usize, to: Outcome) {
        if let Some(outcome) = self.outcomes.get_mut(variable) {
            *outcome = to;
        }
    }

    /// Whether a variable has pairs in this stage. An outvoted one has until it has found support.
    fn asks(&self, a: usize) -> bool {
        match self.stage {
            Stage::Over => false,
            Stage::Counting => self.outcome(a).is_flagged(),
            Stage::Supporting => {
                let supported = self.tallies.get(a).is_some_and(|tally| tally.agree > 0);
                supported && self.outcome(a) == Outcome::Outvoted
            }
        }
    }

    /// Whether `a` must ask `b`.
    fn must_ask(&self, a: usize, b: usize) -> bool {
        let outcome = self.outcome(b);
        match self.stage {
            Stage::Over => false,
            Stage::Counting => a != b && !(b < a && outcome.is_flagged()),
            Stage::Supporting => outcome == Outcome::Confirmed,
        }
    }

    /// Counts a relation of the flagged `a` and `b`.
    fn count(&mut self, a: usize, b: usize) {
        let both = self.outcome(b).is_flagged();
        if let Some(tally) = self.tallies.get_mut(a) {
            if both {
                tally.agree += 1;
            } else {
                tally.against += 1;
            }
        }
        if both && let Some(tally) = self.tallies.get_mut(b) {
            tally.agree += 1;
        }
    }

    /// Moves to the next stage.
    fn end_stage(&mut self, variables: usize) {
        self.next = (0, 0);
        let mut confirmed = false;
        if self.stage == Stage::Counting {
            let rows = self.outcomes.iter_mut().zip(&self.tallies);
            for (outcome, tally) in rows.take(variables) {
                if outcome.is_flagged() {
                    *outcome = tally.outcome();
                    confirmed |= *outcome == Outcome::Confirmed;
                }
            }
        }
        self.stage = if confirmed {
            Stage::Supporting
        } else {
            Stage::Over
        };
    }
}

impl<const V: usize> Vote<V> {
    /// Appends a vote among the first `variables` variables to a snapshot, or the fact that it is
    /// over.
    pub(crate) fn save(&self, body: &mut Writer<'_>, variables: usize) {
        body.put(&self.stage);
        if self.is_in_progress() {
            body.put(&self.next);
            let rows = self.outcomes.iter().zip(&self.tallies).take(variables);
            rows.for_each(|row| body.put(&row));
        }
    }

    /// Reads the bytes of [`Self::save`].
    pub(crate) fn restored(body: &mut Reader<'_>, variables: usize) -> Result<Self, SnapshotError> {
        let mut vote = Self::new();
        vote.stage = body.take()?;
        if vote.is_in_progress() {
            vote.next = body.take()?;
            let rows = vote.outcomes.iter_mut().zip(&mut vote.tallies);
            for (outcome, tally) in rows.take(variables) {
                (*outcome, *tally) = body.take()?;
            }
            if !vote.makes_sense(variables) {
                return Err(body.content());
            }
        }
        Ok(vote)
    }

    /// Whether [`Self::begin`] and [`Self::advance`] can have produced this vote in progress.
    fn makes_sense(&self, variables: usize) -> bool {
        let flagged = self.outcomes.iter().filter(|o| o.is_flagged()).count();
        let mut rows = self.outcomes.iter().zip(&self.tallies);
        let rows_do = rows.all(|(outcome, tally)| {
            let (agree, against) = (usize::from(tally.agree), usize::from(tally.against));
            let counted = match (self.stage, outcome) {
                (_, Outcome::Quiet) => *tally == Tally::ZERO,
                (Stage::Counting, outcome) => *outcome == Outcome::Waiting,
                (_, Outcome::Agreeing) => tally.outcome() == Outcome::Outvoted && agree > 0,
                (_, outcome) => *outcome == tally.outcome(),
            };
            counted && agree < flagged.max(1) && against <= variables - flagged
        });
        let (a, b) = (usize::from(self.next.0), usize::from(self.next.1));
        rows_do && a.max(b) < variables && self.asks(a) && self.must_ask(a, b)
    }
}

#[cfg(test)]
mod tests;
