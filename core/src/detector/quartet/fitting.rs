//! A quartet that fits itself to its first rows, in one pass, without keeping them.
//!
//! ```text
//! 30 % of the rows   mean and deviation of every variable and of its differences
//! 45 %               covariance; every row is learned by both memories
//! 25 %               what each lane says in usual rows; components, in the first quarter of them
//! ```
//!
//! Differs from the fit of a recording: memories learn one row after the other instead of taking the
//! farthest vectors of all, scales rest on the first rows only, quantiles are those of a histogram. It
//! ranks lower (macro PATE 0.535 instead of 0.572 over the sets of BENCHMARKS.md), most so with few rows.
//!
//! Work per row is bounded: two searches of a memory and `distances_per_row` of repairs (K at least);
//! rotations of Jacobi by the number of rows there are for them. A row that comes while a memory is being
//! put right is passed over by that memory. The state is a snapshot at any row.

pub(in crate::detector) mod components;
pub(in crate::detector) mod moments;
mod samples;
#[cfg(test)]
mod tests;

use super::memory::{Memory, Neighbours};
use super::parts::Layout;
use super::row::{LONGEST, push, windows};
use super::surprise::Calibration;
use super::{Quartet, Shape, learning::Task};
use crate::assessment::{Assessment, Blindness, State};
use crate::detector::Detector;
use crate::detector::snapshot::Snapshot;
use crate::error::{Allowed, SettingsError, SnapshotError};
use crate::sample::{Reading, Tick};
use crate::wire::snapshot::{self, Reader, Writer};
use components::{Components, Progress};
use core::iter::repeat;
use moments::Moments;
use samples::{BINS, Samples};

/// The choices of a user.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Settings {
    /// Those of the quartet.
    pub quartet: super::Settings,
    /// Rows to fit to, 20 to 200,000. All count, whatever is missing in them.
    pub rows: u32,
}

/// Checked [`Settings`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> {
    quartet: super::Rules<FLOATS, BYTES, DISTANCES>,
    rows: u32,
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> TryFrom<Settings> for Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    type Error = SettingsError;

    fn try_from(settings: Settings) -> Result<Self, SettingsError> {
        let Settings { quartet, rows } = settings;
        if !(20..=200_000).contains(&rows) {
            let allowed = Allowed::Within(20.0, 200_000.0);
            return Err(SettingsError::new("rows", rows as f32, allowed));
        }
        let rules = Self {
            quartet: quartet.try_into()?,
            rows,
        };
        let shape = quartet.shape;
        if shape.count() > VARIABLES || shape.work() > WORK {
            let error = SettingsError::count("variables", shape.count(), VARIABLES);
            return Err(error);
        }
        if shape.neighbours() > NEIGHBOURS {
            let most = NEIGHBOURS / 2;
            return Err(SettingsError::count("vectors", shape.vectors.into(), most));
        }
        Ok(rules)
    }
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    /// The rules of the quartet.
    pub const fn quartet(&self) -> &super::Rules<FLOATS, BYTES, DISTANCES> {
        &self.quartet
    }

    const fn layout(&self) -> Layout {
        Layout {
            shape: self.quartet.shape(),
            rows: self.rows,
        }
    }

    /// Rows before the second and the third part.
    const fn parts(&self) -> (u32, u32) {
        (3 * self.rows / 10, 3 * self.rows / 4)
    }
}

impl Shape {
    /// Floats that a fit on a device works with, beside the quartet's.
    pub const fn work(self) -> usize {
        let d = self.residual();
        let (matrix, rows) = (d * d + d, self.ring(u32::MAX));
        if matrix > rows { matrix } else { rows }
    }

    /// Distances between vectors that a fit on a device works with, where the quartet has none.
    pub const fn neighbours(self) -> usize {
        2 * self.vectors as usize - self.distances()
    }

    /// Size of a [`Fitting`]'s state in bytes.
    pub const fn fitting_bytes(self) -> usize {
        type Least = Fitting<0, 0, 0, 0, 0, 0>;
        let moments = self.count() * size_of::<Moments>();
        let more = moments + 4 * self.work() + 5 * self.neighbours();
        let fixed = size_of::<Least>() - size_of::<Quartet<0, 0, 0>>();
        (self.state_bytes() + fixed + more).next_multiple_of(align_of::<Least>())
    }
}

/// A quartet that fits itself. Beyond the quartet it takes 40 bytes per variable, 4 D (D + 1), 1,024 for
/// histograms, 10 per vector where the quartet does not learn, and about 80: for 8 variables 1.7 KB, or 2.3 KB
/// with [`Shape::small`]. [`fitting_of!`](crate::fitting_of) writes the type.
///
/// The memory of the fit can be given back: a bare [`Quartet`] restores [`Self::quartet`]'s snapshot.
///
/// ```
/// use bellwether::quartet::{self, Shape, fitting};
/// use bellwether::{Monitor, State, fitting_of};
/// const SHAPE: Shape = Shape::small(2);
/// let mut state = <fitting_of!(SHAPE)>::new();
/// let settings = fitting::Settings { quartet: quartet::Settings::new(SHAPE), rows: 400 };
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// for row in 0..600_u32 {
///     let wave = (row * 7 % 23) as f32;
///     let fault = if row == 500 { 9.0 } else { 0.0 };
///     let answer = monitor.observe([wave + fault, 50.0 - wave]);
///     if row < 400 {
///         assert!(matches!(answer.state, State::Warming { .. }));
///     } else if row <= 500 {
///         assert_eq!(answer.is_anomalous(), row == 500);
///     }
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Fitting<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> {
    quartet: Quartet<FLOATS, BYTES, DISTANCES>,
    moments: [Moments; VARIABLES],
    /// Rows of values at first; then means and differences from them; then axes and eigenvalues.
    work: [f32; WORK],
    samples: [Samples; 4],
    distances: [u32; NEIGHBOURS],
    places: [i8; NEIGHBOURS],
    tasks: [Task; 2],
    progress: Progress,
    /// Rows that were fitted to so far.
    seen: u32,
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> Fitting<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    /// A detector that has seen nothing.
    pub const fn new() -> Self {
        Self {
            quartet: Quartet::new(),
            moments: [Moments::NONE; VARIABLES],
            work: [0.0; WORK],
            samples: [const { Samples::new() }; 4],
            distances: [0; NEIGHBOURS],
            places: [0; NEIGHBOURS],
            tasks: [Task::new(), Task::new()],
            progress: Progress::new(),
            seen: 0,
        }
    }

    /// The quartet: fitted once [`Self::is_fitted`].
    pub const fn quartet(&self) -> &Quartet<FLOATS, BYTES, DISTANCES> {
        &self.quartet
    }

    /// The quartet, for its longer answers; `None` before it is fitted.
    pub fn fitted(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
    ) -> Option<&mut Quartet<FLOATS, BYTES, DISTANCES>> {
        self.is_fitted(rules).then_some(&mut self.quartet)
    }

    /// Whether all rows to fit to were seen.
    pub fn is_fitted(
        &self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
    ) -> bool {
        self.seen >= rules.rows && self.has_begun(rules)
    }

    /// Whether the rows so far were seen under these rules.
    fn has_begun(
        &self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
    ) -> bool {
        self.quartet.is_fitted(&rules.quartet) && self.quartet.rows == rules.rows
    }

    /// Forgets everything but the tick, in place.
    fn forget(&mut self) {
        self.quartet.forget();
        self.moments.fill(Moments::NONE);
        self.work.fill(0.0);
        self.samples.fill(Samples::new());
        self.distances.fill(0);
        self.places.fill(0);
        self.tasks = [Task::new(), Task::new()];
        self.progress = Progress::new();
        self.seen = 0;
    }

    fn learn(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
        frame: &[Reading],
    ) {
        let layout = rules.layout();
        let (scaled, learned) = rules.parts();
        if self.seen < scaled {
            self.measure(layout, frame);
            if self.seen + 1 == scaled {
                self.scale(layout);
            }
        } else if self.seen < learned {
            self.remember(rules, frame);
            if self.seen + 1 == learned {
                self.center(layout);
            }
        } else {
            self.calibrate(rules, frame);
            if self.seen + 1 == rules.rows {
                self.finish(layout);
            }
        }
    }

    /// Moments of every variable, and the last rows as they are.
    fn measure(&mut self, layout: Layout, frame: &[Reading]) {
        let v = layout.shape.count();
        let readings = frame.iter().map(|reading| reading.usable().ok());
        let kept = layout.raw();
        let rows = self.work.get_mut(..kept).unwrap_or_default();
        let variables = self.moments.iter_mut().take(v);
        for (j, (moments, reading)) in variables.zip(readings.chain(repeat(None))).enumerate() {
            let is_first = !moments.has_value();
            moments.take(reading);
            // The first value stands for those before it.
            let times = if is_first { kept / v.max(1) } else { 1 };
            for _ in 0..times {
                push(rows, j, v, moments.last);
            }
        }
    }

    /// The scales, and the last rows by them.
    fn scale(&mut self, layout: Layout) {
        let v = layout.shape.count();
        let parts = self.quartet.parts(layout);
        let places = parts.mean.iter_mut().zip(parts.inv_deviation.iter_mut());
        let places = places.zip(parts.inv_difference.iter_mut());
        let places = places.zip(parts.last.iter_mut()).zip(&self.moments);
        for ((((mean, inv_deviation), inv_difference), last), moments) in places {
            let scale = moments.scale();
            (*mean, *last) = (scale.mean, moments.last);
            (*inv_deviation, *inv_difference) = (scale.inv_deviation, scale.inv_difference);
        }
        let scales = parts.mean.iter().zip(parts.inv_deviation.iter());
        let values = self.work.iter().take(layout.raw());
        let z = values.zip(scales.cycle());
        let z = z.map(|(x, (mean, inverse))| super::deviations(*x, *mean, *inverse));
        for (place, z) in parts.ring.iter_mut().zip(z.clone()) {
            *place = super::byte(z);
        }
        if v == 1 {
            for (place, z) in parts.recent.iter_mut().zip(z) {
                *place = super::capped(z);
            }
        }
        self.work.fill(0.0);
    }

    /// Covariance and memories.
    fn remember(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
        frame: &[Reading],
    ) {
        let layout = rules.layout();
        let count = (self.seen + 1 - rules.parts().0) as f32;
        let mut parts = self.quartet.parts(layout);
        parts.take(frame, &mut []);
        let d = parts.recent.len();
        let (means, rest) = self.work.split_at_mut_checked(d).unwrap_or_default();
        let apart = rest.get_mut(..d).unwrap_or_default();
        for ((apart, mean), z) in apart.iter_mut().zip(means).zip(parts.recent.iter()) {
            *apart = z - *mean;
            *mean += *apart / count;
        }
        let weight = (count - 1.0) / count;
        let mut lower = parts.outside.iter_mut();
        for (i, a) in apart.iter().enumerate() {
            let a = weight * a;
            for (b, place) in apart.iter().take(i + 1).zip(lower.by_ref()) {
                *place += a * b;
            }
        }
        let mut every_other = [0; LONGEST];
        let now = windows(layout, parts.ring, &mut every_other);
        if !layout.shape.learns() {
            lend(&mut parts.memories, &mut self.distances, &mut self.places);
        }
        let most = u32::from(layout.shape.vectors);
        let settings = rules.quartet.settings();
        let budget = settings.distances_per_row.map_or(u32::MAX, u32::from);
        let memories = parts.memories.iter_mut().zip(now);
        for (task, (memory, window)) in self.tasks.iter_mut().zip(memories) {
            task.learn(memory, window, budget.max(2 * most));
        }
    }

    /// The center of the residual lane, and axes to be turned.
    fn center(&mut self, layout: Layout) {
        let parts = self.quartet.parts(layout);
        let means = self.work.iter();
        parts
            .center
            .iter_mut()
            .zip(means)
            .for_each(|(c, m)| *c = *m);
        if let Some(mut components) = components(&mut self.work, parts.outside, parts.center.len())
        {
            components.identity();
        }
    }

    /// Takes the lanes' values of a row, and works on the components.
    fn calibrate(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
        frame: &[Reading],
    ) {
        let layout = rules.layout();
        let (scaled, learned) = rules.parts();
        let lanes = self.quartet.lanes(None, frame, &mut []);
        let is_ready = self.progress.is_ready();
        for (k, (samples, value)) in self.samples.iter_mut().zip(lanes).enumerate() {
            if k < 3 || is_ready {
                samples.take(value);
            }
        }
        let mut parts = self.quartet.parts(layout);
        let d = parts.center.len();
        if let Some(mut of) = components(&mut self.work, parts.outside, d) {
            let count = (learned - scaled) as f32;
            self.progress.work(&mut of, rules.rows - learned, count);
        }
        if !layout.shape.learns() {
            lend(&mut parts.memories, &mut self.distances, &mut self.places);
        }
        for (task, memory) in self.tasks.iter_mut().zip(&mut parts.memories) {
            task.go_on(memory, u32::from(layout.shape.vectors));
        }
    }

    fn finish(&mut self, layout: Layout) {
        let mut calibration = Calibration::default();
        let places = calibration.usual.iter_mut().zip(&mut calibration.inv_scale);
        let least = [0.01, 0.01, 0.01, 0.001];
        for ((usual, inv_scale), (samples, least)) in places.zip(self.samples.iter().zip(least)) {
            let (quantile, excess) = samples.tail();
            *usual = quantile;
            *inv_scale = 1.0 / (4.0 * excess.max(0.05 * quantile).max(least));
        }
        self.quartet.calibration = calibration;
        let mut parts = self.quartet.parts(layout);
        if !layout.shape.learns() {
            lend(&mut parts.memories, &mut self.distances, &mut self.places);
        }
        for (task, memory) in self.tasks.iter_mut().zip(&mut parts.memories) {
            task.go_on(memory, u32::MAX);
        }
    }
}

/// The arrays of the work on components.
fn components<'a>(work: &'a mut [f32], lower: &'a mut [f32], d: usize) -> Option<Components<'a>> {
    let (axes, values) = work.split_at_mut_checked(d * d)?;
    Some(Components {
        lower,
        axes,
        values: values.get_mut(..d)?,
    })
}

/// Memories that do not learn later have no place for neighbours: they get one.
fn lend<'a>(memories: &mut [Memory<'a>; 2], distances: &'a mut [u32], places: &'a mut [i8]) {
    let half = distances.len() / 2;
    let [short, long] = memories;
    let (distances, of_long) = distances.split_at_mut_checked(half).unwrap_or_default();
    let (places, places_of_long) = places.split_at_mut_checked(half).unwrap_or_default();
    short.neighbours = Neighbours { distances, places };
    long.neighbours = Neighbours {
        distances: of_long,
        places: places_of_long,
    };
}

impl Layout {
    /// Values that are kept until they have a scale.
    fn raw(self) -> usize {
        self.ring().max(self.shape.residual())
    }
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> Default for Fitting<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    fn default() -> Self {
        Self::new()
    }
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> Detector for Fitting<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    type Settings<'r> = Settings;
    type Rules<'r> = Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>;
    const MAX_VARIABLES: usize = VARIABLES;

    fn warm_up(rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>) -> u32 {
        rules.rows
    }

    fn observe(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
        tick: Tick,
        frame: &[Reading],
    ) -> Assessment {
        if self.is_fitted(rules) {
            return self.quartet.observe(&rules.quartet, tick, frame);
        }
        if self.quartet.clock.advance(tick).is_none() {
            return Assessment::blind(Blindness::OutOfOrder);
        }
        if !self.has_begun(rules) {
            self.forget();
            self.quartet.begin(rules.layout());
        }
        self.learn(rules, frame);
        self.seen += 1;
        Assessment::bare(State::Warming {
            left: rules.rows - self.seen,
        })
    }

    fn next_tick(&self) -> Tick {
        self.quartet.next_tick()
    }

    fn reset(&mut self) {
        self.forget();
        self.quartet.reset();
    }
}

impl<
    const FLOATS: usize,
    const BYTES: usize,
    const DISTANCES: usize,
    const VARIABLES: usize,
    const WORK: usize,
    const NEIGHBOURS: usize,
> Snapshot for Fitting<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>
{
    const SNAPSHOT_MAX: usize = Quartet::<FLOATS, BYTES, DISTANCES>::SNAPSHOT_MAX
        + 41 * VARIABLES
        + 4 * WORK
        + 3 * 4 * BINS
        + 6 * NEIGHBOURS
        + 128;

    fn shape(rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>) -> u32 {
        let shape = rules.quartet.shape();
        let sizes = [shape.variables, shape.vectors, shape.candidates];
        snapshot::shape("quartet-fitting", "", sizes.map(usize::from))
    }

    fn save_body(
        &self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
        body: &mut Writer<'_>,
    ) {
        let seen = if self.has_begun(rules) { self.seen } else { 0 };
        body.put(&seen);
        self.quartet.save_body(&rules.quartet, body);
        if seen == 0 || seen >= rules.rows {
            return;
        }
        let variables = rules.quartet.shape().count();
        self.moments
            .iter()
            .take(variables)
            .for_each(|m| body.put(m));
        self.work.iter().for_each(|x| body.put(x));
        let samples = self.samples.iter().flat_map(|samples| &samples.0);
        samples.for_each(|count| body.put(count));
        self.distances
            .iter()
            .for_each(|distance| body.put(distance));
        self.places.iter().for_each(|place| body.put(place));
        self.tasks.iter().for_each(|task| task.save(body));
        body.put(&self.progress);
    }

    fn restore_body(
        &mut self,
        rules: &Rules<FLOATS, BYTES, DISTANCES, VARIABLES, WORK, NEIGHBOURS>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let seen: u32 = body.take()?;
        if commit {
            self.forget();
        }
        let unfinished = seen < rules.rows;
        let about = self
            .quartet
            .restore_state(&rules.quartet, body, commit, unfinished)?;
        let Some((rows, stored)) = about else {
            return if seen == 0 {
                Ok(())
            } else {
                Err(body.content())
            };
        };
        if rows != rules.rows || seen == 0 || seen > rows {
            return Err(body.content());
        }
        if commit {
            self.seen = seen;
        }
        if !unfinished {
            return Ok(());
        }
        let shape = rules.quartet.shape();
        for place in self.moments.iter_mut().take(shape.count()) {
            let moments: Moments = body.take()?;
            if !moments.is_whole() {
                return Err(body.content());
            }
            if commit {
                *place = moments;
            }
        }
        for place in &mut self.work {
            let value: f32 = body.take()?;
            if !value.is_finite() {
                return Err(body.content());
            }
            if commit {
                *place = value;
            }
        }
        for place in self.samples.iter_mut().flat_map(|samples| &mut samples.0) {
            let count = body.take()?;
            if commit {
                *place = count;
            }
        }
        for place in &mut self.distances {
            let distance = body.take()?;
            if commit {
                *place = distance;
            }
        }
        for place in &mut self.places {
            let neighbour = body.take()?;
            if commit {
                *place = neighbour;
            }
        }
        for (task, stored) in self.tasks.iter_mut().zip(stored) {
            let saved = Task::saved(body, shape, [stored; 2])?;
            if commit {
                *task = saved;
            }
        }
        let progress: Progress = body.take()?;
        if !progress.is_within(shape.residual()) {
            return Err(body.content());
        }
        if commit {
            self.progress = progress;
        }
        Ok(())
    }
}

/// The type of a [`Fitting`](crate::quartet::fitting::Fitting) of a shape.
#[macro_export]
macro_rules! fitting_of {
    ($shape:expr) => {
        $crate::quartet::fitting::Fitting<
            { $crate::quartet::Shape::floats($shape) },
            { $crate::quartet::Shape::bytes($shape) },
            { $crate::quartet::Shape::distances($shape) },
            { $shape.variables as usize },
            { $crate::quartet::Shape::work($shape) },
            { $crate::quartet::Shape::neighbours($shape) },
        >
    };
}
