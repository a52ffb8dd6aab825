//! Kinds: what changed in the variable behind an alarm, and the evidence.
//!
//! Rows of every variable leave a trace in fixed point, so that all targets have the same bits: z is the value
//! in deviations from the mean of the fit, d the difference from the last value in usual differences, D the
//! same in deviations, each at most 64.
//!
//! ```text
//! fast    += 0.15·(z - fast)                  slow += 0.01·(z - slow), z within ±10
//! shift    = fast - slow
//! jump     = max(D, jump), leap = max(d, leap)      both 0.9 of it before, outside an alarm
//! large   += 0.1·((d > 2) - large)
//! outside += 0.1·((beyond the usual range) - outside)
//! ```
//!
//! The kind is that of the variable with the largest share in the surprise, the first that holds:
//!
//! ```text
//! missing    of a variable more than 0.3 of the last values are missing; it is the one
//! stuck      one value in more than 8 rows, and more than 2·max(longest run of the fit, 3)
//! jump       leap ≥ 5, in the first 10 rows of the alarm: a spike and a step look alike
//! noise      large > 0.5, |shift| < jump/2
//! spike      leap ≥ 5, |shift| < jump/4
//! step       leap ≥ 5
//! drift      |shift| ≥ 1, or outside > 0.5
//! relation   nothing of these: the variable no longer fits the others
//! ```
//!
//! It is final 10 rows after the start of the alarm. Beyond the usual range is a flag beside the kind. The
//! rules were chosen on faults injected into recordings (docs/measured/kinds.md).
//!
//! State: 10 bytes per variable, and 4 for its share; runs, missing values and ranges are those of
//! [`Health`].

mod finding;
mod snapshot;
#[cfg(test)]
mod tests;
mod track;

pub use finding::{Finding, Kind};

use crate::alarm::Event;
use crate::health::Health;
use crate::math::exceeds;
use crate::sample::Reading;
use finding::Found;
use track::{Row, Track, fixed};

/// Share of missing values above which a variable is missing.
const GAPS: f32 = 0.3;
/// Age of an alarm at which its kind is final.
const FINAL: u32 = 10;
/// The scales of a detector's fit, by variable.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Scales<'a> {
    /// Mean.
    pub mean: &'a [f32],
    /// Inverse of the deviation; 0 for a variable that is ignored.
    pub inv_deviation: &'a [f32],
    /// Inverse of the deviation of differences from row to row.
    pub inv_difference: &'a [f32],
}

impl Scales<'_> {
    /// Of a detector that has none: its alarms have no kinds.
    pub const NONE: Self = Self {
        mean: &[],
        inv_deviation: &[],
        inv_difference: &[],
    };
}

/// Traces of `V` variables, and the finding of the present alarm. All zeros when new.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Kinds<const V: usize> {
    tracks: [Track; V],
    /// The finding of the present alarm, or of the last.
    found: Found,
    /// Whether there were scales.
    begun: bool,
}

impl<const V: usize> Kinds<V> {
    /// Before the first row.
    pub const fn new() -> Self {
        Self {
            tracks: [Track::NEW; V],
            found: Found::NONE,
            begun: false,
        }
    }

    /// Takes a judged row, which `health` watches next; `alarmed`: an alarm is on.
    pub fn take<const N: usize>(
        &mut self,
        frame: &[Reading],
        scales: Scales<'_>,
        health: &Health<N>,
        alarmed: bool,
    ) {
        if V == 0 || scales.mean.is_empty() {
            return;
        }
        let inverse = scales.inv_deviation.iter().zip(scales.inv_difference);
        let scales = scales.mean.iter().zip(inverse);
        let readings = frame.iter().map(|reading| reading.usable().ok());
        let readings = readings.chain(core::iter::repeat(None));
        let all = self.tracks.iter_mut().zip(scales).zip(readings);
        for (j, ((track, (mean, (deviation, usual))), x)) in all.enumerate() {
            // A value that is missing is the last one again.
            let last = health.last(j);
            let Some(x) = x.or(last).filter(|_| *deviation > 0.0) else {
                continue;
            };
            let last = last.unwrap_or(x);
            if !self.begun {
                *track = Track::at(fixed((last - mean) * deviation));
            }
            let beyond = health.is_beyond(j, x);
            let row = Row::of(x, last, *mean, (*deviation, *usual), beyond);
            track.take(&row, alarmed);
        }
        self.begun = true;
    }

    /// Finds the kind of an alarm that is on, after `health` has watched the row.
    pub fn find<const N: usize>(&mut self, event: &Event, shares: &[f32; N], health: &Health<N>) {
        if V == 0 || !self.begun || !event.phase.is_on() {
            return;
        }
        let age = event.episode.map_or(0, |episode| episode.age);
        if age == 0 {
            self.found = Found::NONE;
        }
        if self.found.is_final() {
            return;
        }
        let (absent, gaps) = largest((0..V).map(|j| health.gaps(j)));
        let (most, _) = largest(shares.iter().copied());
        let is_missing = gaps > GAPS;
        let variable = if is_missing { absent } else { most };
        let Some(track) = self.tracks.get(variable) else {
            return;
        };
        let (run, longest) = health.runs(variable);
        let kind = if is_missing {
            Kind::Missing
        } else if run > 8 && u32::from(run) > 2 * u32::from(longest.max(3)) {
            Kind::Stuck
        } else {
            track.kind(age < FINAL)
        };
        self.found = Found::of(
            kind,
            variable,
            age >= FINAL,
            track,
            run,
            health.gaps(variable),
        );
    }

    /// The finding of the present alarm, or of the last.
    pub const fn finding(&self) -> Option<Finding> {
        self.found.finding()
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.tracks = [Track::NEW; V];
        (self.found, self.begun) = (Found::NONE, false);
    }
}

/// The first of the largest values above 0, and its place; the first place if there is none.
fn largest(values: impl Iterator<Item = f32>) -> (usize, f32) {
    values.enumerate().fold((0, 0.0), |most, (j, value)| {
        if exceeds(value, most.1) {
            (j, value)
        } else {
            most
        }
    })
}
