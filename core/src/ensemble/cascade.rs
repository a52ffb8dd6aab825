//! A cascade: a cheap watcher sees every row, and wakes a costly detector for the rows that it finds odd.
//!
//! ```text
//! row ──▶ watcher ── score > share · threshold ──▶ awake for this row and `hold` more ──▶ costly ──▶ answer
//!            └────── else asleep: Normal, without a score; every `check` rows the costly one is asked all the same
//! ```
//!
//! While it warms up, the costly one takes every row; so it does until the watcher has warmed up. What the watcher
//! does not find odd is not found, except in a checked row: a cascade saves work and never finds more than its
//! costly detector.
//!
//! The costly detector sees gaps between its rows. One that judges a row by itself does not mind (autoencoder,
//! Mahalanobis); one that relates a row to those before it (a quartet, RePAD2) judges the first row after
//! a gap by an older one. One that learns from every row (half-space trees) would learn odd rows only, and does not
//! belong here.

mod saved;
mod settings;
#[cfg(test)]
mod tests;

pub use settings::{Rules, Settings, Wake};

use crate::assessment::{Assessment, State};
use crate::detector::Detector;
use crate::sample::{Reading, Tick};

/// The reason for which the costly detector took a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Reason {
    /// It, or the watcher, is warming up.
    Warming,
    /// The watcher finds the row odd.
    Odd,
    /// One of the last `hold` rows was odd.
    Held,
    /// `check` rows went by.
    Checked,
}

/// The answers to a row.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Verdict {
    /// Of the watcher.
    pub watcher: Assessment,
    /// Of the costly detector, and the reason why it was asked; `None` while it sleeps.
    pub costly: Option<(Reason, Assessment)>,
}

impl Verdict {
    /// The costly detector's answer. While it sleeps `Normal` without a score, or the watcher's blindness.
    pub const fn assessment(&self) -> Assessment {
        match (&self.costly, &self.watcher.state) {
            (Some((_, answer)), _) => *answer,
            (None, State::Blind { .. }) => self.watcher,
            (None, _) => Assessment::bare(State::Normal),
        }
    }
}

/// A watcher `W` in front of a costly detector `C`: 12 bytes beside theirs. All zeros when new if they are.
///
/// ```
/// use bellwether::cascade::{Cascade, Settings, Wake};
/// use bellwether::mahalanobis::{self, Mahalanobis};
/// use bellwether::sigma::{self, Sigma};
/// use bellwether::{SettingsError, Tick};
/// let mut state = Cascade::new(Sigma::<2>::new(), Mahalanobis::<2>::new());
/// let rules = Settings {
///     watcher: sigma::Settings { learn: 200, sigmas: 2.0, ..sigma::Settings::DEFAULT },
///     costly: mahalanobis::Settings { learn: 200, ..mahalanobis::Settings::DEFAULT },
///     wake: Wake::DEFAULT,
/// }
/// .try_into()?;
/// let mut asked = 0;
/// for row in 0..1200_u32 {
///     let wave = (row * 37 % 101) as f32 * 0.1 + (row % 3) as f32; // °C
///     let fault = if row == 700 { 12.0 } else { 0.0 };
///     let frame = [40.0 + wave, 60.0 + wave + fault].map(Into::into);
///     let verdict = state.decide(&rules, Tick(row.into()), &frame);
///     asked += u32::from(row >= 200 && verdict.costly.is_some());
///     assert_eq!(verdict.assessment().is_anomalous(), row == 700, "{row}");
/// }
/// assert_eq!(asked, 11); // of 1000: the fault and 10 rows behind it
/// # Ok::<(), SettingsError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Cascade<W, C> {
    watcher: W,
    costly: C,
    /// Rows that it stays awake.
    held: u32,
    /// Rows since the costly one was asked.
    asleep: u32,
    /// Whether the costly one decides about the next row that it takes.
    is_warm: bool,
}

impl<W: Detector, C: Detector> Cascade<W, C> {
    /// Of two detectors, new ones or with a fit.
    pub const fn new(watcher: W, costly: C) -> Self {
        Self {
            watcher,
            costly,
            held: 0,
            asleep: 0,
            is_warm: false,
        }
    }

    /// The watcher.
    pub const fn watcher(&self) -> &W {
        &self.watcher
    }

    /// The costly detector.
    pub const fn costly(&self) -> &C {
        &self.costly
    }

    /// Assesses one frame as [`Detector::observe`], with the answers of both.
    pub fn decide(
        &mut self,
        rules: &Rules<W::Rules<'_>, C::Rules<'_>>,
        tick: Tick,
        frame: &[Reading],
    ) -> Verdict {
        let watcher = self.watcher.observe(&rules.watcher, tick, frame);
        let reason = self.reason(&rules.wake, &watcher);
        let costly = reason.map(|reason| {
            let answer = self.costly.observe(&rules.costly, tick, frame);
            match answer.state {
                State::Warming { left: 1.. } => self.is_warm = false,
                State::Blind { .. } => {}
                _ => self.is_warm = true,
            }
            (reason, answer)
        });
        Verdict { watcher, costly }
    }

    /// Whether the costly detector takes the row, and why.
    fn reason(&mut self, wake: &Wake, watcher: &Assessment) -> Option<Reason> {
        if matches!(watcher.state, State::Blind { .. }) {
            return None;
        }
        let beyond = match (watcher.score, watcher.threshold) {
            (Some(score), Some(threshold)) => score > wake.share * threshold,
            _ => false,
        };
        let is_held = self.held > 0;
        self.held = self.held.saturating_sub(1);
        self.asleep = self.asleep.saturating_add(1);
        let reason = if !self.is_warm || matches!(watcher.state, State::Warming { .. }) {
            Reason::Warming
        } else if beyond || watcher.is_anomalous() {
            self.held = wake.hold;
            Reason::Odd
        } else if is_held {
            Reason::Held
        } else if wake.check.is_some_and(|check| self.asleep >= check) {
            Reason::Checked
        } else {
            return None;
        };
        self.asleep = 0;
        Some(reason)
    }
}

impl<W: Detector, C: Detector> Detector for Cascade<W, C> {
    type Settings<'r> = Settings<W::Settings<'r>, C::Settings<'r>>;
    type Rules<'r> = Rules<W::Rules<'r>, C::Rules<'r>>;
    const MAX_VARIABLES: usize = if W::MAX_VARIABLES > C::MAX_VARIABLES {
        W::MAX_VARIABLES
    } else {
        C::MAX_VARIABLES
    };

    /// That of the costly detector, which takes every row until then.
    fn warm_up(rules: &Self::Rules<'_>) -> u32 {
        C::warm_up(&rules.costly)
    }

    fn observe(&mut self, rules: &Self::Rules<'_>, tick: Tick, frame: &[Reading]) -> Assessment {
        self.decide(rules, tick, frame).assessment()
    }

    fn next_tick(&self) -> Tick {
        self.watcher.next_tick()
    }

    fn reset(&mut self) {
        self.watcher.reset();
        self.costly.reset();
        (self.held, self.asleep, self.is_warm) = (0, 0, false);
    }
}
