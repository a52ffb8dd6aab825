//! Facts about the current alarm, one bit each.

use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// A set of facts. 1 byte, empty when new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Flags(u8);

impl Flags {
    /// An alarm is on.
    pub const ON: Self = Self(1);
    /// Its start was news.
    pub const TOLD: Self = Self(2);
    /// Its rise to critical was news.
    pub const TOLD_CRITICAL: Self = Self(4);
    /// Someone has acknowledged it.
    pub const ACKNOWLEDGED: Self = Self(8);
    /// A row of the current bucket of the day had a score.
    pub const SCORED: Self = Self(16);
    /// Facts about an alarm.
    pub const ALARM: Self = Self(1 | 2 | 4 | 8);
    const ALL: Self = Self(31);

    pub const fn new() -> Self {
        Self(0)
    }

    pub const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 == fact.0
    }

    pub const fn set(&mut self, fact: Self) {
        self.0 |= fact.0;
    }

    pub const fn remove(&mut self, facts: Self) {
        self.0 &= !facts.0;
    }

    /// Whether facts about an alarm exist without an alarm, or unknown ones.
    const fn impossible(self) -> bool {
        self.0 & !Self::ALL.0 != 0
            || !self.has(Self::ON) && self.0 & Self::ALARM.0 != 0
            || self.has(Self::TOLD_CRITICAL) && !self.has(Self::TOLD)
    }

    pub fn save(self, body: &mut Writer<'_>) {
        body.put(&self.0);
    }

    pub fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let flags = Self(body.take()?);
        if flags.impossible() {
            return Err(body.content());
        }
        Ok(flags)
    }
}
