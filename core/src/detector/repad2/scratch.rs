//! The training scratch that all lanes share: one training at a time, a bounded number of epochs
//! in each frame.

use super::{CONTEXT, LaneRules};
use crate::SnapshotError;
use crate::detector::repad2::predictor::{Fit, Predictor};
use crate::wire::snapshot::{Reader, Writer};

/// The training scratch that all lanes share, and the epochs left in this frame.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct TrainingScratch<F: Predictor> {
    trainer: F::Trainer,
    /// Index + 1 of the lane whose training is in progress; 0 for none.
    owner: u16,
    context: [f32; CONTEXT],
    /// Epochs the training in progress has had.
    spent: u16,
    /// Index + 1 of the lane that takes its turn next; 0 for none.
    next: u16,
    /// Epochs left in this frame.
    left: u16,
}

impl<F: Predictor> TrainingScratch<F> {
    pub(crate) const fn new() -> Self {
        Self {
            trainer: F::IDLE,
            owner: 0,
            context: [0.0; CONTEXT],
            spent: 0,
            next: 0,
            left: 0,
        }
    }

    /// Index + 1 of the lane whose training is in progress; 0 for none.
    #[cfg(test)]
    pub(crate) fn owner(&self) -> u16 {
        self.owner
    }

    /// A new frame begins.
    pub(crate) fn refill(&mut self, rules: &LaneRules) {
        self.left = rules.settings.epochs_per_frame.unwrap_or(u16::MAX);
    }

    /// Begins or continues a lane's training; waits while another lane's is in progress. The
    /// first lane that had to wait is the next, so that none waits for ever.
    pub(super) fn fit(&mut self, lane: u16, context: &[f32; CONTEXT]) -> Fit<F> {
        let me = lane.saturating_add(1);
        if self.owner != me {
            if self.owner != 0 || (self.next != 0 && self.next != me) {
                if self.next == 0 {
                    self.next = me;
                }
                return Fit::Pending;
            }
            self.next = 0;
            self.owner = me;
            self.context = *context;
            self.spent = 0;
        }
        let before = self.left;
        let fit = F::fit_step(&mut self.trainer, &self.context, &mut self.left);
        self.spent += before - self.left;
        if matches!(fit, Fit::Done(_)) {
            self.owner = 0;
        }
        fit
    }

    /// A lane gives up its training, or its turn.
    pub(super) fn release(&mut self, lane: u16) {
        let me = lane.saturating_add(1);
        if self.next == me {
            self.next = 0;
        }
        if self.owner == me {
            *self = Self {
                left: self.left,
                next: self.next,
                ..Self::new()
            };
        }
    }

    pub(crate) fn save(&self, body: &mut Writer<'_>) {
        let (context, spent) = if self.owner > 0 {
            (self.context, self.spent)
        } else {
            ([0.0; CONTEXT], 0)
        };
        body.put(&(self.owner, context, spent, self.next));
    }

    /// Training is deterministic, so the epochs done are done again instead of stored. Returns
    /// what [`Self::save`] wrote of owner and turn: those lanes must have a training in progress.
    pub(crate) fn restore(
        &mut self,
        body: &mut Reader<'_>,
        variables: usize,
        commit: bool,
    ) -> Result<[usize; 2], SnapshotError> {
        let owner = index(body)?;
        let (context, spent): ([f32; CONTEXT], u16) = body.take()?;
        let next = index(body)?;
        let trainees = [owner, next].map(usize::from);
        if trainees.iter().any(|lane| *lane > variables)
            || (owner > 0 && spent >= F::EPOCHS.max(1))
            || !context.iter().all(|x| x.is_finite())
        {
            return Err(body.content());
        }
        if commit {
            *self = Self::new();
            self.next = next;
            if owner > 0 {
                self.owner = owner;
                self.context = context;
                self.spent = spent;
                let _ = F::fit_step(&mut self.trainer, &self.context, &mut spent.clone());
            }
        }
        Ok(trainees)
    }
}

/// Index + 1 of a lane, or 0. One byte in version 1, a varint since: the same up to 127.
fn index(body: &mut Reader<'_>) -> Result<u16, SnapshotError> {
    if body.version() < 2 {
        body.take::<u8>().map(u16::from)
    } else {
        body.take()
    }
}
