//! Watchers: what a single channel does, judged at every sample, beside models and their promise.
//!
//! ```text
//! missing   share of lost samples > 0.1 + 1.5 of the usual one     share: 1/128 of each sample
//! stuck     one value for longer than is usual                      bellwether::health, gauges only
//! range     outside of the usual range for `dwell` samples          the same
//! rate      changes faster than ever, three times in `dwell`        the same
//! errors    errors of a minute > 3 of what was told before, + 1/2   counters of errors only
//! ```
//!
//! A complaint ends with `dwell` samples without it. A channel whose complaint was told and ended has to wait before
//! it is told again: `again_s`, and four times as long after each further one, so that what happens daily is soon
//! told rarely. Errors that were told are told at once if they become three times as many.

use super::sensors::{self, Sensors};
use crate::event::Kind;
use bellwether::Reading;
use bellwether::health::{Complaint, Symptom};
use bellwether_hal::linux::probe::Measure;
use serde::{Deserialize, Serialize};

/// Kinds that are watched for, by place.
pub const KINDS: [Kind; 5] = [
    Kind::Missing,
    Kind::Stuck,
    Kind::Range,
    Kind::Rate,
    Kind::Errors,
];
const MISSING: usize = 0;
const STUCK: usize = 1;
const RANGE: usize = 2;
const RATE: usize = 3;
const ERRORS: usize = 4;
/// Samples that tell the usual share of lost ones.
const USUAL: u16 = 600;
/// Weight of a sample in the share of lost ones.
const WEIGHT: f32 = 1.0 / 128.0;
/// Growth of the pause after each clear.
const LONGER: u32 = 4;

/// A channel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// Share of lost samples, of late and usually.
    gap: f32,
    usual_gap: f32,
    /// Errors of about the last minute, most of them since the complaint began, and most that were told before.
    minute: f32,
    peak: f32,
    known: f32,
    /// Second from which each kind is told again.
    again: [u32; 5],
    level: [u16; 5],
    /// Clears of each kind.
    times: [u8; 5],
    /// Samples, up to those that tell what is usual.
    samples: u16,
    /// Kinds that it complains of, that are told, and that were suppressed: a bit each.
    on: u8,
    told: u8,
    hushed: u8,
    /// Whether it ever had a value, the first one, and whether another one came while usual things were learned: a
    /// sensor that was always constant is not stuck.
    valued: bool,
    first: f32,
    moves: bool,
}

impl Watch {
    /// Whether it complains of a kind.
    pub const fn complains(&self, kind: usize) -> bool {
        self.on >> kind & 1 == 1
    }

    /// Whether a complaint of a kind is told.
    pub const fn is_told(&self, kind: usize) -> bool {
        self.told >> kind & 1 == 1
    }

    /// Whether it complains of anything but missing values, and of these.
    pub const fn state(&self) -> (bool, bool) {
        (self.on & !1 != 0, self.on & 1 != 0)
    }

    /// Share of lost samples of late.
    pub const fn gap(&self) -> f32 {
        self.gap
    }

    /// Errors of about the last minute.
    pub const fn errors(&self) -> f32 {
        self.minute
    }

    fn miss(&mut self, lost: bool) {
        let lost = if lost { 1.0 } else { 0.0 };
        if self.samples < USUAL {
            self.samples += 1;
            self.usual_gap += (lost - self.usual_gap) / f32::from(self.samples);
        }
        self.gap += (lost - self.gap) * WEIGHT;
    }

    /// Largest usual share of lost samples.
    fn gap_limit(&self) -> f32 {
        (0.1 + 1.5 * self.usual_gap).min(0.97)
    }

    /// Steps of the levels in this sample, as parts of `dwell`: 1 and more begins a complaint at once.
    fn count(&mut self, steps: [Option<u16>; 5], dwell: u16) {
        for (kind, (level, step)) in self.level.iter_mut().zip(steps).enumerate() {
            match step {
                Some(step) => *level = level.saturating_add(step).min(dwell),
                None => *level = level.saturating_sub(1),
            }
            if *level >= dwell {
                self.on |= 1 << kind;
            } else if *level == 0 {
                self.on &= !(1 << kind);
            }
        }
    }
}

/// The choices that watchers need.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Samples that are learned from.
    pub learn: u32,
    /// Samples of a complaint.
    pub dwell: u16,
    /// Seconds until it is told again.
    pub again_s: u32,
}

/// The watchers of a group.
pub struct Watchers {
    pub states: Vec<Watch>,
    pub sensors: Box<dyn Sensors>,
    measures: Vec<Measure>,
    complaints: Vec<Complaint>,
    /// Cases that were suppressed.
    pub suppressed: u64,
}

impl Watchers {
    /// Before the first sample.
    ///
    /// # Errors
    /// There are too many channels.
    pub fn new(measures: Vec<Measure>) -> anyhow::Result<Self> {
        Ok(Self {
            states: vec![Watch::default(); measures.len()],
            sensors: sensors::new(measures.len())?,
            measures,
            complaints: Vec::new(),
            suppressed: 0,
        })
    }

    /// Takes a sample, `elapsed_s` after the last one; `learn`: it may be learned from. Tells kinds of which other
    /// channels are told now, a bit each.
    pub fn take(
        &mut self,
        (at_s, elapsed_s): (u32, f32),
        frame: &[Reading],
        learn: bool,
        rules: Rules,
        suppressed: impl Fn(usize, f32) -> bool,
    ) -> u8 {
        let learned = self.sensors.rows() >= rules.learn;
        if learned {
            self.sensors.observe(frame);
        } else if learn {
            self.sensors.learn(frame);
        }
        self.complaints.clear();
        self.sensors.complaints(&mut self.complaints);
        let mut complaints = self.complaints.iter().peekable();
        let mut news = 0;
        let states = self.states.iter_mut().zip(&self.measures).zip(frame);
        for (place, ((state, measure), reading)) in states.enumerate() {
            let symptom = complaints
                .next_if(|complaint| usize::from(complaint.variable) == place)
                .map(|complaint| complaint.symptom)
                .filter(|_| *measure == Measure::Gauge);
            let value = reading.usable().ok();
            if let Some(value) = value {
                if !state.valued {
                    state.first = value;
                }
                state.moves |= !learned && value != state.first;
                state.valued = true;
            }
            state.miss(value.is_none());
            if *measure == Measure::Errors {
                let rate = value.unwrap_or(0.0).max(0.0);
                let stays = (1.0 - elapsed_s / 60.0).max(0.0);
                state.minute = state.minute * stays + rate * elapsed_s.min(60.0);
            }
            let limit = state.gap_limit();
            let lasts = state.complains(MISSING) && state.gap > 0.5 * limit;
            let step = |holds: bool, step: u16| holds.then_some(step);
            let steps = [
                step(state.valued && (state.gap > limit || lasts), 1),
                step(symptom == Some(Symptom::Stuck) && state.moves, rules.dwell),
                step(symptom == Some(Symptom::Range), 1),
                step(symptom == Some(Symptom::Rate), rules.dwell.div_ceil(3)),
                step(state.minute > 3.0 * state.known + 0.5, rules.dwell),
            ];
            if state.on | state.told != 0
                || steps.iter().any(Option::is_some)
                || state.level != [0; 5]
            {
                state.count(steps, rules.dwell);
                let known = |kind: usize| match kind {
                    RANGE | RATE | STUCK => value.is_some_and(|value| suppressed(place, value)),
                    ERRORS => value.is_some_and(|value| suppressed(place, value)),
                    _ => false,
                };
                news |= tell(state, at_s, rules, known, &mut self.suppressed);
            }
        }
        news
    }

    /// Bytes of state.
    pub fn bytes(&self) -> usize {
        self.states.len() * (size_of::<Watch>() + size_of::<Measure>()) + self.sensors.bytes()
    }
}

/// Decides what of a channel is told; the kinds of which that has changed.
fn tell(
    state: &mut Watch,
    at_s: u32,
    rules: Rules,
    known: impl Fn(usize) -> bool,
    suppressed: &mut u64,
) -> u8 {
    let before = state.told;
    for kind in 0..KINDS.len() {
        let bit = 1 << kind;
        let waits = state.again.get(kind).is_some_and(|again| at_s < *again);
        if state.on & bit != 0 {
            state.peak = state.peak.max(state.minute);
            if state.told & bit != 0 || waits {
                continue;
            }
            if known(kind) {
                *suppressed += u64::from(state.hushed & bit == 0);
                state.hushed |= bit;
            } else {
                state.told |= bit;
            }
            continue;
        }
        state.hushed &= !bit;
        if state.told & bit == 0 {
            continue;
        }
        state.told &= !bit;
        if let (Some(times), Some(again)) = (state.times.get_mut(kind), state.again.get_mut(kind)) {
            let pause = LONGER.saturating_pow((*times).into()).min(64);
            *again = at_s.saturating_add(rules.again_s.saturating_mul(pause));
            *times = times.saturating_add(1);
            if kind == ERRORS {
                // More of them is no repeat.
                *again = at_s;
                state.known = state.known.max(state.peak);
                state.peak = 0.0;
            }
        }
    }
    before ^ state.told
}

#[cfg(test)]
mod tests;
