//! The sentinel: what to take without choosing. A detector that fits itself, alarms that keep a promise, and
//! watchers of the sensors themselves.
//!
//! ```text
//! frame ──▶ detector ── onset ──▶ Alarm ──▶ start, update, clear; info, warning, critical
//!   │            ├──── parts ───▶ shares: which variables
//!   │            └──── scales ──▶ Kinds: what changed
//!   └────▶ Health ──▶ stuck, missing, out of range, too fast
//! ```
//!
//! A share is what a variable contributed to the surprise of the last rows, `share = 0.9·share + part`. While
//! the detector is fitted, every answer is `Warming`, and health learns what is usual; only missing values are
//! complained about then.

mod detector;
mod lookout;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;
mod told;

pub use detector::Scorer;
pub use lookout::{Lookout, Scored};
pub use settings::{DISTANCES_PER_ROW, Rules, Settings};

use crate::alarm::{Alarm, Event};
use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::health::{Complaint, Health};
use crate::kind::Finding;
use crate::sample::{Reading, Tick};

/// Buckets of the day, of alarms that know it: quarters of an hour.
pub const BUCKETS: usize = 96;

/// A sentinel over `V` variables with a detector `D`. [`sentinel_of!`](crate::sentinel_of) writes the type.
/// `KINDS` is `V` for alarms with a [kind](crate::kind), as the macro has it, or 0 for alarms without.
///
/// State: 9,712 bytes for 8 variables, 5,992 with [`Shape::small`](crate::quartet::Shape::small); of these the
/// quartet has 7,400 and 3,040, what it takes to fit itself 1.7 and 2.3 KB, the alarm 136, health 40 per
/// variable and kinds 10 per variable and 20.
///
/// It is anomalous from the start to the clear of an alarm: the score is the severity, the threshold that of
/// the alarm. [`Self::event`] has grade, phase and age, [`Self::finding`] the kind of change,
/// [`Self::shares`] the variables behind it and [`Self::complaints`] the sensors that need care.
///
/// ```
/// use bellwether::alarm::Phase;
/// use bellwether::kind::Kind;
/// use bellwether::quartet::Shape;
/// use bellwether::{Monitor, sentinel, sentinel_of};
/// const SHAPE: Shape = Shape::small(2);
/// let mut state = <sentinel_of!(SHAPE)>::new();
/// let mut monitor = Monitor::new(&mut state, sentinel::Settings::of_shape(SHAPE, 1000))?;
/// for minute in 0..1500_u32 {
///     let load = (minute * 7 % 23) as f32;
///     let fault = if minute >= 1400 { 90.0 } else { 0.0 };
///     let answer = monitor.observe([40.0 + load, 80.0 - load + fault]); // °C, W
///     assert_eq!(answer.is_anomalous(), minute >= 1400, "{minute}: {answer:?}");
/// }
/// assert_eq!(monitor.detector().event().phase, Phase::Update);
/// let most = monitor.detector().shares().max_by(|a, b| a.1.total_cmp(&b.1));
/// assert_eq!(most.map(|(variable, _)| variable), Some(1));
/// let found = monitor.detector().finding().expect("an alarm");
/// assert_eq!((found.kind, found.variable), (Kind::Step, 1));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sentinel<D, const V: usize, const KINDS: usize = 0> {
    detector: D,
    lookout: Lookout<V, KINDS>,
}

impl<D: Scorer, const V: usize, const KINDS: usize> Sentinel<D, V, KINDS> {
    /// A sentinel that has seen nothing.
    pub const fn new() -> Self {
        Self {
            detector: D::NEW,
            lookout: Lookout::new(),
        }
    }

    /// The detector.
    pub const fn detector(&self) -> &D {
        &self.detector
    }

    /// The detector, to load a fit into it.
    pub const fn detector_mut(&mut self) -> &mut D {
        &mut self.detector
    }

    /// The alarm's answer to the last row.
    #[must_use]
    pub const fn event(&self) -> Event {
        self.lookout.event()
    }

    /// The kind of the alarm of the last row, its variable and the evidence, from its start to its clear. `None`
    /// too without `KINDS`, or if the detector has no scales.
    #[must_use]
    pub const fn finding(&self) -> Option<Finding> {
        self.lookout.finding()
    }

    /// The alarm, to acknowledge or to silence it, or to accept the present level.
    pub const fn alarm(&mut self) -> &mut Alarm<BUCKETS> {
        self.lookout.alarm()
    }

    /// The watchers of the sensors: a state that can be saved, and restored from another run.
    pub const fn health(&mut self) -> &mut Health<V> {
        self.lookout.health()
    }

    /// The complaints about sensors after the last row, ascending by variable.
    pub fn complaints(&self) -> impl Iterator<Item = Complaint> + Clone {
        self.lookout.complaints()
    }

    /// Lowest and highest usual value of a variable, as [`Health::usual`](crate::health::Health::usual) has
    /// it.
    pub fn usual(&self, variable: usize) -> Option<(f32, f32)> {
        self.lookout.usual(variable)
    }

    /// Each variable's share in the surprise of the last rows, from 0.
    pub fn shares(&self) -> impl Iterator<Item = (usize, f32)> + Clone {
        self.lookout.shares()
    }
}

impl<D: Scorer, const V: usize, const KINDS: usize> Default for Sentinel<D, V, KINDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Scorer, const V: usize, const KINDS: usize> Detector for Sentinel<D, V, KINDS> {
    type Settings<'r> = Settings<D::Settings<'r>>;
    type Rules<'r> = Rules<D::Rules<'r>>;
    const MAX_VARIABLES: usize = if V < D::MAX_VARIABLES {
        V
    } else {
        D::MAX_VARIABLES
    };

    fn warm_up(rules: &Self::Rules<'_>) -> u32 {
        D::warm_up(rules.detector())
    }

    fn observe(&mut self, rules: &Self::Rules<'_>, tick: Tick, frame: &[Reading]) -> Assessment {
        let passed = tick.0.saturating_sub(self.detector.next_tick().0);
        let mut parts = [0.0; V];
        let (answer, score) = self
            .detector
            .score(rules.detector(), tick, frame, &mut parts);
        let row = Scored {
            frame,
            passed,
            answer,
            score,
            parts: &parts,
            scales: self.detector.scales(),
            rows: self.detector.rows(),
        };
        self.lookout.take(rules.alarm(), &row)
    }

    fn next_tick(&self) -> Tick {
        self.detector.next_tick()
    }

    fn reset(&mut self) {
        self.detector.reset();
        self.lookout.reset();
    }
}

/// The type of a [`Sentinel`](crate::sentinel::Sentinel) with a quartet of a shape.
///
/// ```
/// use bellwether::{Detector, quartet::Shape, sentinel_of};
/// type Pump = sentinel_of!(Shape::tiny(3));
/// assert!(Pump::STATE_BYTES < 5_000);
/// ```
#[macro_export]
macro_rules! sentinel_of {
    ($shape:expr) => {
        $crate::sentinel::Sentinel<
            $crate::fitting_of!($shape),
            {
                let shape: $crate::quartet::Shape = $shape;
                shape.variables as usize
            },
            {
                let shape: $crate::quartet::Shape = $shape;
                shape.variables as usize
            },
        >
    };
}
