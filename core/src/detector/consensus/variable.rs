//! One variable: its history, its models, and the two trainings in progress.

use super::history::{History, Vector};
use super::model::{Centers, Model};
use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Variable<const MODELS: usize> {
    models: [Model; MODELS],
    /// The training in its first half.
    centers: Centers,
    /// The training in its second half.
    measured: Model,
    pub history: History,
    /// The score in the last row; below 0 where it was not judged.
    score: f32,
    /// Vectors in this half.
    vectors: u16,
    /// Models, and the place of the next one.
    held: u8,
    next: u8,
    /// Whether a training is in its second half.
    measures: bool,
}

/// Not judged.
const NONE: f32 = -1.0;

impl<const MODELS: usize> Variable<MODELS> {
    pub(super) const NEW: Self = Self {
        models: [Model::NEW; MODELS],
        centers: Centers::NEW,
        measured: Model::NEW,
        history: History::NEW,
        score: 0.0,
        vectors: 0,
        held: 0,
        next: 0,
        measures: false,
    };

    /// The score in the last row, if it was judged.
    pub(super) fn score(&self) -> Option<f32> {
        (self.score >= 0.0 && self.held > 0).then_some(self.score)
    }

    /// Judges a value by at least `quorum` models, then learns from it. `half` vectors are half a training, the first
    /// half is shorter by `early`.
    pub(super) fn observe(&mut self, x: f32, limit: f32, quorum: u16, half: u16, early: u16) {
        self.score = NONE;
        let Some(vector) = self.history.take(x) else {
            return;
        };
        if u16::from(self.held) >= quorum {
            self.score = self.consensus(&vector, limit);
        }
        self.learn(&vector, half, early);
    }

    /// A row without a value.
    pub(super) fn pass(&mut self) {
        self.score = NONE;
    }

    /// The smallest score of all models, or the score of the newest one that says normal.
    fn consensus(&self, vector: &Vector, limit: f32) -> f32 {
        let held = self.models.get(..self.held.into()).unwrap_or_default();
        let (newer, older) = held
            .split_at_checked(self.next.into())
            .unwrap_or((held, &[]));
        let mut smallest = f32::MAX;
        for model in newer.iter().rev().chain(older.iter().rev()) {
            let score = model.score(vector);
            if score < limit {
                return score;
            }
            smallest = smallest.min(score);
        }
        smallest
    }

    fn learn(&mut self, vector: &Vector, half: u16, early: u16) {
        self.centers.learn(vector);
        if self.measures {
            self.measured.learn(vector);
        }
        self.vectors = self.vectors.saturating_add(1);
        let is_first = !self.measures;
        if self.vectors < if is_first { half - early } else { half } {
            return;
        }
        self.vectors = 0;
        if self.measures {
            if let Some(place) = self.models.get_mut(usize::from(self.next)) {
                *place = self.measured;
            }
            self.held = self.held.max(self.next.saturating_add(1));
            self.next = self.next.wrapping_add(1);
            if usize::from(self.next) >= MODELS {
                self.next = 0;
            }
        }
        self.measured = self.centers.model();
        self.centers.again();
        self.measures = true;
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        self.history.save(body);
        self.centers.save(body);
        self.measured.save(body);
        body.put(&(
            self.score,
            self.vectors,
            self.held,
            self.next,
            self.measures,
        ));
        let held = self.models.iter().take(self.held.into());
        held.for_each(|model| model.save(body));
    }

    /// Reads a variable; it is kept only with `commit`.
    pub(super) fn restore(
        &mut self,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let history = History::saved(body)?;
        let centers = Centers::saved(body)?;
        let measured = Model::saved(body)?;
        let (score, vectors, held, next, measures): (f32, u16, u8, u8, bool) = body.take()?;
        let placed = usize::from(held) <= MODELS && usize::from(next) < MODELS;
        // Places are filled in order.
        let in_order = next == held || usize::from(held) == MODELS;
        if !(placed && in_order && (NONE..=f32::MAX).contains(&score)) {
            return Err(body.content());
        }
        for place in self.models.iter_mut().take(held.into()) {
            let model = Model::saved(body)?;
            if commit {
                *place = model;
            }
        }
        if commit {
            (self.history, self.centers, self.measured) = (history, centers, measured);
            (self.score, self.vectors, self.measures) = (score, vectors, measures);
            (self.held, self.next) = (held, next);
        }
        Ok(())
    }
}
