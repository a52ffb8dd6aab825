//! The vote of an ensemble: its frame, and the number of frames since.

use crate::SnapshotError;
use crate::outcome::Outcome;
use crate::sample::Tick;
use crate::vote::majority::Vote;
use crate::wire::snapshot::{Reader, Writer};

/// A vote on one frame, the last one or an earlier one. All zeros when new.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Ballot<const V: usize> {
    pub(super) vote: Vote<V>,
    /// The frame of the vote.
    pub(super) tick: Tick,
    /// Number of frames taken after it while the vote was in progress: the histories extend beyond
    /// it by as many.
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

    /// Takes a frame: counts it if a vote is in progress, else begins its vote.
    pub(super) fn take(&mut self, tick: Tick, flagged: &[Outcome; V]) {
        if self.vote.is_in_progress() {
            self.late = self.late.saturating_add(1);
        } else {
            self.tick = tick;
            self.late = 0;
            self.vote.begin(flagged);
        }
    }

    /// Number of frames in the histories beyond the frame of the vote.
    pub(super) fn late(&self) -> usize {
        self.late.into()
    }

    /// Number of frames that the vote in progress needs in the histories beyond those of a
    /// correlation.
    pub(super) fn held(&self) -> usize {
        if self.vote.is_in_progress() {
            self.late()
        } else {
            0
        }
    }

    /// Appends a vote in progress to a snapshot, or the fact that there is none.
    pub(super) fn save(&self, body: &mut Writer<'_>, variables: usize) {
        self.vote.save(body, variables);
        if self.vote.is_in_progress() {
            body.put(&(self.tick, self.late));
        }
    }

    /// Reads the bytes of [`Self::save`]. Bodies contain them from format version 2 on.
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
