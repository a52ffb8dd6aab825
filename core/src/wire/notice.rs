//! An alarm's event in a record.

use super::code::{BasisCode, GradeCode, PhaseCode, put, take};
use crate::alarm::{Basis, Episode, Event, Grade, Phase};
use serde::{Deserialize, Serialize};

/// An [`Event`] in a record, with the [`Basis`] of its promise. It is a separate type so that an event can
/// gain fields without a change of the bytes.
///
/// ```
/// use bellwether::alarm::{Alarm, Basis, Rules, Settings};
/// use bellwether::report::Notice;
/// let rules = Rules::<0>::new(Settings::DEFAULT)?;
/// let event = Alarm::new().observe(&rules, Some(0.3));
/// let notice = Notice::of(&event, rules.promise().basis());
/// assert_eq!((notice.event(), notice.basis), (event, Basis::Calibrated));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Notice {
    /// Phase of the alarm.
    #[serde(
        serialize_with = "put::<_, PhaseCode, _>",
        deserialize_with = "take::<_, PhaseCode, _>"
    )]
    pub phase: Phase,
    /// Grade of the row.
    #[serde(
        serialize_with = "put::<_, GradeCode, _>",
        deserialize_with = "take::<_, GradeCode, _>"
    )]
    pub grade: Grade,
    /// Severity of the row, in deviations.
    pub severity: Option<f32>,
    /// Threshold in force.
    pub threshold: f32,
    /// The alarm, from its start to its clear.
    pub episode: Option<Course>,
    /// Whether the row is news for people.
    pub is_news: bool,
    /// The support behind the promise.
    #[serde(
        serialize_with = "put::<_, BasisCode, _>",
        deserialize_with = "take::<_, BasisCode, _>"
    )]
    pub basis: Basis,
}

/// An [`Episode`] in a record.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Course {
    /// Rows since its first row, which is 0.
    pub age: u32,
    /// Highest severity.
    pub peak: f32,
    /// Grade of the highest severity.
    #[serde(
        serialize_with = "put::<_, GradeCode, _>",
        deserialize_with = "take::<_, GradeCode, _>"
    )]
    pub grade: Grade,
    /// Whether someone has acknowledged it.
    pub acknowledged: bool,
}

impl Notice {
    /// The notice of an event.
    #[must_use]
    pub fn of(event: &Event, basis: Basis) -> Self {
        Self {
            phase: event.phase,
            grade: event.grade,
            severity: event.severity,
            threshold: event.threshold,
            episode: event.episode.map(|of| Course {
                age: of.age,
                peak: of.peak,
                grade: of.grade,
                acknowledged: of.acknowledged,
            }),
            is_news: event.is_news,
            basis,
        }
    }

    /// The event.
    #[must_use]
    pub fn event(&self) -> Event {
        Event {
            phase: self.phase,
            grade: self.grade,
            severity: self.severity,
            threshold: self.threshold,
            episode: self.episode.map(|of| Episode {
                age: of.age,
                peak: of.peak,
                grade: of.grade,
                acknowledged: of.acknowledged,
            }),
            is_news: self.is_news,
        }
    }
}
