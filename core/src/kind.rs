//! Kinds: what changed in the variable behind an alarm, and the evidence.
//!
//! Rows of every variable leave a trace in fixed point, so that all targets have the same bits: z is the value
//! in deviations from the mean of the fit, d the difference from the last value in usual differences, D the
//! same in deviations.
//!
//! ```text
//! fast     += 0.3·(z - fast)                    slow += 0.01·(z - slow), z within ±10
//! activity += 0.1·(d - activity), d up to 10    large += 0.1·((d > 2) - large)
//! outside  += 0.1·(beyond the usual range - outside)
//! jump      = max(D, jump), leap = max(d, leap)  both 0.9 of it before, outside an alarm
//! shift     = fast - slow, less what it was before the alarm
//! ```
//!
//! The kind is that of the variable with the largest share in the surprise, the first that holds:
//!
//! ```text
//! missing    over 0.3 of the last values of any variable are missing, which then is the variable
//! stuck      one value in 8 rows more, and 2·max(longest run of the fit, 3) rows more
//! jump       leap ≥ 6, in the first 10 rows of the alarm: a spike and a step look alike
//! noise      large > 0.4, activity > 2.5 of the usual one, |shift| < jump/2
//! spike      leap ≥ 6, |shift| < 0.35 jump
//! step       leap ≥ 6
//! drift      |fast - slow| ≥ 1, or outside ≥ 0.5
//! relation   nothing of these: the variable no longer fits the others
//! ```
//!
//! It is final 10 rows after the start of the alarm. Usual activity is the mean difference of the rows in which
//! the detector warms up, 0.8 if there were none. Beyond the usual range is a flag beside the kind. The rules were chosen
//! on faults injected into recordings (docs/measured/kinds.md).
//!
//! State: 18 bytes per variable, and 4 for its share; runs, missing values and ranges are those of
//! [`Health`](crate::health::Health).

mod finding;
mod snapshot;
#[cfg(test)]
mod tests;
mod track;

pub use finding::{Finding, Kind};

use crate::alarm::Event;
use crate::health::Health;
use crate::math::{abs, exceeds};
use crate::sample::Reading;
use finding::Found;
use track::{Surroundings, Track};

/// Share of missing values above which a variable is missing.
const GAPS: f32 = 0.3;
/// Age of an alarm at which its kind is final.
const FINAL: u32 = 10;
/// Rows from one value of the shift before an alarm to the next.
const EVERY: u8 = 4;

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
    /// Mean difference from row to row while the detector warmed up, in the unit of the variable.
    usual: [f32; V],
    tracks: [Track; V],
    /// The finding of the present alarm, or of the last.
    found: Found,
    /// Place of the row among those between two shifts.
    row: u8,
    /// Whether there were scales.
    begun: bool,
}

impl<const V: usize> Kinds<V> {
    /// Before the first row.
    pub const fn new() -> Self {
        Self {
            usual: [0.0; V],
            tracks: [Track::NEW; V],
            found: Found::NONE,
            row: 0,
            begun: false,
        }
    }

    /// Learns the usual differences from a row that `health` learns next.
    pub fn learn<const N: usize>(&mut self, frame: &[Reading], health: &Health<N>) {
        if V == 0 || health.rows() == 0 {
            return;
        }
        let weight = 1.0 / health.rows() as f32;
        for (j, (usual, reading)) in self.usual.iter_mut().zip(frame).enumerate() {
            let last = health.last(j);
            let pair = reading.usable().ok().zip(last);
            let difference = pair.map_or(0.0, |(x, last)| abs(x - last));
            let mean = *usual + (difference - *usual) * weight;
            if mean.is_finite() {
                *usual = mean;
            }
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
        let scale = scales.inv_deviation.iter().zip(scales.inv_difference);
        let scales = scales.mean.iter().zip(scale);
        let tracks = self.tracks.iter_mut().zip(&self.usual).zip(scales);
        let about = Surroundings {
            begins: !self.begun,
            alarmed,
            keeps_shift: !alarmed && self.row == 0,
        };
        let readings = frame.iter().map(Some).chain(core::iter::repeat(None));
        for (j, (((track, usual), (mean, (inv_deviation, inv_difference))), reading)) in
            tracks.zip(readings).enumerate()
        {
            if *inv_deviation == 0.0 {
                continue;
            }
            let last = health.last(j);
            let x = reading.and_then(|reading| reading.usable().ok());
            let Some(x) = x.or(last) else { continue };
            let last = last.unwrap_or(x);
            let z = |x: f32| track::fixed((x - mean) * inv_deviation);
            let apart = abs(x - last);
            let beyond = health
                .usual(j)
                .is_some_and(|(low, high)| x < low || x > high);
            let row = track::Row {
                z: z(x),
                before: z(last),
                leap: track::unsigned(apart * inv_difference),
                jump: track::unsigned(apart * inv_deviation),
                usual: track::activity(*usual * inv_difference),
                beyond,
            };
            track.take(&row, about);
        }
        self.begun = true;
        self.row = (self.row + 1) % EVERY;
    }

    /// Finds the kind of an alarm that is on, after `health` has watched the row.
    pub fn find<const N: usize>(
        &mut self,
        event: &Event,
        shares: &[f32; N],
        scales: Scales<'_>,
        health: &Health<N>,
    ) {
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
        let usual = self
            .usual
            .get(variable)
            .zip(scales.inv_difference.get(variable));
        let usual = track::activity(usual.map_or(0.0, |(usual, inverse)| usual * inverse));
        let (run, longest) = health.runs(variable);
        let kind = if is_missing {
            Kind::Missing
        } else if run > 8 && u32::from(run) > 2 * u32::from(longest.max(3)) {
            Kind::Stuck
        } else {
            track.kind(usual, age < FINAL)
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
        self.usual = [0.0; V];
        self.tracks = [Track::NEW; V];
        (self.found, self.row, self.begun) = (Found::NONE, 0, false);
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
