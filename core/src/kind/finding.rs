//! The finding about an alarm: a kind, a variable, and the evidence.

use super::track::{ONE, Track};
use core::fmt;

/// The kind of change behind an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Kind {
    /// A large difference in the first rows: a spike or a step, too early to tell.
    Jump,
    /// A large difference, and the level as before.
    Spike,
    /// A large difference, and another level.
    Step,
    /// Another level, or a value out of range, without a large difference.
    Drift,
    /// One value, repeated.
    Stuck,
    /// Large differences row after row.
    Noise,
    /// A usual value that does not fit those of the others.
    Relation,
    /// Missing values.
    Missing,
}

impl Kind {
    /// Every kind, by code.
    pub const ALL: [Self; 8] = [
        Self::Jump,
        Self::Spike,
        Self::Step,
        Self::Drift,
        Self::Stuck,
        Self::Noise,
        Self::Relation,
        Self::Missing,
    ];

    /// The kind as one lower-case word, as in reports and files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jump => "jump",
            Self::Spike => "spike",
            Self::Step => "step",
            Self::Drift => "drift",
            Self::Stuck => "stuck",
            Self::Noise => "noise",
            Self::Relation => "relation",
            Self::Missing => "missing",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The finding about an alarm.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Finding {
    /// The kind.
    pub kind: Kind,
    /// The variable that it is about.
    pub variable: u16,
    /// Whether it stays: from 10 rows after the start of the alarm on.
    pub is_final: bool,
    /// Whether half of the last values, or more, were beyond the usual range.
    pub is_outside: bool,
    /// Largest difference from row to row, in usual differences; stays at 64.
    pub jump: f32,
    /// Level of the last rows less that of the last hundreds, in deviations.
    pub shift: f32,
    /// Rows with the last value.
    pub run: u16,
    /// Share of missing values of late.
    pub gaps: f32,
}

/// A finding as plain numbers: all zeros for none, which an `Option` need not be.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Found {
    pub gaps: f32,
    pub variable: u16,
    pub leap: u16,
    pub shift: i16,
    pub run: u16,
    /// 0 for none, else 1 more than the place among all kinds.
    pub code: u8,
    /// 1: final. 2: outside.
    pub flags: u8,
}

impl Found {
    pub const NONE: Self = Self {
        gaps: 0.0,
        variable: 0,
        leap: 0,
        shift: 0,
        run: 0,
        code: 0,
        flags: 0,
    };

    pub fn of(
        kind: Kind,
        variable: usize,
        is_final: bool,
        track: &Track,
        run: u16,
        gaps: f32,
    ) -> Self {
        let shift = track.shift().clamp(i16::MIN.into(), i16::MAX.into());
        Self {
            gaps,
            variable: variable as u16,
            leap: track.leap,
            shift: shift as i16,
            run,
            code: kind as u8 + 1,
            flags: u8::from(is_final) | u8::from(track.is_outside()) << 1,
        }
    }

    pub const fn is_final(&self) -> bool {
        self.flags & 1 != 0
    }

    pub const fn finding(&self) -> Option<Finding> {
        let kind = match self.code {
            1 => Kind::Jump,
            2 => Kind::Spike,
            3 => Kind::Step,
            4 => Kind::Drift,
            5 => Kind::Stuck,
            6 => Kind::Noise,
            7 => Kind::Relation,
            8 => Kind::Missing,
            _ => return None,
        };
        Some(Finding {
            kind,
            variable: self.variable,
            is_final: self.is_final(),
            is_outside: self.flags & 2 != 0,
            jump: self.leap as f32 / ONE as f32,
            shift: self.shift as f32 / ONE as f32,
            run: self.run,
            gaps: self.gaps,
        })
    }
}
