//! The half of a sentinel behind its detector: alarms, health, shares and kinds.

use super::BUCKETS;
use super::told::Told;
use crate::alarm::{Alarm, Event, Rules};
use crate::assessment::{Assessment, State};
use crate::error::SnapshotError;
use crate::health::{Complaint, Health};
use crate::kind::{Finding, Kinds, Scales};
use crate::math::exceeds;
use crate::sample::Reading;
use crate::wire::snapshot::{Reader, Writer};

/// Remaining part of a share after a row.
const DECAY: f32 = 0.9;

/// A frame, and a detector's answer to it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scored<'a> {
    /// The readings.
    pub frame: &'a [Reading],
    /// Rows that never came, before this one.
    pub passed: u64,
    /// The detector's answer.
    pub answer: Assessment,
    /// The score for alarms, near 0 while all is normal; `None` without one.
    pub score: Option<f32>,
    /// Each variable's part in the score, from 0.
    pub parts: &'a [f32],
    /// The scales of the detector's fit.
    pub scales: Scales<'a>,
    /// Rows that the detector was fitted to.
    pub rows: u32,
}

/// Alarms, health and shares for the scores of any detector over `V` variables. All zeros when new. `KINDS` is
/// `V` for alarms with a kind, or 0, which takes no memory.
///
/// A program whose detector is not one of the library's feeds it by hand; everyone else has it in a
/// [`Sentinel`](super::Sentinel).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Lookout<const V: usize, const KINDS: usize = 0> {
    alarm: Alarm<BUCKETS>,
    health: Health<V>,
    shares: [f32; V],
    kinds: Kinds<KINDS>,
    /// Whether a row was scored.
    scored: bool,
    /// The answer to the last row.
    told: Told,
}

impl<const V: usize, const KINDS: usize> Lookout<V, KINDS> {
    /// A lookout that has seen nothing.
    pub const fn new() -> Self {
        Self {
            alarm: Alarm::new(),
            health: Health::new(),
            shares: [0.0; V],
            kinds: Kinds::new(),
            scored: false,
            told: Told::NONE,
        }
    }

    /// Takes a frame and the detector's answer. The own answer is the detector's while that warms up or is
    /// blind; else anomalous from the start to the clear of an alarm, with the severity as score.
    pub fn take(&mut self, rules: &Rules<BUCKETS>, row: &Scored<'_>) -> Assessment {
        match row.answer.state {
            State::Blind { .. } => return row.answer,
            State::Warming { .. } => {
                self.health.learn(row.frame);
                return row.answer;
            }
            _ => {}
        }
        if !self.scored {
            self.alarm = Alarm::after_fit(row.rows);
            self.scored = true;
        }
        for (share, part) in self.shares.iter_mut().zip(row.parts) {
            *share *= DECAY;
            // Most parts of usual rows are 0.
            if exceeds(*part, 0.0) {
                *share += part;
            }
        }
        self.alarm.skip(rules, row.passed);
        let event = self.alarm.observe(rules, row.score);
        let alarmed = event.phase.is_on();
        self.kinds
            .take(row.frame, row.scales, &self.health, alarmed);
        self.health.observe(row.frame);
        self.kinds.find(&event, &self.shares, &self.health);
        self.told = event.into();
        let state = if alarmed {
            State::Anomalous
        } else {
            State::Normal
        };
        match event.severity {
            Some(severity) => Assessment::judged(state, severity, event.threshold),
            None => Assessment::bare(state),
        }
    }

    /// The alarm's answer to the last row.
    #[must_use]
    pub const fn event(&self) -> Event {
        self.told.event()
    }

    /// The kind of the alarm of the last row, its variable and the evidence, from its start to its clear. `None`
    /// too without `KINDS`, or if the detector has no scales.
    #[must_use]
    pub const fn finding(&self) -> Option<Finding> {
        match self.told.event().episode {
            Some(_) => self.kinds.finding(),
            None => None,
        }
    }

    /// The alarm, to acknowledge or to silence it, or to accept the present level.
    pub const fn alarm(&mut self) -> &mut Alarm<BUCKETS> {
        &mut self.alarm
    }

    /// The watchers of the sensors: a state that can be saved, and restored from another run.
    pub const fn health(&mut self) -> &mut Health<V> {
        &mut self.health
    }

    /// The complaints about sensors after the last row, ascending by variable.
    pub fn complaints(&self) -> impl Iterator<Item = Complaint> + Clone {
        self.health.complaints()
    }

    /// Lowest and highest usual value of a variable, as [`Health::usual`] has it.
    pub fn usual(&self, variable: usize) -> Option<(f32, f32)> {
        self.health.usual(variable)
    }

    /// Each variable's share in the surprise of the last rows, from 0.
    pub fn shares(&self) -> impl Iterator<Item = (usize, f32)> + Clone {
        self.shares.iter().copied().enumerate()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.alarm = Alarm::new();
        self.health.reset();
        self.shares = [0.0; V];
        self.kinds.reset();
        self.scored = false;
        self.told = Told::NONE;
    }

    /// Appends the state to a snapshot.
    pub(super) fn save_body(&self, rules: &Rules<BUCKETS>, body: &mut Writer<'_>) {
        self.alarm.save_body(rules, body);
        body.put(&self.scored);
        self.health.save_body(V as u16, body);
        self.shares.iter().for_each(|share| body.put(share));
        self.kinds.save_body(body);
    }

    /// Takes the state from a snapshot; stores it if `commit`.
    pub(super) fn restore_body(
        &mut self,
        rules: &Rules<BUCKETS>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let alarm = Alarm::saved_body(rules, body)?;
        let scored = body.take()?;
        self.health.restore_body(V as u16, body, commit)?;
        for place in &mut self.shares {
            let share: f32 = body.take()?;
            if !(share.is_finite() && share >= 0.0) {
                return Err(body.content());
            }
            if commit {
                *place = share;
            }
        }
        self.kinds.restore_body(body, commit)?;
        if commit {
            (self.alarm, self.scored) = (alarm, scored);
            self.told = Told::NONE;
        }
        Ok(())
    }
}

impl<const V: usize, const KINDS: usize> Default for Lookout<V, KINDS> {
    fn default() -> Self {
        Self::new()
    }
}
