//! Quartet: four lanes, one score. It is fitted to rows that are believed mostly normal, without labels,
//! and then judges rows with many variables or one.
//!
//! ```text
//! short       distance of the row (one variable: of its last 4 values) to the two nearest in a memory
//! long        the same of a window of about 32 values
//! difference  mean_j min(|x_j - last_j| / usual difference_j, 50)
//! residual    r'(I - P P') r / D        what components with 99 % of the variance do not explain
//! onset       mean of the four surprises, ln(1 + (lane - usual)+ / scale)
//! held        the onset, decaying by a factor e in 64 rows
//! score       onset + held              anomalous: score > threshold
//! ```
//!
//! Memories hold rows as bytes ([`byte`]), farthest from one another first; distances are exact integers.
//! Every 40th row is a candidate for them, judged by what they already have when it is 480 rows old
//! (`learning`): an event that lasts less is not learned while it lasts. All else stays as it was fitted.
//!
//! The parts are old: farthest-first traversal (Gonzalez, 1985), nearest neighbours as novelty, the residual
//! statistic of principal components (Jackson and Mudholkar, 1979), the exponential tail behind a quantile.
//! Numbers are `f32` in a stated order without contraction, so that every target gives the same bits.
//!
//! A missing or infinite value counts as the variable's last one: its difference is 0. So does a row
//! without any value, which is judged like a repetition: missing values are not what this detector
//! reports. A variable without a value in the rows of the fit is ignored ([`Quartet::ignored`]).
//!
//! | bytes of state | V = 1 | V = 8 | V = 19 | V = 38 |
//! |---|--:|--:|--:|--:|
//! | [`Shape::new`] | 6,752 | 7,400 | 10,680 | 21,416 |
//! | [`Shape::small`] | 2,704 | 3,040 | 5,008 | 11,360 |
//! | [`Shape::tiny`] | 1,552 | 1,760 | 3,184 | 7,712 |
//!
//! A row costs at most K (S + W) products of bytes, fewer where sums end early, and D (D + 1)/2 of floats.
//! Learning costs up to 4 K distances per candidate, all at once or spread over rows
//! ([`Settings::distances_per_row`]).

mod attribution;
pub(super) mod byte;
pub(super) mod fit;
pub mod fitting;
mod learning;
pub(super) mod memory;
mod parts;
mod quarantine;
mod residual;
mod row;
mod rows;
mod saved;
mod settings;
mod shape;
pub(crate) mod surprise;
#[cfg(test)]
mod tests;
mod verdict;

pub use byte::{byte, capped, deviations, floored, squared};
pub use fit::Fit;
pub use settings::{Rules, Settings};
pub use shape::{Shape, hold};
pub use surprise::Calibration;
pub use verdict::{Score, Verdict};

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::kind::Scales;
use crate::sample::{Reading, Tick};
use crate::statistics::held::Held;
use attribution::Attribution;
use memory::Nearest;
use parts::{Layout, Parts};
use quarantine::Quarantine;
use row::{LONGEST, windows};

/// Values of a single variable in the residual lane.
const SINGLE: usize = 8;

/// A quartet. Lengths of its arrays are those of a [`Shape`]; [`quartet_of!`](crate::quartet_of) writes the
/// type.
///
/// A new one is not fitted, and answers `Warming`: [`Self::load`] takes a fit, and a snapshot carries one.
///
/// ```
/// use bellwether::quartet::{Calibration, Fit, Settings, Shape};
/// use bellwether::{Monitor, quartet_of};
/// const SHAPE: Shape = Shape::small(2);
/// let mut state = <quartet_of!(SHAPE)>::new();
/// // By hand, for 800 rows that are all (20, 50): a device takes the numbers from the host.
/// let fit = Fit {
///     rows: 800,
///     mean: &[20.0, 50.0],
///     inv_deviation: &[5.0, 2.0],
///     inv_difference: &[5.0, 2.0],
///     center: &[0.0; 2],
///     outside: &[0.5, -0.5, 0.5], // the variables move together
///     calibration: Calibration { usual: [0.1; 4], inv_scale: [10.0; 4] },
///     short: &[0; 2],
///     long: &[0; 32],
///     recent: &[20.0, 50.0],
/// };
/// state.load(&Settings::new(SHAPE).try_into()?, &fit)?;
/// let mut monitor = Monitor::new(&mut state, Settings::new(SHAPE))?;
/// assert!(!monitor.observe([20.0, 50.0]).is_anomalous());
/// assert!(monitor.observe([21.0, 47.5]).is_anomalous());
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Quartet<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> {
    clock: Clock,
    floats: [f32; FLOATS],
    distances: [u32; DISTANCES],
    calibration: Calibration,
    /// The factor from a distance to deviations per value, for each memory.
    factors: [f32; 2],
    held: Held,
    /// Rows that were fitted to; 0 before a fit.
    rows: u32,
    quarantine: Quarantine,
    /// The shape that was fitted.
    shape: Shape,
    /// Vectors in each memory.
    stored: [u16; 2],
    /// The nearest two of each for the row before: for speed only.
    hints: [[u16; 2]; 2],
    bytes: [i8; BYTES],
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize>
    Quartet<FLOATS, BYTES, DISTANCES>
{
    /// A detector that is not fitted.
    pub const fn new() -> Self {
        Self {
            clock: Clock::new(),
            floats: [0.0; FLOATS],
            distances: [0; DISTANCES],
            calibration: Calibration {
                usual: [0.0; 4],
                inv_scale: [0.0; 4],
            },
            factors: [0.0; 2],
            held: Held::NONE,
            rows: 0,
            quarantine: Quarantine::new(),
            shape: Shape::NONE,
            stored: [0; 2],
            hints: [[0; 2]; 2],
            bytes: [0; BYTES],
        }
    }

    /// Whether there is a fit for a shape.
    pub fn is_fitted(&self, rules: &Rules<FLOATS, BYTES, DISTANCES>) -> bool {
        self.rows > 0 && self.shape == rules.shape()
    }

    /// Rows that it was fitted to; 0 before a fit.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// Variables that had no value in the rows of the fit, and are not judged.
    pub fn ignored(&self) -> impl Iterator<Item = usize> {
        let v = self.shape.count();
        let scales = self.floats.iter().skip(v).take(v).enumerate();
        scales.filter_map(|(j, inv_deviation)| (*inv_deviation == 0.0).then_some(j))
    }

    /// Mean of each variable in the fit.
    pub fn means(&self) -> impl Iterator<Item = f32> + Clone {
        self.floats.iter().take(self.shape.count()).copied()
    }

    /// The scales of the fit.
    pub fn scales(&self) -> Scales<'_> {
        let v = self.shape.count();
        let part = |k: usize| self.floats.get(k * v..(k + 1) * v).unwrap_or_default();
        Scales {
            mean: part(0),
            inv_deviation: part(1),
            inv_difference: part(2),
        }
    }

    /// What is usual for each lane.
    pub const fn calibration(&self) -> Calibration {
        self.calibration
    }

    /// The surprise of each lane: their mean is the onset.
    pub fn surprises(&self, score: &Score) -> [f32; 4] {
        self.calibration.surprises(score.lanes)
    }

    /// Assesses one frame as [`Detector::observe`], and answers with every lane.
    pub fn decide(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        tick: Tick,
        frame: &[Reading],
    ) -> Verdict {
        self.judge(rules, tick, frame, &mut [])
    }

    /// [`Self::decide`], and each variable's part in the surprise of this row, from 0, into `parts`, as
    /// many as there is room for. Costs two distances and D² products more.
    ///
    /// ```text
    /// part_j = Σ surprise · share of j    difference: |x_j - last_j| in usual differences
    ///                                     residual:   (M r)_j² / M_jj, what it would lose if j were free
    ///                                     short:      squared difference to the nearest vector
    /// ```
    pub fn explain(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        tick: Tick,
        frame: &[Reading],
        parts: &mut [f32],
    ) -> Verdict {
        parts.fill(0.0);
        self.judge(rules, tick, frame, parts)
    }

    fn judge(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        tick: Tick,
        frame: &[Reading],
        shares: &mut [f32],
    ) -> Verdict {
        if self.clock.advance(tick).is_none() {
            return Verdict::bare(Assessment::blind(Blindness::OutOfOrder));
        }
        if !self.is_fitted(rules) {
            return Verdict::bare(Assessment::bare(State::Warming { left: u32::MAX }));
        }
        let lanes = self.lanes(Some(rules.settings()), frame, shares);
        let onset = self.calibration.onset(lanes);
        let score = Score {
            lanes,
            onset,
            held: self.held.take(onset),
        };
        Verdict::judged(score, rules.settings().threshold)
    }

    /// The lanes' values of the next row, which then is the last, and is a candidate if memories learn.
    pub(super) fn lanes(
        &mut self,
        learning: Option<Settings>,
        frame: &[Reading],
        shares: &mut [f32],
    ) -> [f32; 4] {
        let layout = Layout {
            shape: self.shape,
            rows: self.rows,
        };
        let Self {
            calibration,
            factors: [of_short, of_long],
            quarantine,
            hints,
            floats,
            bytes,
            distances,
            stored,
            ..
        } = self;
        let mut parts = Parts::of(layout, floats, bytes, distances, stored.each_mut());
        let shape = layout.shape;
        let inverse = |count: usize| 1.0 / count as f32;
        let of_row = inverse(shape.count());
        let difference = parts.take(frame, shares) * of_row;

        let mut every_other = [0; LONGEST];
        let now = windows(layout, parts.ring, &mut every_other);
        let [short, long] = now;
        let [memory, longer] = &parts.memories;
        let near_short = Nearest::of(memory.known(), memory.width, short, hints[0]);
        let near_long = Nearest::of(longer.known(), longer.width, long, hints[1]);
        *hints = [near_short.places, near_long.places];

        let mut single = [0.0; SINGLE];
        let (r, of_residual): (&[f32], f32) = if shape.count() == 1 {
            let centered = parts.recent.iter().zip(parts.center.iter());
            for (r, (z, center)) in single.iter_mut().zip(centered) {
                *r = z - center;
            }
            (&single, inverse(SINGLE))
        } else {
            (parts.recent, of_row)
        };
        let lanes = [
            near_short.distance(*of_short),
            near_long.distance(*of_long),
            difference,
            residual::form(parts.outside, r) * of_residual,
        ];
        if !shares.is_empty() {
            let about = Attribution {
                surprises: calibration.surprises(lanes),
                now: short,
                nearest: memory.vector(near_short.places[0].into()),
                outside: parts.outside,
                residuals: r,
            };
            about.share(shape.count(), shares);
        }
        if let (true, Some(settings)) = (shape.learns(), learning) {
            let budget = settings.distances_per_row.map_or(u32::MAX, u32::from);
            let pace = (settings.every, budget);
            quarantine.take(shape, pace, parts.slots, &mut parts.memories, now);
        }
        lanes
    }

    fn parts(&mut self, layout: Layout) -> Parts<'_> {
        let stored = self.stored.each_mut();
        let (floats, bytes) = (&mut self.floats, &mut self.bytes);
        Parts::of(layout, floats, bytes, &mut self.distances, stored)
    }

    /// Forgets everything but the tick, in place: a copy would be as large as the state.
    fn forget(&mut self) {
        self.floats.fill(0.0);
        self.distances.fill(0);
        self.bytes.fill(0);
        self.calibration = Calibration::default();
        self.factors = [0.0; 2];
        self.held = Held::NONE;
        self.quarantine = Quarantine::new();
        self.shape = Shape::NONE;
        (self.rows, self.stored, self.hints) = (0, [0; 2], [[0; 2]; 2]);
    }
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> Default
    for Quartet<FLOATS, BYTES, DISTANCES>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<const FLOATS: usize, const BYTES: usize, const DISTANCES: usize> Detector
    for Quartet<FLOATS, BYTES, DISTANCES>
{
    type Settings<'r> = Settings;
    type Rules<'r> = Rules<FLOATS, BYTES, DISTANCES>;
    const MAX_VARIABLES: usize = Shape::most_variables(FLOATS, BYTES) as usize;

    /// None: a fit is loaded, not waited for.
    fn warm_up(_: &Rules<FLOATS, BYTES, DISTANCES>) -> u32 {
        0
    }

    fn observe(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES>,
        tick: Tick,
        frame: &[Reading],
    ) -> Assessment {
        self.decide(rules, tick, frame).assessment
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    /// Forgets the fit too.
    fn reset(&mut self) {
        self.forget();
        self.clock = Clock::new();
    }
}
