//! One sensor: what is usual, and what it does now.

use super::Symptom;
use crate::error::SnapshotError;
use crate::math::{abs, exceeds};
use crate::wire::snapshot::{Reader, Writer};

/// Bytes of a sensor in a snapshot, at most: eight floats, three varints, a code.
pub(super) const SAVED_MAX: usize = 8 * 4 + 3 * 3 + 1;

/// Weight of a row in the share of missing values.
const WEIGHT: f32 = 0.1;
/// Share of missing values that is a complaint, if none are usual.
const MOST: f32 = 0.5;
/// Shortest run that is stuck.
const LEAST: f32 = 8.0;
/// Smallest usual run, of one value.
const USUAL: u16 = 3;
/// Largest difference, in largest ones of the fit.
const FAST: f32 = 3.0;
/// Distance beyond the range, as a share of it, and of the largest value in it.
const BEYOND: f32 = 0.1;
const DIGITS: f32 = 0.01;

/// A sensor. All zeros when new.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Sensor {
    /// The last value; meaningless before the first.
    last: f32,
    /// Range of the values of the fit.
    low: f32,
    high: f32,
    /// Largest difference of two values in a row.
    swing: f32,
    /// The value of the longest run.
    rest: f32,
    /// Share of rows that repeat the last value, of those that were learned from.
    repeats: f32,
    /// Share of rows without a value: of those that were learned from, and of late.
    usual_gaps: f32,
    gaps: f32,
    /// Length of the run of one value, and of the longest usual one; 0 before the first value.
    run: u16,
    longest: u16,
    /// Rows that the complaint has lasted.
    age: u16,
    symptom: u8,
}

/// The symptoms by code; 0 is none.
const SYMPTOMS: [Symptom; 4] = [
    Symptom::Missing,
    Symptom::Stuck,
    Symptom::Range,
    Symptom::Rate,
];

impl Sensor {
    pub(super) const fn new() -> Self {
        Self {
            last: 0.0,
            low: 0.0,
            high: 0.0,
            swing: 0.0,
            rest: 0.0,
            repeats: 0.0,
            usual_gaps: 0.0,
            gaps: 0.0,
            run: 0,
            longest: 0,
            age: 0,
            symptom: 0,
        }
    }

    pub(super) fn symptom(&self) -> Option<Symptom> {
        let place = usize::from(self.symptom).checked_sub(1)?;
        SYMPTOMS.get(place).copied()
    }

    pub(super) const fn age(&self) -> u16 {
        self.age
    }

    /// Share of rows in which it usually has another value.
    pub(super) fn moves(&self) -> f32 {
        1.0 - self.repeats - self.usual_gaps
    }

    /// 1 if this value is another, else 0.
    pub(super) fn moved(&self, x: Option<f32>) -> f32 {
        match x {
            Some(x) if self.run > 0 && x != self.last => 1.0,
            _ => 0.0,
        }
    }

    /// Whether this value is the last one again.
    pub(super) fn repeats(&self, x: Option<f32>) -> bool {
        self.run > 0 && x == Some(self.last)
    }

    /// Takes row `row` of those that it learns from, from 1 on.
    pub(super) fn learn(&mut self, x: Option<f32>, row: u32) {
        let weight = 1.0 / row as f32;
        let gap = if x.is_none() { 1.0 } else { 0.0 };
        self.usual_gaps += (gap - self.usual_gaps) * weight;
        self.gaps += (gap - self.gaps) * WEIGHT;
        self.complain((self.gaps > MOST).then_some(Symptom::Missing));
        let repeat = if self.repeats(x) { 1.0 } else { 0.0 };
        self.repeats += (repeat - self.repeats) * weight;
        let Some(x) = x else { return };
        if self.longest == 0 {
            (self.low, self.high) = (x, x);
        }
        self.low = self.low.min(x);
        self.high = self.high.max(x);
        if self.run > 0 {
            self.swing = self.swing.max(difference(x, self.last));
        }
        self.step(x, true);
        if self.run > self.longest {
            (self.longest, self.rest) = (self.run, x);
        }
    }

    /// Takes a row that is watched. `counts`: others moved, so that a repeated value means something.
    pub(super) fn observe(&mut self, x: Option<f32>, counts: bool) {
        self.miss(x);
        let difference = match x {
            Some(x) if self.run > 0 => difference(x, self.last),
            _ => 0.0,
        };
        if let Some(x) = x {
            self.step(x, counts);
        }
        self.complain(self.found(x, difference));
    }

    /// Takes a row of which nothing is usual.
    pub(super) fn follow(&mut self, x: Option<f32>) {
        self.miss(x);
        if let Some(x) = x {
            let repeats = self.repeats(Some(x));
            self.run = if repeats {
                self.run.saturating_add(1)
            } else {
                1
            };
            self.last = x;
        }
    }

    /// The share of missing values with this one.
    fn miss(&mut self, x: Option<f32>) {
        let gap = if x.is_none() { 1.0 } else { 0.0 };
        if x.is_none() || exceeds(self.gaps, 0.0) {
            self.gaps += (gap - self.gaps) * WEIGHT;
        }
    }

    pub(super) fn last(&self) -> Option<f32> {
        (self.run > 0).then_some(self.last)
    }

    pub(super) const fn runs(&self) -> (u16, u16) {
        (self.run, self.longest)
    }

    pub(super) const fn gaps(&self) -> f32 {
        self.gaps
    }

    /// The complaint of this row, which may be that of the row before.
    fn complain(&mut self, found: Option<Symptom>) {
        let code = found.map_or(0, |symptom| {
            let place = SYMPTOMS.iter().position(|known| *known == symptom);
            place.map_or(0, |place| place as u8 + 1)
        });
        self.age = if code == 0 {
            0
        } else if code == self.symptom {
            self.age.saturating_add(1)
        } else {
            1
        };
        self.symptom = code;
    }

    /// The run with the next value in it. Half of a longer one than usual that ended is usual.
    fn step(&mut self, x: f32, counts: bool) {
        if self.repeats(Some(x)) {
            self.run = self.run.saturating_add(u16::from(counts));
        } else {
            self.longest = self.longest.max(self.run / 2);
            self.run = 1;
        }
        self.last = x;
    }

    /// Lowest and highest value without a complaint; `None` if it never had a value.
    pub(super) fn usual(&self) -> Option<(f32, f32)> {
        let span = self.high - self.low;
        let margin = (BEYOND * span).max(DIGITS * abs(self.low).max(abs(self.high)));
        (self.longest > 0).then_some((self.low - margin, self.high + margin))
    }

    /// The complaint about a value. Usual ones pass by a comparison each.
    fn found(&self, x: Option<f32>, difference: f32) -> Option<Symptom> {
        if exceeds(self.gaps, MOST) && self.gaps > MOST * (1.0 + self.usual_gaps) {
            return Some(Symptom::Missing);
        }
        // Never a value in the fit: nothing is usual.
        let x = x.filter(|_| self.longest > 0)?;
        if self.is_stuck() {
            Some(Symptom::Stuck)
        } else if self.is_beyond(x) {
            Some(Symptom::Range)
        } else if exceeds(difference, self.swing)
            && self.swing > 0.0
            && difference > FAST * self.swing
        {
            Some(Symptom::Rate)
        } else {
            None
        }
    }

    /// Whether a value is outside the range by the margin.
    pub(super) fn is_beyond(&self, x: f32) -> bool {
        let apart = x < self.low || x > self.high;
        apart && self.usual().is_some_and(|(low, high)| x < low || x > high)
    }

    fn is_stuck(&self) -> bool {
        if self.run < LEAST as u16 {
            return false;
        }
        let usual = f32::from(self.longest.saturating_add(1).max(USUAL));
        let x = self.last;
        let rests = x == self.rest || x == 0.0 || x <= self.low || x >= self.high;
        let least = if rests {
            20.0 + 5.0 * usual
        } else {
            let repeats = self.repeats
                / (1.0 - self.usual_gaps)
                    .max(self.repeats)
                    .max(f32::MIN_POSITIVE);
            (usual * (1.5 + 3.0 * repeats)).max(LEAST)
        };
        f32::from(self.run) >= least
    }

    pub(super) fn save(&self, body: &mut Writer<'_>) {
        body.put(&(self.last, self.low, self.high, self.swing, self.rest));
        body.put(&(self.repeats, self.usual_gaps, self.gaps));
        body.put(&(self.run, self.longest, self.age, self.symptom));
    }

    pub(super) fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let (last, low, high, swing, rest) = body.take()?;
        let (repeats, usual_gaps, gaps) = body.take()?;
        let (run, longest, age, symptom) = body.take()?;
        let sensor = Self {
            last,
            low,
            high,
            swing,
            rest,
            repeats,
            usual_gaps,
            gaps,
            run,
            longest,
            age,
            symptom,
        };
        let values = [last, low, high, swing, rest];
        let shares = [repeats, usual_gaps, gaps];
        let whole = values.iter().all(|x| x.is_finite())
            && shares.iter().all(|share| (0.0..=1.0).contains(share))
            && low <= high
            && usize::from(symptom) <= SYMPTOMS.len();
        if whole {
            Ok(sensor)
        } else {
            Err(body.content())
        }
    }
}

/// The distance of two values, finite.
fn difference(a: f32, b: f32) -> f32 {
    let apart = abs(a - b);
    if exceeds(apart, f32::MAX) {
        f32::MAX
    } else {
        apart
    }
}
