//! Lanes for hundreds of variables: memories of a row's sums along random directions.
//!
//! ```text
//! short       distance of p to the two nearest of 32     p: 24 directions as bytes, 12.7 to a deviation
//! long        the same of the last two rows
//! difference  mean_j min(|x_j - last_j| / usual difference_j, 50)
//! residual    mean_j (r - E E' r)_j²     E: the components of the factor lane
//! ```

use super::fit::{self, Rows, Work};
use super::lanes::{Lanes, Scale};
use super::projection::{DIRECTIONS, sums};
use super::settings::Variables;
use crate::detector::quartet::byte::difference;
use crate::detector::quartet::fit::factor;
use crate::detector::quartet::memory::Nearest;
use crate::error::{SettingsError, SnapshotError};
use crate::math::sqrt;
use crate::quartet::byte;
use crate::sample::Reading;
use crate::wire::snapshot::{self, Reader, Writer};
use core::iter::repeat;
use core::mem::replace;

/// Vectors in each memory, at most.
pub(super) const VECTORS: usize = 32;
/// Bytes of a vector of the long memory.
pub(super) const LONG: usize = 2 * DIRECTIONS;

/// The sizes of wide lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Variables, 1 to the capacity.
    pub variables: u16,
}

/// Checked [`Settings`] for `V` variables at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const V: usize>(Settings);

impl<const V: usize> TryFrom<Settings> for Rules<V> {
    type Error = SettingsError;

    fn try_from(settings: Settings) -> Result<Self, SettingsError> {
        let variables = settings.variables.into();
        if (1..=V).contains(&variables) {
            Ok(Self(settings))
        } else {
            Err(SettingsError::count("variables", variables, V))
        }
    }
}

impl<const V: usize> Variables for Rules<V> {
    fn variables(&self) -> usize {
        self.0.variables.into()
    }
}

/// Wide lanes over `V` variables: 20 bytes each, and 2,368.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Wide<const V: usize> {
    mean: [f32; V],
    inv_deviation: [f32; V],
    inv_difference: [f32; V],
    last: [f32; V],
    center: [f32; V],
    /// Rows that were fitted to; 0 before.
    rows: u32,
    variables: u16,
    /// Vectors in each memory.
    stored: [u16; 2],
    short: [i8; VECTORS * DIRECTIONS],
    long: [i8; VECTORS * LONG],
    /// The last two rows, newest first.
    window: [i8; LONG],
}

impl<const V: usize> Wide<V> {
    const NONE: Self = Self {
        mean: [0.0; V],
        inv_deviation: [0.0; V],
        inv_difference: [0.0; V],
        last: [0.0; V],
        center: [0.0; V],
        rows: 0,
        variables: 0,
        stored: [0; 2],
        short: [0; VECTORS * DIRECTIONS],
        long: [0; VECTORS * LONG],
        window: [0; LONG],
    };

    const fn count(&self) -> usize {
        self.variables as usize
    }

    fn known(&self) -> [&[i8]; 2] {
        let [short, long] = self.stored.map(usize::from);
        let short = self.short.get(..short * DIRECTIONS);
        let long = self.long.get(..long * LONG);
        [short, long].map(Option::unwrap_or_default)
    }

    fn now(&self) -> [&[i8]; 2] {
        let short = self.window.get(..DIRECTIONS).unwrap_or_default();
        [short, &self.window]
    }

    /// Moves the newest row to the place of the one before it.
    fn shift(&mut self) {
        let before = self.window;
        let older = self.window.iter_mut().skip(DIRECTIONS);
        older.zip(before).for_each(|(to, from)| *to = from);
    }

    /// Takes a row; the sum of its differences.
    fn take(&mut self, frame: &[Reading]) -> f32 {
        let readings = frame.iter().map(|reading| reading.usable().ok());
        let scales = self.inv_deviation.iter().zip(&self.inv_difference);
        let variables = self.last.iter_mut().zip(scales).take(self.variables.into());
        let mut sum = 0.0;
        for ((last, (inv_deviation, inv_difference)), reading) in
            variables.zip(readings.chain(repeat(None)))
        {
            let x = match reading {
                Some(x) if *inv_deviation > 0.0 => x,
                _ => *last,
            };
            sum += difference(x, replace(last, x), *inv_difference);
        }
        let per = 1.0 / sqrt(f32::from(self.variables.max(1)));
        let sums = sums(self.scale().deviations());
        self.shift();
        for (place, sum) in self.window.iter_mut().zip(sums) {
            *place = byte(sum * per);
        }
        sum
    }
}

fn first(values: &[f32], count: usize) -> &[f32] {
    values.get(..count).unwrap_or_default()
}

impl<const V: usize> Lanes for Wide<V> {
    const NEW: Self = Self::NONE;
    const SNAPSHOT_MAX: usize = 20 * V + VECTORS * (DIRECTIONS + LONG) + LONG + 16;
    type Settings = Settings;
    type Rules = Rules<V>;

    fn shape(rules: &Rules<V>) -> u32 {
        snapshot::shape("wide", "", [rules.0.variables.into(), VECTORS, DIRECTIONS])
    }

    fn rows(&self) -> u32 {
        self.rows
    }

    fn is_fitted(&self, rules: &Rules<V>) -> bool {
        self.rows > 0 && self.variables == rules.0.variables
    }

    fn fit<const W: usize>(
        &mut self,
        rules: &Rules<V>,
        rows: &mut impl Rows,
        count: u32,
        work: &mut Work<W>,
    ) -> Result<(), SettingsError> {
        self.forget();
        self.variables = rules.0.variables;
        self.rows = count;
        fit::measure(self, rows, count, work);
        fit::center(self, rows, count, work);
        fit::remember(self, rows, count, work);
        Ok(())
    }

    fn begin(&mut self, frame: &[Reading]) {
        self.last = self.mean;
        self.take(frame);
        self.shift();
    }

    fn pass(&mut self, frame: &[Reading]) {
        self.take(frame);
    }

    fn judge(&mut self, _: &Rules<V>, frame: &[Reading], _: bool) -> ([f32; 3], Option<f32>) {
        let difference = self.take(frame) / self.count().max(1) as f32;
        let ([short, long], [row, window]) = (self.known(), self.now());
        let near =
            |known, width, row| Nearest::of(known, width, row, [0; 2]).distance(factor(width));
        let lanes = [
            near(short, DIRECTIONS, row),
            near(long, LONG, window),
            difference,
        ];
        (lanes, None)
    }

    fn scale(&self) -> Scale<'_> {
        Scale {
            mean: first(&self.mean, self.count()),
            inv_deviation: first(&self.inv_deviation, self.count()),
            last: first(&self.last, self.count()),
            center: first(&self.center, self.count()),
        }
    }

    fn forget(&mut self) {
        for values in [
            &mut self.mean,
            &mut self.inv_deviation,
            &mut self.inv_difference,
            &mut self.last,
            &mut self.center,
        ] {
            values.fill(0.0);
        }
        (self.rows, self.variables, self.stored) = (0, 0, [0; 2]);
        self.short.fill(0);
        self.long.fill(0);
        self.window.fill(0);
    }

    fn save(&self, rules: &Rules<V>, body: &mut Writer<'_>) {
        let rows = if self.is_fitted(rules) { self.rows } else { 0 };
        body.put(&rows);
        if rows == 0 {
            return;
        }
        body.put(&self.stored);
        for values in [
            &self.mean,
            &self.inv_deviation,
            &self.inv_difference,
            &self.last,
            &self.center,
        ] {
            values.iter().take(self.count()).for_each(|x| body.put(x));
        }
        let bytes = self.short.iter().chain(&self.long).chain(&self.window);
        bytes.for_each(|byte| body.put(byte));
    }

    fn restore(
        &mut self,
        rules: &Rules<V>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<bool, SnapshotError> {
        let rows: u32 = body.take()?;
        if commit {
            self.forget();
        }
        if rows == 0 {
            return Ok(false);
        }
        let stored: [u16; 2] = body.take()?;
        let counts = 1..=VECTORS as u16;
        if !stored.iter().all(|count| counts.contains(count)) {
            return Err(body.content());
        }
        if commit {
            (self.rows, self.stored) = (rows, stored);
            self.variables = rules.0.variables;
        }
        let any = (f32::MIN, f32::MAX);
        let positive = (0.0, f32::MAX);
        for (values, (low, high)) in [
            (&mut self.mean, any),
            (&mut self.inv_deviation, positive),
            (&mut self.inv_difference, positive),
            (&mut self.last, any),
            (&mut self.center, (-50.0, 50.0)),
        ] {
            for place in values.iter_mut().take(rules.0.variables.into()) {
                let value: f32 = body.take()?;
                if !(low..=high).contains(&value) {
                    return Err(body.content());
                }
                if commit {
                    *place = value;
                }
            }
        }
        let bytes = self.short.iter_mut().chain(&mut self.long);
        for place in bytes.chain(&mut self.window) {
            let byte = body.take()?;
            if commit {
                *place = byte;
            }
        }
        Ok(true)
    }
}

/// What a fit writes.
pub(super) struct Unfitted<'a> {
    pub mean: &'a mut [f32],
    pub inv_deviation: &'a mut [f32],
    pub inv_difference: &'a mut [f32],
    pub center: &'a mut [f32],
}

impl<const V: usize> Wide<V> {
    pub(super) fn unfitted(&mut self) -> Unfitted<'_> {
        let v = self.count();
        Unfitted {
            mean: self.mean.get_mut(..v).unwrap_or_default(),
            inv_deviation: self.inv_deviation.get_mut(..v).unwrap_or_default(),
            inv_difference: self.inv_difference.get_mut(..v).unwrap_or_default(),
            center: self.center.get_mut(..v).unwrap_or_default(),
        }
    }

    /// The vectors so far, and the windows of the last row.
    pub(super) fn remembered(&self) -> [(&[i8], &[i8]); 2] {
        let ([short, long], [row, window]) = (self.known(), self.now());
        [(short, row), (long, window)]
    }

    /// Appends a vector to the short memory or the long one.
    pub(super) fn remember(&mut self, long: bool, vector: &[i8]) {
        let [of_short, of_long] = &mut self.stored;
        let (bytes, stored): (&mut [i8], _) = if long {
            (&mut self.long, of_long)
        } else {
            (&mut self.short, of_short)
        };
        let from = usize::from(*stored) * vector.len();
        let place = bytes.get_mut(from..from + vector.len());
        if let Some(place) = place {
            place
                .iter_mut()
                .zip(vector)
                .for_each(|(to, byte)| *to = *byte);
            *stored += 1;
        }
    }
}
