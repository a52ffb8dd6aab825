//! Node: a detector for machines of dozens to hundreds of sensors, one of which may break. A quartet, or lanes
//! for wide rows, with limits of rows that were not fitted, and a lane that names a broken variable.
//!
//! ```text
//! short, long, difference, residual   the lanes of a quartet, or those of wide rows (`wide`)
//! factor      the largest surprise of a variable, given all others            (`factor`)
//! limits      of the last fifth of the fit; those of the four lanes follow, to three times (`limits`)
//! onset       mean of the five surprises
//! score       onset + held       anomalous: score > 0.99 quantile in the last fifth, at least 1.5
//! ```
//!
//! Fewer than 300 rows in the last fifth (1,500 in all) tell no quantile: 2 takes its place, and
//! [`Node::held_out`] says how many there were. Numbers are `f32` in a stated order without contraction, so
//! that every target gives the same bits, of the fit of wide lanes too.
//!
//! A missing or infinite value counts as the variable's last one. A row with fewer than half of its values is
//! `Blind` and changes nothing.
//!
//! | bytes of state | V = 19 | V = 38 | V = 84 | V = 166 | V = 500 | | products per row |
//! |---|--:|--:|--:|--:|--:|---|---|
//! | [`Wide`] | 3,560 | 4,400 | 6,424 | 10,032 | 24,728 | 44 V + 2,728 | 24 V additions, 64 V, 2,304 of bytes |
//! | [`Shape::tiny`](crate::quartet::Shape::tiny) | 4,000 | 8,984 | 27,016 | 80,152 | 574,472 | 2 V² + 150 V | those of the quartet, 48 V |
//!
//! The rules were chosen on 15 public nodes; DESIGN.md has what each part is for.

mod confidence;
mod factor;
pub mod fit;
mod lanes;
mod limits;
pub mod moving;
mod pairs;
mod probes;
mod projection;
mod saved;
mod settings;
#[cfg(test)]
mod tests;
mod verdict;
pub mod wide;

pub use confidence::{Confidence, Doubt};
pub use lanes::{Lanes, Scale};
pub use moving::Moving;
pub use pairs::{Blame, PARTNERS, Pairs};
pub use probes::Probes;
pub use settings::{Rules, Settings, Variables};
pub use verdict::{Score, Verdict};
pub use wide::Wide;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::Detector;
use crate::detector::quartet::surprise::ln;
use crate::sample::{Cause, Reading, Tick};
use factor::Factor;
use limits::Limits;

/// A node of `V` variables at most, with the lanes `L`: [`Wide`], or a quartet's
/// ([`node_of!`](crate::node_of) writes that type).
///
/// A new one is not fitted, and answers `Warming`: [`Self::fit`] fits it to stored rows, and a snapshot
/// carries a fit.
///
/// ```
/// use bellwether::node::{Node, Settings, Wide, fit::Work, wide};
/// use bellwether::{Monitor, SettingsError};
/// const V: usize = 20;
/// let row = |minute: u32| -> [f32; V] {
///     let load = (minute * 7 % 23) as f32;
///     core::array::from_fn(|j| 40.0 + load * (j + 1) as f32 + (minute * (j as u32 + 3) % 5) as f32)
/// };
/// let stored: Vec<[f32; V]> = (0..600).map(row).collect(); // of the log of a device
/// let settings = Settings::new(wide::Settings { variables: V as u16 });
/// let rules = settings.try_into()?;
/// let mut state = Node::<Wide<V>, V>::new();
/// state.fit(&rules, &mut stored.as_slice(), &mut Work::new())?;
/// for minute in 600..900 {
///     let mut values = row(minute);
///     if minute >= 800 {
///         values[13] += 60.0;
///     }
///     let frame = values.map(Into::into);
///     let verdict = state.decide(&rules, bellwether::Tick(minute.into()), &frame);
///     assert_eq!(verdict.assessment.is_anomalous(), minute >= 800, "{minute}: {verdict:?}");
///     if minute >= 800 {
///         assert_eq!(verdict.score.unwrap().variable, Some(13));
///     }
/// }
/// # Ok::<(), SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Node<L, const V: usize> {
    clock: Clock,
    lanes: L,
    factor: Factor<V>,
    limits: Limits,
}

impl<L: Lanes, const V: usize> Node<L, V> {
    /// A detector that is not fitted.
    pub const fn new() -> Self {
        Self {
            clock: Clock::new(),
            lanes: L::NEW,
            factor: Factor::NONE,
            limits: Limits::NONE,
        }
    }

    /// The lanes, to load the fit of a quartet into them. [`Self::fit`] completes it.
    pub const fn lanes(&mut self) -> &mut L {
        &mut self.lanes
    }

    /// Whether there is a fit under these rules.
    pub fn is_fitted(&self, rules: &Rules<L::Rules, V>) -> bool {
        self.limits.held_out > 0 && self.lanes.is_fitted(rules.lanes())
    }

    /// Rows that it was fitted to, those that limits come from included; 0 before a fit.
    pub fn rows(&self) -> u32 {
        match self.limits.held_out {
            0 => 0,
            held_out => self.lanes.rows().saturating_add(held_out),
        }
    }

    /// Rows that limits and threshold come from. Of fewer than 300 the threshold is 2.
    pub const fn held_out(&self) -> u32 {
        self.limits.held_out
    }

    /// Score above which a row is anomalous.
    pub fn threshold(&self, rules: &Rules<L::Rules, V>) -> f32 {
        rules.threshold().unwrap_or(self.limits.threshold)
    }

    /// How far the limit of each lane has followed: 1 to 3.
    pub fn growth(&self) -> [f32; 4] {
        self.limits.growth()
    }

    /// Mean of each variable in the fit.
    pub fn means(&self) -> impl Iterator<Item = f32> + Clone {
        self.lanes.scale().mean.iter().copied()
    }

    /// Scale and last value of each variable.
    fn scale(&self) -> Scale<'_> {
        self.lanes.scale()
    }

    /// The surprise of each variable in the last row, given all others: 0 where it is usual.
    pub fn surprises(&self) -> impl Iterator<Item = f32> {
        self.factor.surprises(self.lanes.scale())
    }

    /// Assesses one frame as [`Detector::observe`], and answers with every lane.
    pub fn decide(&mut self, rules: &Rules<L::Rules, V>, tick: Tick, frame: &[Reading]) -> Verdict {
        if self.clock.advance(tick).is_none() {
            return Verdict::bare(Assessment::blind(Blindness::OutOfOrder));
        }
        if !self.is_fitted(rules) {
            return Verdict::bare(Assessment::bare(State::Warming { left: u32::MAX }));
        }
        let judged = self.lanes.scale().judged();
        let usable = frame.iter().zip(judged.clone());
        let usable = usable.filter(|(reading, is_judged)| *is_judged && reading.usable().is_ok());
        if 2 * usable.count() < judged.filter(|is_judged| *is_judged).count() {
            let first = frame.iter().find_map(|reading| reading.usable().err());
            return Verdict::bare(Assessment::blind(first.unwrap_or(Cause::Missing)));
        }
        let (lanes, along) = fit::judge(&mut self.lanes, &self.factor, rules.lanes(), frame, false);
        let largest = self.factor.largest(self.lanes.scale(), along);
        let (onset, held) = self.limits.take(lanes, largest.excess, rules.follow());
        let score = Score {
            lanes,
            broken: ln(1.0 + largest.excess),
            variable: (largest.excess > 0.0).then_some(largest.variable),
            onset,
            held,
        };
        Verdict::judged(score, self.threshold(rules))
    }

    fn forget(&mut self) {
        self.lanes.forget();
        self.factor.forget();
        self.limits = Limits::NONE;
    }
}

impl<L: Lanes, const V: usize> Default for Node<L, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Lanes, const V: usize> Detector for Node<L, V> {
    type Settings<'r> = Settings<L::Settings>;
    type Rules<'r> = Rules<L::Rules, V>;
    const MAX_VARIABLES: usize = V;

    /// None: a fit is made of stored rows, or loaded.
    fn warm_up(_: &Rules<L::Rules, V>) -> u32 {
        0
    }

    fn observe(&mut self, rules: &Rules<L::Rules, V>, tick: Tick, frame: &[Reading]) -> Assessment {
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

/// The type of a [`Node`](crate::node::Node) with the lanes of a quartet of a shape.
///
/// ```
/// use bellwether::{Detector, node_of, quartet::Shape};
/// type Server = node_of!(Shape::tiny(19));
/// assert!(Server::STATE_BYTES <= 4200);
/// ```
#[macro_export]
macro_rules! node_of {
    ($shape:expr) => {
        $crate::node::Node<$crate::quartet_of!($shape), { $shape.variables as usize }>
    };
}
