//! The answer to one row: a phase, a grade, and the numbers behind them.

use super::Grade;
use core::fmt;

/// The phase of an alarm at one row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Phase {
    /// No alarm.
    #[default]
    Quiet,
    /// The first row of an alarm.
    Start,
    /// A further row of an alarm, also one without a score.
    Update,
    /// The first row after an alarm.
    Clear,
}

impl Phase {
    /// The phase as one lower-case word, as in reports and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Start => "start",
            Self::Update => "update",
            Self::Clear => "clear",
        }
    }

    /// Whether the row belongs to an alarm: `Start` or `Update`.
    pub const fn is_on(self) -> bool {
        matches!(self, Self::Start | Self::Update)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An alarm as a whole, up to the last row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Episode {
    /// Rows since its first row, which is 0: the alarm began at the tick of the row minus this.
    pub age: u32,
    /// Highest severity.
    pub peak: f32,
    /// Grade of the highest severity: `Warning` or more.
    pub grade: Grade,
    /// Whether someone has acknowledged it.
    pub acknowledged: bool,
}

/// The answer to one row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Event {
    /// Phase of the alarm.
    pub phase: Phase,
    /// Grade of this row. [`Episode::grade`] is that of the alarm.
    pub grade: Grade,
    /// Severity of this row, in deviations; `None` without a score.
    pub severity: Option<f32>,
    /// Threshold in force: the row starts an alarm if its severity is this high. Guard and season
    /// are included.
    pub threshold: f32,
    /// The alarm, from its start to its clear.
    pub episode: Option<Episode>,
    /// Whether the row is news for people: the start of an alarm, its rise to critical, and its
    /// clear. Neither is news while silenced. What was silenced and still lasts at the end of the
    /// silence is news then; an acknowledged alarm only when it clears.
    pub is_news: bool,
}
