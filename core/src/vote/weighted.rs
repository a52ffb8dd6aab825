//! A majority of voters that answer the same question, each weighted by its own record.
//!
//! ```text
//! missed_i   of the anomalous rows, the share in which voter i did not raise     m += (miss - m) / span
//! vain_i     of the other rows, the share in which it raised                     f += (raise - f) / span
//! a_i      = 1 - (missed_i + vain_i) / 2                                          balanced accuracy
//! w_i      = ln(a_i / (1 - a_i))      within 0 and ln 20                          its log odds
//! raised  <=>  Σ w_i over those that raise  >  1/2 Σ w_i over those that vote
//! ```
//!
//! Log odds are the best weights of independent voters (Nitzan and Paroush, 1982). Balanced accuracy takes the
//! place of accuracy: anomalous rows are rare, and a voter that never raises would be right in nearly all rows.
//! A voter at random, and one that never raises, has weight 0. Equal records are the plain majority, and so are
//! voters without any weight; a tie does not raise.

use crate::assessment::{Assessment, State};
use crate::detector::quartet::surprise::ln;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::wire::snapshot;

/// Largest odds of a voter.
const MOST: f32 = 20.0;

/// Checked settings.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules {
    rate: f32,
    span: u16,
}

impl Rules {
    /// Records that are a mean of the last `span` rows or so, of the anomalous ones and of the others: 1 or more.
    ///
    /// # Errors
    /// `span` is 0.
    pub const fn new(span: u16) -> Result<Self, SettingsError> {
        if span == 0 {
            return Err(SettingsError::new("span", 0.0, Allowed::AtLeast(1.0)));
        }
        let rate = 1.0 / span as f32;
        Ok(Self { rate, span })
    }

    /// Rows of a record.
    pub const fn span(self) -> u16 {
        self.span
    }
}

/// The faults of a voter: shares of 0 to 1. 8 bytes, all zeros when new.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Record {
    missed: f32,
    vain: f32,
}

impl Record {
    /// Share of the anomalous rows in which it did not raise.
    pub const fn missed(self) -> f32 {
        self.missed
    }

    /// Share of the other rows in which it raised.
    pub const fn vain(self) -> f32 {
        self.vain
    }

    /// Log odds of being right: 0 to ln 20.
    pub fn weight(self) -> f32 {
        let wrong = 0.5 * (self.missed + self.vain);
        let odds = (1.0 - wrong) / wrong.max(0.5 / MOST);
        ln(odds.clamp(1.0, MOST))
    }

    fn learn(&mut self, rate: f32, raises: bool, outcome: bool) {
        let (share, wrong) = match outcome {
            true => (&mut self.missed, !raises),
            false => (&mut self.vain, raises),
        };
        *share += rate * (f32::from(u8::from(wrong)) - *share);
    }
}

/// The votes of a row, counted.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Count {
    /// Whether more than half of the weight raises.
    pub raised: bool,
    /// The share of the weight that raises: 0 to 1, 0 if nobody votes.
    pub share: f32,
}

/// Records of `N` voters: 8 bytes each. All zeros when new, and every voter has the largest weight.
///
/// ```
/// use bellwether::vote::weighted::{Rules, Weighted};
/// let rules = Rules::new(32).unwrap();
/// let mut vote = Weighted::<3>::new();
/// // Two voters raise every other row; the first one is right.
/// for row in 0..200 {
///     let anomalous = row % 10 == 0;
///     vote.learn(rules, &[Some(anomalous), Some(row % 2 == 0), Some(row % 4 < 2)], anomalous);
/// }
/// let count = vote.count(&[Some(true), Some(false), Some(false)]);
/// assert!(count.raised && count.share > 0.6);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Weighted<const N: usize> {
    records: [Record; N],
}

/// The vote of a detector: none while it warms up, is early or blind.
pub fn vote_of(answer: &Assessment) -> Option<bool> {
    match answer.state {
        State::Anomalous => Some(true),
        State::Normal | State::Adapted => Some(false),
        State::Warming { .. } | State::Early | State::Blind { .. } => None,
    }
}

impl<const N: usize> Weighted<N> {
    /// Maximum size of a snapshot in bytes.
    pub const SNAPSHOT_MAX: usize = snapshot::FRAME_BYTES + 8 * N;

    /// Voters without a record.
    pub const fn new() -> Self {
        const NEW: Record = Record {
            missed: 0.0,
            vain: 0.0,
        };
        Self { records: [NEW; N] }
    }

    /// The record of each voter.
    pub const fn records(&self) -> &[Record; N] {
        &self.records
    }

    /// Counts the votes of a row; `None` does not vote.
    pub fn count(&self, votes: &[Option<bool>; N]) -> Count {
        let cast = self.records.iter().zip(votes);
        let cast = cast.filter_map(|(record, vote)| Some((record.weight(), (*vote)?)));
        // Sums of equal weights are equal: a tie of equal records is a tie.
        let [mut raising, mut against, mut raisers, mut others] = [0.0_f32; 4];
        for (own, raises) in cast {
            let (weight, voters) = match raises {
                true => (&mut raising, &mut raisers),
                false => (&mut against, &mut others),
            };
            (*weight, *voters) = (*weight + own, *voters + 1.0);
        }
        if raising + against == 0.0 {
            (raising, against) = (raisers, others);
        }
        let all = raising + against;
        Count {
            raised: raising > against,
            share: if all > 0.0 { raising / all } else { 0.0 },
        }
    }

    /// Enters a row into the records: its votes, and what it was. The outcome is known best from someone who
    /// looked; an alarm that [persisted](super::k_of_n) is a judge too, and [`Self::observe`] takes the vote's
    /// own answer.
    pub fn learn(&mut self, rules: Rules, votes: &[Option<bool>; N], outcome: bool) {
        for (record, vote) in self.records.iter_mut().zip(votes) {
            if let Some(raises) = *vote {
                record.learn(rules.rate, raises, outcome);
            }
        }
    }

    /// Counts the votes of a row, and enters the answer as its outcome if at least two voted. Records then say
    /// how well a voter agrees with the others, not whether all of them are right.
    pub fn observe(&mut self, rules: Rules, votes: &[Option<bool>; N]) -> Count {
        let count = self.count(votes);
        if votes.iter().flatten().count() > 1 {
            self.learn(rules, votes, count.raised);
        }
        count
    }

    /// Saves the records and returns the number of bytes used.
    ///
    /// # Errors
    /// The buffer is too small.
    pub fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write_slice(buffer, Self::shape(), &|body| {
            let records = self.records.iter();
            records.for_each(|record| body.put(&(record.missed, record.vain)));
        })
    }

    /// Replaces the records by saved ones.
    ///
    /// # Errors
    /// The reason why the bytes were refused. The records are unchanged.
    pub fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let mut restored = Self::new();
        snapshot::read_slice(bytes, Self::shape(), Self::SNAPSHOT_MAX, &mut |body| {
            for record in &mut restored.records {
                let (missed, vain): (f32, f32) = body.take()?;
                let is_share = |x: f32| (0.0..=1.0).contains(&x);
                if !(is_share(missed) && is_share(vain)) {
                    return Err(body.content());
                }
                *record = Record { missed, vain };
            }
            Ok(())
        })?;
        *self = restored;
        Ok(())
    }

    fn shape() -> u32 {
        snapshot::shape("weighted", "", [N, 0, 0])
    }
}

impl<const N: usize> Default for Weighted<N> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
