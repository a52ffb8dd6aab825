//! A machine that does the same thing again and again, beside recorded good runs of it: one part made, one job,
//! one boot. Each row is aligned with the golden run, which may go faster or slower, and compared within a band.
//!
//! ```text
//! x_t    row t of a run          m_q, s_q   mean and deviation at position q of the golden run
//! n      = sum of squared differences of the first run from row to row / 2 of those from its mean, at most 1
//! d(t,q) = mean over variables of min((1 - n)((x_t - m_q)/scale)², 9)            scale: deviation in the first run
//! c(t,q) = d(t,q) + min(c(t-1,q-1), c(t-1,q) + ε, c(t-1,q-2) + ε)                |q - t| <= slack
//! ε      = 0.02 + mean over variables of n(1 - n)
//! q*     = argmin c(t,q)
//! r_j    = distance of x_j from the range of m_j at q*-1, q*, q*+1, in deviations s_j at q*
//! score  = largest r_j                                    anomalous: score > limit
//! ```
//!
//! n is the share of noise in a variable: noise does not say where a run is. This is dynamic time warping (Sakoe and Chiba 1978) within their window and with their steps of half to
//! double speed, taken forward only, as rows come (Dixon 2005, live tracking). A machine that hangs for more
//! than `slack` rows leaves the window, and the variables that should move by then are named.
//!
//! The first run is stored as the golden run. Those after it, `runs` in all, move mean and deviation where they are aligned
//! with it. Then all is fixed. A deviation counts with four more of its variable over the whole run, because few
//! runs tell little of one position, and is at least `least` of the variable's scale. A run that is shorter than the shortest
//! of these by more than `slack` rows was cut: the row that begins the next one is anomalous, with the score
//! `limit · missing rows / slack`. After its last row the golden run stays at it.
//!
//! A run begins as [`Begin`] says. Rows before the first one are `Warming`. A row with fewer than half of its values
//! is answered `Blind` and leaves no trace but its time; a variable without a value is not judged in its row. A missing row counts
//! as time. A first run with missing rows is not kept.
//!
//! Cost per row: `2 slack + 1` distances of V variables, the same in every row.

mod alignment;
mod progress;
mod prototype;
mod row;
mod settings;
#[cfg(test)]
mod tests;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::detector::snapshot::Snapshot;
use crate::error::SnapshotError;
use crate::sample::{Reading, Tick, mostly_usable};
use crate::threshold::compared;
use crate::wire::snapshot::{self, Reader, Writer};
use alignment::Alignment;
use progress::Progress;
use prototype::Prototype;
use row::Row;
pub use settings::{Begin, Rules, Settings};

/// The place where a run leaves the golden one: the first row above the limit, or the farthest one below it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Departure {
    /// The score, in deviations.
    pub score: f32,
    /// Row of the golden run, from 0.
    pub position: u16,
    /// The variable.
    pub variable: u16,
}

/// Golden run of at most `P` rows of `V` variables, aligned within a window of `W` rows: `slack` is at most
/// `W / 2`. `8 V P + P + 16 V + 4 W` bytes and at most 80; all zeros when new.
///
/// ```
/// use bellwether::golden::{Begin, Golden, Settings};
/// use bellwether::Monitor;
/// let mut state = Golden::<2, 64, 17>::new();
/// let settings = Settings { begin: Begin::Every(50), ..Settings::DEFAULT };
/// let mut monitor = Monitor::new(&mut state, settings)?;
/// for row in 0..500_u32 {
///     let (run, at) = (row / 50, row % 50);
///     let pressure = at.min(20) as f32 * 0.2 + (row * 37 % 11) as f32 * 0.01; // bar
///     let leak = if run == 8 && at > 30 { -0.5 } else { 0.0 };
///     let answer = monitor.observe([pressure + leak, 20.0 + pressure]);
///     assert_eq!(answer.is_anomalous(), run == 8 && at > 30, "{row}: {answer:?}");
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Golden<const V: usize, const P: usize, const W: usize> {
    prototype: Prototype<V, P>,
    alignment: Alignment<W>,
    clock: Clock,
    progress: Progress,
    /// Rows without most of their values since the last one with them.
    absent: u64,
    /// Those of this run and of the one before.
    departures: [Departure; 2],
}

/// Rows below which a run is not learned from.
const LEAST_ROWS: u32 = 4;

impl<const V: usize, const P: usize, const W: usize> Golden<V, P, W> {
    /// A detector that has seen nothing.
    pub const fn new() -> Self {
        const {
            assert!(P >= 4 && P <= u16::MAX as usize, "4 to 65,535 rows");
            assert!(W >= 3 && W % 2 == 1, "an odd window of 3 rows or more");
        };
        Self {
            prototype: Prototype::NEW,
            alignment: Alignment::NEW,
            clock: Clock::new(),
            progress: Progress::NEW,
            absent: 0,
            departures: [Departure {
                score: 0.0,
                position: 0,
                variable: 0,
            }; 2],
        }
    }

    /// Begins a run with the next row, whatever [`Settings::begin`] says.
    pub const fn begin(&mut self) {
        self.progress.asked = true;
    }

    /// Runs that were learned.
    pub const fn runs(&self) -> u8 {
        self.progress.learned
    }

    /// Rows of the golden run; 0 before it.
    pub const fn rows(&self) -> u16 {
        self.prototype.rows
    }

    /// Row of the golden run that the last row is aligned with.
    pub const fn position(&self) -> u16 {
        self.alignment.at
    }

    /// The place where this run left the golden run; a score of 0 before it was compared.
    pub const fn departure(&self) -> Departure {
        let [this, _] = self.departures;
        this
    }

    /// The same of the run before.
    pub const fn departure_before(&self) -> Departure {
        let [_, before] = self.departures;
        before
    }

    /// Of the frame that was observed last, every value's distance (`error`, in deviations), with the golden run's value
    /// (`expected`), ascending by variable. Before the golden run is learned they mean nothing.
    pub fn contributions(
        &self,
        rules: &Rules<V, P, W>,
        frame: &[Reading],
    ) -> impl Iterator<Item = Contribution> + Clone {
        let least = rules.0.least;
        let at = self.alignment.at;
        frame
            .iter()
            .enumerate()
            .filter_map(move |(feature, reading)| {
                let value = reading.usable().ok()?;
                let (expected, error) = self.prototype.distance(at, feature, value, least)?;
                Some(Contribution {
                    feature,
                    frame: 0,
                    value,
                    expected,
                    error,
                })
            })
    }

    /// Enters a row, ends the run before it if this one begins another, and returns the rows that it lacked.
    /// `missing` rows came before this one.
    fn enter(&mut self, rules: &Rules<V, P, W>, tick: Tick, missing: u64, row: &Row<V>) -> u32 {
        let ended = self.progress.advance(rules.0.begin, tick, missing, row);
        let Some(before) = ended else {
            return 0;
        };
        let [this, _] = self.departures;
        self.departures = [Departure::default(), this];
        self.alignment.begin();
        if self.progress.learned >= rules.0.runs {
            let lacks = u32::from(self.prototype.shortest).saturating_sub(before.rows);
            return if lacks > rules.0.slack.into() {
                lacks
            } else {
                0
            };
        }
        // The first run must be whole.
        let is_first = self.progress.learned == 0;
        if before.rows >= LEAST_ROWS && !(is_first && before.broken) {
            self.prototype.end(before.rows, rules.0.variables, is_first);
            self.progress.learned += 1;
        }
        0
    }

    fn warming(&self, rules: &Rules<V, P, W>) -> Assessment {
        let each = match rules.0.begin {
            Begin::Every(rows) => rows,
            Begin::Call | Begin::Rises { .. } if self.progress.learned > 0 => {
                self.prototype.rows.into()
            }
            Begin::Call | Begin::Rises { .. } => P as u32,
        };
        let runs = rules.0.runs.saturating_sub(self.progress.learned);
        let left = each.saturating_mul(runs.into());
        let left = left.saturating_sub(self.progress.rows).max(1);
        Assessment::bare(State::Warming { left })
    }

    fn judge(&mut self, rules: &Rules<V, P, W>, frame: &[Reading], cut: u32) -> Assessment {
        let mut largest = Departure {
            position: self.alignment.at,
            ..Departure::default()
        };
        let mut value = None;
        for part in self.contributions(rules, frame) {
            if part.error > largest.score || value.is_none() {
                (largest.score, value) = (part.error, Some(part.expected));
                largest.variable = part.feature as u16;
            }
        }
        let limit = rules.0.limit;
        let [this, _] = &mut self.departures;
        if largest.score > this.score && this.score <= limit {
            *this = largest;
        }
        let missing = limit * cut as f32 / f32::from(rules.0.slack.max(1));
        let score = largest.score.max(missing);
        let answer = Assessment::judged(State::Normal, score, limit);
        let answer = value.map_or(answer, |expected| answer.expecting(expected));
        compared(answer, score, limit)
    }
}

impl<const V: usize, const P: usize, const W: usize> Default for Golden<V, P, W> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const P: usize, const W: usize> Detector for Golden<V, P, W> {
    type Settings<'r> = Settings<V, P, W>;
    type Rules<'r> = Rules<V, P, W>;
    const MAX_VARIABLES: usize = V;

    /// The rows of the learned runs; of runs whose length is not known, as if each had `P` rows.
    fn warm_up(rules: &Rules<V, P, W>) -> u32 {
        let rows = match rules.0.begin {
            Begin::Every(rows) => rows,
            Begin::Call | Begin::Rises { .. } => P as u32,
        };
        rows.saturating_mul(rules.0.runs.into())
    }

    fn observe(&mut self, rules: &Rules<V, P, W>, tick: Tick, frame: &[Reading]) -> Assessment {
        let Some(missing) = self.clock.advance(tick) else {
            return Assessment::blind(Blindness::OutOfOrder);
        };
        let missing = missing.saturating_add(self.absent);
        let frame = match mostly_usable(frame, rules.0.variables) {
            Ok(frame) => frame,
            Err(cause) => {
                self.absent = missing.saturating_add(1);
                return Assessment::blind(cause);
            }
        };
        self.absent = 0;
        let row = Row::of(frame);
        let cut = self.enter(rules, tick, missing, &row);
        let Some(number) = self.progress.rows.checked_sub(1) else {
            return self.warming(rules);
        };
        if self.progress.learned == 0 {
            self.prototype.record(number, &row);
            return self.warming(rules);
        }
        let slack = rules.0.slack;
        let new = self.alignment.advance(&self.prototype, slack, number, &row);
        if self.progress.learned >= rules.0.runs {
            return self.judge(rules, frame, cut);
        }
        if let Some(at) = new {
            self.prototype.learn(at, &row);
        }
        self.warming(rules)
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<const V: usize, const P: usize, const W: usize> Snapshot for Golden<V, P, W> {
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 64;

    fn shape(rules: &Rules<V, P, W>) -> u32 {
        snapshot::shape("golden", "", [rules.0.variables.into(), P, W])
    }

    fn save_body(&self, rules: &Rules<V, P, W>, body: &mut Writer<'_>) {
        self.clock.save(body);
        self.progress.save(body);
        body.put(&self.absent);
        for departure in &self.departures {
            body.put(&(departure.score, departure.position, departure.variable));
        }
        self.prototype.save(rules.0.variables.into(), body);
        self.alignment.save(body);
    }

    fn restore_body(
        &mut self,
        rules: &Rules<V, P, W>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        let clock = Clock::saved(body, 2)?;
        let progress = Progress::saved(body)?;
        let absent = body.take()?;
        let mut departures = [Departure::default(); 2];
        for departure in &mut departures {
            (departure.score, departure.position, departure.variable) = body.take()?;
            let is_known = departure.variable < rules.0.variables;
            if !(is_known && (0.0..=f32::MAX).contains(&departure.score)) {
                return Err(body.content());
            }
        }
        let rows = self
            .prototype
            .restore(rules.0.variables.into(), body, commit)?;
        let alignment = Alignment::saved(body, rows)?;
        if commit {
            (self.clock, self.progress, self.absent) = (clock, progress, absent);
            (self.departures, self.alignment) = (departures, alignment);
        }
        Ok(())
    }
}
