//! The alarm's last answer, kept as plain numbers: all zeros when new, which an `Option` need not be.

use crate::alarm::{Episode, Event, Grade, Phase};

/// An answer.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Told {
    severity: f32,
    threshold: f32,
    peak: f32,
    age: u32,
    phase: Phase,
    grade: Grade,
    highest: Grade,
    has_severity: bool,
    has_episode: bool,
    acknowledged: bool,
    is_news: bool,
}

impl Told {
    /// Before the first row.
    pub(super) const NONE: Self = Self {
        severity: 0.0,
        threshold: 0.0,
        peak: 0.0,
        age: 0,
        phase: Phase::Quiet,
        grade: Grade::None,
        highest: Grade::None,
        has_severity: false,
        has_episode: false,
        acknowledged: false,
        is_news: false,
    };

    pub(super) const fn event(&self) -> Event {
        Event {
            phase: self.phase,
            grade: self.grade,
            severity: if self.has_severity {
                Some(self.severity)
            } else {
                None
            },
            threshold: self.threshold,
            episode: if self.has_episode {
                Some(Episode {
                    age: self.age,
                    peak: self.peak,
                    grade: self.highest,
                    acknowledged: self.acknowledged,
                })
            } else {
                None
            },
            is_news: self.is_news,
        }
    }
}

impl From<Event> for Told {
    fn from(event: Event) -> Self {
        let of = event.episode;
        Self {
            severity: event.severity.unwrap_or_default(),
            threshold: event.threshold,
            peak: of.map_or(0.0, |of| of.peak),
            age: of.map_or(0, |of| of.age),
            phase: event.phase,
            grade: event.grade,
            highest: of.map_or(Grade::None, |of| of.grade),
            has_severity: event.severity.is_some(),
            has_episode: of.is_some(),
            acknowledged: of.is_some_and(|of| of.acknowledged),
            is_news: event.is_news,
        }
    }
}
