//! A node whose normal moves: a second model of alarms that last, beside the first one, which stays.
//!
//! ```text
//! score      that of the model whose share of its threshold is the smaller one
//! lasting    rows since the first alarm, more than 70 % of them alarmed ever since   (`lasting`)
//! due        lasting for `accept` rows, the last one with an alarm: the second model is fitted to these, by a call of its own
//! ```
//!
//! | what happens | what follows |
//! |---|---|
//! | a machine creeps | limits, upward and to three times; not if [`Settings::follow`](super::Settings) says so |
//! | a change lasts for `accept` rows | the second model is fitted to it; the first stays |
//! | an old normal returns | it is known: by the first model, or by the second |
//! | another change lasts | the second model is fitted again, and the one before is forgotten |
//! | a fault is shorter than `accept` rows by a hundred | it is alarmed to its end (an alarm is held) |
//! | a fault is longer | it is accepted: its end is silent, and so is a repeat |
//! | an operator knows better | [`Moving::accept`] at once, or [`Moving::refit`]: the first model, to all rows kept |
//!
//! [`Moving::decide`] never fits, so that its work per row is bounded: twice that of a node, and a copy of the
//! row. [`Moving::accept`] is one burst: it reads each kept row about 110 times, which is the time of about 220
//! rows for each. Where the lanes are a quartet's, they are fitted before ([`Moving::to_accept`]).
//!
//! State: two nodes, and the last `ROWS` rows as `f32`: 4 `V ROWS` bytes, 96,000 for 1,200 rows of 20 variables.

mod fit;
mod kept;
mod lasting;
mod saved;
mod settings;

pub use kept::Last;
pub use settings::{Rules, Settings};

use super::{Lanes, Node, Verdict};
use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::sample::{Reading, Tick};
use kept::Kept;
use lasting::Lasting;

/// The model whose score counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Model {
    /// The one of the stored rows.
    #[default]
    First,
    /// The one of the last change that was accepted.
    Second,
}

/// A node with a second model, and the last `ROWS` rows of `V` variables at most.
///
/// ```
/// use bellwether::node::{Moving, Wide, fit::Work, moving::Settings, wide};
/// use bellwether::SettingsError;
/// const V: usize = 20;
/// let row = |minute: u32, more: f32| -> [f32; V] {
///     let load = (minute * 7 % 23) as f32;
///     core::array::from_fn(|j| 40.0 + more + load * (j + 1) as f32 + (minute * (j as u32 + 3) % 5) as f32)
/// };
/// let stored: Vec<[f32; V]> = (0..600).map(|minute| row(minute, 0.0)).collect();
/// let mut settings = Settings::new(wide::Settings { variables: V as u16 });
/// settings.accept = 300; // beyond the longest fault that is to be seen to its end
/// let rules = settings.try_into()?;
/// let mut state = Box::new(Moving::<Wide<V>, V, 300>::new());
/// let mut work = Work::new();
/// state.fit(&rules, &mut stored.as_slice(), &mut work)?;
/// for minute in 600..1200 {
///     let frame = row(minute, 500.0).map(Into::into); // another load from now on
///     let verdict = state.decide(&rules, bellwether::Tick(minute.into()), &frame);
///     assert_eq!(verdict.assessment.is_anomalous(), minute < 900, "{minute}");
///     if state.is_due(&rules) {
///         state.accept(&rules, &mut work)?;
///     }
/// }
/// # Ok::<(), SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Moving<L, const V: usize, const ROWS: usize> {
    first: Node<L, V>,
    second: Node<L, V>,
    counted: Model,
    lasting: Lasting,
    kept: Kept<V, ROWS>,
}

impl<L: Lanes, const V: usize, const ROWS: usize> Moving<L, V, ROWS> {
    /// A detector that is not fitted.
    pub const fn new() -> Self {
        Self {
            first: Node::new(),
            second: Node::new(),
            counted: Model::First,
            lasting: Lasting::NONE,
            kept: Kept::NONE,
        }
    }

    /// A model; the second one is not fitted before a change was accepted.
    pub const fn model(&self, which: Model) -> &Node<L, V> {
        match which {
            Model::First => &self.first,
            Model::Second => &self.second,
        }
    }

    /// The model whose score counted in the last row.
    pub const fn counted(&self) -> Model {
        self.counted
    }

    /// Rows for which alarms have lasted.
    pub const fn lasting(&self) -> u32 {
        self.lasting.rows()
    }

    /// Whether alarms have lasted for so long that [`Self::accept`] is to be called.
    pub const fn is_due(&self, rules: &Rules<L::Rules, V, ROWS>) -> bool {
        self.lasting.is_alarmed() && self.lasting.rows() >= rules.accept()
    }

    /// Assesses one frame as [`Detector::observe`], and answers with every lane of the model that counts.
    pub fn decide(
        &mut self,
        rules: &Rules<L::Rules, V, ROWS>,
        tick: Tick,
        frame: &[Reading],
    ) -> Verdict {
        let first = self.first.decide(rules.node(), tick, frame);
        let second = self.second.decide(rules.node(), tick, frame);
        if first.score.is_none() {
            return first;
        }
        self.counted = if share(second) < share(first) {
            Model::Second
        } else {
            Model::First
        };
        let verdict = match self.counted {
            Model::First => first,
            Model::Second => second,
        };
        self.kept.push(frame);
        self.lasting.take(verdict.assessment.is_anomalous());
        verdict
    }
}

/// The share of a score in its threshold; infinite without a score.
fn share(verdict: Verdict) -> f32 {
    let Assessment {
        score, threshold, ..
    } = verdict.assessment;
    match (score, threshold) {
        (Some(score), Some(threshold)) => score / threshold,
        _ => f32::INFINITY,
    }
}

impl<L: Lanes, const V: usize, const ROWS: usize> Default for Moving<L, V, ROWS> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L: Lanes, const V: usize, const ROWS: usize> Detector for Moving<L, V, ROWS> {
    type Settings<'r> = Settings<L::Settings>;
    type Rules<'r> = Rules<L::Rules, V, ROWS>;
    const MAX_VARIABLES: usize = V;

    /// None: a fit is made of stored rows, or loaded.
    fn warm_up(_: &Rules<L::Rules, V, ROWS>) -> u32 {
        0
    }

    fn observe(
        &mut self,
        rules: &Rules<L::Rules, V, ROWS>,
        tick: Tick,
        frame: &[Reading],
    ) -> Assessment {
        self.decide(rules, tick, frame).assessment
    }

    fn next_tick(&self) -> Tick {
        self.first.next_tick()
    }

    /// Forgets both models and the rows.
    fn reset(&mut self) {
        self.first.reset();
        self.second.reset();
        self.counted = Model::First;
        self.lasting = Lasting::NONE;
        self.kept.forget();
    }
}
