//! Alarms that keep a promise: from the score of a row to the start, the grade and the clear of an
//! alarm, with one knob, the false alarms that a user accepts ([`Promise`]).
//!
//! ```text
//! m: score of a row, near 0 while all is normal, as the onset score of quartet
//! e        += 0.1·(m - e)                      the last ten rows or so
//! x         = 0.25·m + 0.75·e                  this row and these
//! severity  = (x - mean) / √(variance + 0.075²)
//! a         = max(1/(N + 1), 1/2000), a tenth of it if severity > 3;  N += 1
//! d         = min(x - mean, 3·√(variance + 0.075²))
//! mean     += a·d;  variance += a·(d² - variance)
//!
//! threshold = max(T(promise)·exp(guard), season)
//! severity >= threshold             an alarm starts
//! severity < T in 11 rows running   it clears
//! ```
//!
//! Everything is f32 in this order, with the functions of [`math`](crate::math); tokens, guard and
//! season are integers. The same rows give the same bits on every target. Against f64 a severity is
//! within 6e-6, and within 2.1e-5 at a lasting level, where the slow mean is rounded row by row.
//!
//! - **Severity** compares a row with what the stream itself was like, 2,000 rows back. Odd rows are
//!   learned ten times more slowly, and none of them moves the mean by more than three deviations:
//!   an alarm does not teach itself away. The floor of 0.075 keeps a still stream from shouting.
//! - **Promise** sets the threshold, T = 6·p^-0.4 ([`Promise`] says what it was fitted to).
//! - **Guard** bounds the number of alarms: in any n rows of any data at most
//!   `30 + (3·promise + 1)·n/10,000` alarms start, apart from those with a severity of 6.68·T or
//!   more, and silenced ones. Ten in a row are believed, three times the promise is forgiven for ever;
//!   beyond that each alarm raises the threshold by a tenth, for 10,000 rows.
//! - **Season** raises the threshold at the hours at which the days before were high, if the rows per
//!   day are known and `BUCKETS` is not 0 (96 was measured: a quarter of an hour).
//! - **Episode**: an alarm outlasts 10 rows below T, so that it does not flicker. It has an age, a
//!   peak and a grade ([`Event`]).
//! - **People**: [`Alarm::acknowledge`] (seen), [`Alarm::silence`] (maintenance) and [`Alarm::accept`]
//!   (this is normal now).
//!
//! A row without a score is held: nothing is learned, an alarm that is on stays on. Time passes,
//! though: day, guard, tokens and silence go on.
//!
//! Cost per row: a square root, two divisions and some 30 other operations of f32; with a season two
//! divisions of integers more; an exponential while the guard is raised. Mean instructions on
//! Cortex-M4F and M0 (`opt-level` 3): 280 and 5,400, with a season 370 and 6,400.

mod episode;
mod event;
mod flags;
mod grade;
mod guard;
pub mod incidents;
mod moments;
mod promise;
mod season;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;

pub use event::{Episode, Event, Phase};
pub use grade::Grade;
pub use incidents::Incidents;
pub use promise::{Basis, Promise};
pub use settings::{Rules, Settings};

use flags::Flags;
use guard::Guard;
use moments::{FAR, MEMORY, Moments, weight};
use season::Season;

/// Weight of a row in the smoothed score.
const SMOOTHING: f32 = 0.1;
/// Share of the row itself in the evidence.
const PRESENT: f32 = 0.25;
/// Smallest deviation.
const FLOOR: f32 = 0.075;
/// Severity above which a row is learned more slowly, and the largest difference that is learned.
const PROTECTED: f32 = 3.0;
/// Share of the weight of such a row.
const SLOW: f32 = 0.1;
/// Rows below the threshold that an alarm outlasts.
const DWELL: u8 = 10;

/// The state of the alarms of one stream of scores. 40 bytes and a byte per bucket of the day: 40
/// without a season, 136 with 96 buckets. All zeros when new.
///
/// `Alarm::<0>` has no season. The rules have the same number of buckets.
///
/// ```
/// use bellwether::alarm::{Alarm, Grade, Phase, Promise, Rules, Settings};
/// let settings = Settings { promise: Promise::per_10_000_rows(3.0)?, ..Settings::DEFAULT };
/// let rules = Rules::<0>::new(settings)?;
/// let mut alarm = Alarm::after_fit(500); // the detector was fitted to 500 rows
/// for row in 0..100_u32 {
///     let score = if (50..60).contains(&row) { 2.5 } else { 0.1 };
///     let event = alarm.observe(&rules, Some(score));
///     match event.phase {
///         Phase::Start => assert_eq!((row, event.grade), (50, Grade::Critical)),
///         Phase::Clear => assert_eq!(event.episode.map(|of| of.age), Some(row - 50)),
///         Phase::Update => assert!(event.severity <= event.episode.map(|of| of.peak)),
///         Phase::Quiet => assert!(!event.is_news),
///     }
/// }
/// assert!(alarm.episode(&rules).is_none(), "cleared");
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Alarm<const BUCKETS: usize> {
    /// e.
    smoothed: f32,
    /// Of the evidence x.
    moments: Moments,
    guard: Guard,
    /// Highest severity of the alarm; 0 without one.
    peak: f32,
    /// Rows since the first of the alarm.
    age: u32,
    season: Season<BUCKETS>,
    /// N, up to 2,000.
    learned: u16,
    /// Row of the day of the next row.
    row: u16,
    /// Rows of silence left.
    silent: u16,
    /// Rows in a row below the threshold, during an alarm.
    quiet: u8,
    flags: Flags,
}

impl<const BUCKETS: usize> Alarm<BUCKETS> {
    /// The state before the first row, of a stream that nothing is known about.
    pub const fn new() -> Self {
        Self::after_fit(0)
    }

    /// The state before the first row after a fit: as if `rows` rows with a score of 0 had been
    /// seen, so that the first rows do not move the mean far. All zeros for 0.
    pub const fn after_fit(rows: u32) -> Self {
        Self {
            smoothed: 0.0,
            moments: Moments::new(),
            guard: Guard::new(),
            peak: 0.0,
            age: 0,
            season: Season::new(),
            learned: if rows < MEMORY as u32 {
                rows as u16
            } else {
                MEMORY
            },
            row: 0,
            silent: 0,
            quiet: 0,
            flags: Flags::new(),
        }
    }

    /// Takes the score of the next row, and learns from it. `None` and NaN: the row has no score.
    /// Scores count as within ±1e6.
    pub fn observe(&mut self, rules: &Rules<BUCKETS>, score: Option<f32>) -> Event {
        let score = score.filter(|score| !score.is_nan());
        let severity = score.map(|score| self.learn(score.clamp(-FAR, FAR)));
        if let Some(severity) = severity
            && rules.day > 0
        {
            self.season.see(severity);
            self.flags.set(Flags::SCORED);
        }
        let threshold = self.threshold(rules);
        self.guard.pass(rules.refill, 1);
        let phase = self.advance(rules, severity, threshold);
        let is_news = self.tell(rules, phase);
        let event = Event {
            phase,
            grade: grade(rules, severity, phase),
            severity,
            threshold,
            episode: self.episode(rules),
            is_news,
        };
        if phase == Phase::Clear {
            self.end();
        }
        self.pass(rules, 1);
        event
    }

    /// Passes over rows that never came.
    pub fn skip(&mut self, rules: &Rules<BUCKETS>, rows: u64) {
        let rows = u32::try_from(rows).unwrap_or(u32::MAX);
        self.guard.pass(rules.refill, rows);
        if self.flags.has(Flags::ON) {
            self.age = self.age.saturating_add(rows);
        }
        self.pass(rules, rows);
    }

    /// The threshold in force: T, raised by the guard and, at this time of day, by the season.
    pub fn threshold(&self, rules: &Rules<BUCKETS>) -> f32 {
        let guarded = rules.warning() * self.guard.factor();
        if rules.day == 0 {
            return guarded;
        }
        let bucket = Season::<BUCKETS>::bucket(self.row, rules.day);
        guarded.max(self.season.least(bucket))
    }

    /// The severity of a score, which is learned.
    fn learn(&mut self, score: f32) -> f32 {
        self.smoothed += SMOOTHING * (score - self.smoothed);
        let evidence = PRESENT * score + (1.0 - PRESENT) * self.smoothed;
        let deviation = self.moments.deviation(FLOOR);
        let difference = evidence - self.moments.mean;
        let severity = difference / deviation;
        let mut weight = weight(self.learned);
        if severity > PROTECTED {
            weight *= SLOW;
        }
        let difference = difference.min(PROTECTED * deviation);
        self.moments.learn(difference, weight);
        self.learned = self.learned.saturating_add(1).min(MEMORY);
        severity
    }

    /// Time passes, by `rows` rows.
    fn pass(&mut self, rules: &Rules<BUCKETS>, rows: u32) {
        let elapsed = u16::try_from(rows).unwrap_or(u16::MAX);
        self.silent = self.silent.saturating_sub(elapsed);
        let Some(rest) = rows.checked_rem(rules.day.into()) else {
            return;
        };
        let row = u32::from(self.row).saturating_add(rest);
        // Below twice the day, and so is the difference; a row of an earlier, longer day ends here.
        let row = row.checked_rem(rules.day.into()).unwrap_or_default() as u16;
        let (old, new) = (self.row, row);
        let bucket = Season::<BUCKETS>::bucket(old, rules.day);
        if rest != rows || bucket != Season::<BUCKETS>::bucket(new, rules.day) {
            let scored = self.flags.has(Flags::SCORED);
            self.season.close(bucket, scored);
            self.flags.remove(Flags::SCORED);
        }
        self.row = row;
    }
}

impl<const BUCKETS: usize> Default for Alarm<BUCKETS> {
    fn default() -> Self {
        Self::new()
    }
}

/// The grade of a row.
fn grade<const BUCKETS: usize>(
    rules: &Rules<BUCKETS>,
    severity: Option<f32>,
    phase: Phase,
) -> Grade {
    match severity {
        Some(severity) if severity >= rules.info() => {
            if !phase.is_on() {
                Grade::Info
            } else if severity >= rules.critical() {
                Grade::Critical
            } else {
                Grade::Warning
            }
        }
        _ => Grade::None,
    }
}
