//! The course of one alarm: start, peak, clear, and what people are told of it.
//!
//! ```text
//!       severity >= threshold             11 rows running below T
//! Quiet ──────────────────────▶ Start ▶ Update … ───────────────────▶ Clear ▶ Quiet
//! ```
//!
//! A row without a score changes nothing: `Quiet` stays quiet, and an alarm stays on.
//!
//! News are the start, the rise to critical, and the clear. An alarm costs a token of the guard when
//! its start is news, so a silenced one costs none.

use super::flags::Flags;
use super::{Alarm, DWELL, Episode, Grade, Phase, Rules};

impl<const BUCKETS: usize> Alarm<BUCKETS> {
    /// The alarm that is on.
    pub fn episode(&self, rules: &Rules<BUCKETS>) -> Option<Episode> {
        self.flags.has(Flags::ON).then(|| Episode {
            age: self.age,
            peak: self.peak,
            grade: if self.peak >= rules.critical() {
                Grade::Critical
            } else {
                Grade::Warning
            },
            acknowledged: self.flags.has(Flags::ACKNOWLEDGED),
        })
    }

    /// Someone has seen the alarm: only its clear is news from now on. Returns whether one is on.
    pub const fn acknowledge(&mut self) -> bool {
        let on = self.flags.has(Flags::ON);
        if on {
            self.flags.set(Flags::ACKNOWLEDGED);
        }
        on
    }

    /// Silences the next `rows` rows, for maintenance; 0 ends a silence. Alarms start and clear as
    /// ever, and rows are learned, but nothing is news and no alarm costs a token. An alarm that
    /// outlasts the silence is news at its end.
    pub const fn silence(&mut self, rows: u16) {
        self.silent = rows;
    }

    /// Rows of silence left.
    pub const fn silent_rows(&self) -> u16 {
        self.silent
    }

    /// Declares the present level normal, after a lasting change: the mean becomes the level of the
    /// last ten rows or so, and an alarm clears 11 rows later. Without it the level is learned in
    /// some thousand rows, and 20,000 at worst.
    pub const fn accept(&mut self) {
        self.moments.mean = self.smoothed;
        self.acknowledge();
    }

    /// The next phase.
    pub(super) fn advance(
        &mut self,
        rules: &Rules<BUCKETS>,
        severity: Option<f32>,
        threshold: f32,
    ) -> Phase {
        let on = self.flags.has(Flags::ON);
        if on {
            self.age = self.age.saturating_add(1);
        }
        let Some(severity) = severity else {
            return if on { Phase::Update } else { Phase::Quiet };
        };
        if !on {
            if severity < threshold {
                return Phase::Quiet;
            }
            self.flags.set(Flags::ON);
            self.peak = severity;
            return Phase::Start;
        }
        self.peak = self.peak.max(severity);
        self.quiet = if severity >= rules.warning() {
            0
        } else {
            self.quiet.saturating_add(1)
        };
        if self.quiet > DWELL {
            Phase::Clear
        } else {
            Phase::Update
        }
    }

    /// Whether the row is news.
    pub(super) fn tell(&mut self, rules: &Rules<BUCKETS>, phase: Phase) -> bool {
        let told = self.flags.has(Flags::TOLD);
        if !self.flags.has(Flags::ON) || self.silent > 0 {
            return false;
        }
        if phase == Phase::Clear {
            return told;
        }
        if self.flags.has(Flags::ACKNOWLEDGED) {
            return false;
        }
        let rises = self.peak >= rules.critical() && !self.flags.has(Flags::TOLD_CRITICAL);
        if !told {
            self.guard.spend();
        }
        self.flags.set(Flags::TOLD);
        if rises {
            self.flags.set(Flags::TOLD_CRITICAL);
        }
        rises || !told
    }

    /// Forgets the alarm.
    pub(super) const fn end(&mut self) {
        self.flags.remove(Flags::ALARM);
        self.quiet = 0;
        self.peak = 0.0;
        self.age = 0;
    }
}
