//! The vote of an ensemble: which frame it is about, and how many frames have come since.

use crate::SnapshotError;
use crate::sample::Tick;
use crate::vote::majority::Vote;
use crate::vote::outcome::Outcome;
use crate::wire::snapshot::{Reader, Writer};

/// A vote about one frame, the last one or an earlier one. All zeros when new.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Ballot<const V: usize> {
    pub(super) vote: Vote<V>,
    /// The frame that the vote is about.
    pub(super) tick: Tick,
    /// Frames that were taken after it while the vote was in progress: what histories hold beyond
    /// it.
    late: u16,
}

impl<const V: usize> Ballot<V> {
    pub(super) const fn new() -> Self {
        Self {
            vote: Vote::new(),
            tick: Tick(0),
            late: 0,
        }
    }

    /// A frame was taken: it is one more if a vote is in progress, else its vote begins.
    pub(super) fn take(&mut self, tick: Tick, flagged: &[Outcome; V]) {
        if self.vote.is_in_progress() {
            self.late = self.late.saturating_add(1);
        } else {
            self.tick = tick;
            self.late = 0;
            self.vote.begin(flagged);
        }
    }

    /// Frames that histories hold beyond the one that the vote is about.
    pub(super) fn late(&self) -> usize {
        self.late.into()
    }

    /// Frames that histories must hold beyond those of a correlation, for the vote in progress.
    pub(super) fn held(&self) -> usize {
        if self.vote.is_in_progress() {
            self.late()
        } else {
            0
        }
    }

    /// Appends a vote in progress to a snapshot; else only that there is none.
    pub(super) fn save(&self, body: &mut Writer<'_>, variables: usize) {
        self.vote.save(body, variables);
        if self.vote.is_in_progress() {
            body.put(&(self.tick, self.late));
        }
    }

    /// Reads what [`Self::save`] wrote, which bodies have since version 2.
    pub(super) fn restored(body: &mut Reader<'_>, variables: usize) -> Result<Self, SnapshotError> {
        let mut ballot = Self::new();
        if body.version() < 2 {
            return Ok(ballot);
        }
        ballot.vote = Vote::restored(body, variables)?;
        if ballot.vote.is_in_progress() {
            (ballot.tick, ballot.late) = body.take()?;
        }
        Ok(ballot)
    }
}
