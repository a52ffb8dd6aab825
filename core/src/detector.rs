//! The contract of every detector, and the detectors that need no others.

pub mod autoencoder;
pub mod chart;
pub mod consensus;
pub mod golden;
pub mod half_space;
pub mod mahalanobis;
pub mod node;
pub mod quartet;
pub mod repad2;
pub mod sigma;
pub mod snapshot;

use crate::assessment::Assessment;
use crate::error::SettingsError;
use crate::sample::{Reading, Tick};

/// An online detector: settings are checked once, then every frame is one call, in order.
///
/// ```text
/// Settings ──try_from──▶ Rules ─┐
/// state (all zeros when new) ◀── observe(rules, tick, frame) ──▶ Assessment
/// ```
///
/// Implementers guarantee four things. `observe` accepts every bit pattern of every `f32`, does not
/// allocate, and does a bounded amount of work. The same frames and rules give the same bits on
/// every target. An unusable frame is answered `Blind` and leaves the learned state unchanged.
/// Rules that do not fit the state have another type, or are refused at their creation.
///
/// Users pass the same rules to every call. Changed rules take effect at the next frame.
///
/// [`Monitor`](crate::Monitor) keeps state, rules and ticks together. A program that is generic
/// over detectors, or stores rules apart from the state, calls the trait itself:
///
/// ```
/// use bellwether::repad2::{self, Repad2};
/// use bellwether::rola::{self, Rola};
/// use bellwether::{Detector, Reading, SettingsError, State, Tick};
/// /// The number of frames before the first decision.
/// fn frames_to_a_decision<D: Detector>(
///     mut state: D,
///     settings: D::Settings<'_>,
///     frame: &[Reading],
/// ) -> Result<u32, SettingsError> {
///     let rules = D::Rules::try_from(settings)?;
///     while let State::Warming { .. } = state.observe(&rules, state.next_tick(), frame).state {}
///     assert_eq!(state.next_tick(), Tick(u64::from(D::warm_up(&rules)) + 1));
///     Ok(D::warm_up(&rules))
/// }
/// let frame = [Reading::Value(21.5), Reading::Value(48.0)]; // °C, %
/// let lane = frames_to_a_decision(Repad2::<64>::new(), repad2::Settings::DEFAULT, &frame);
/// let ensemble = frames_to_a_decision(Rola::<2, 64, 64>::new(), rola::Settings::DEFAULT, &frame);
/// assert_eq!((lane, ensemble), (Ok(7), Ok(7)));
/// ```
pub trait Detector: Sized {
    /// A user's choices. They may borrow a trained model.
    type Settings<'r>;
    /// Checked settings. The error names the field that is out of range, or the size of a model
    /// that does not fit.
    type Rules<'r>: TryFrom<Self::Settings<'r>, Error = SettingsError>;
    /// Maximum number of readings in a frame. Further readings are ignored.
    const MAX_VARIABLES: usize;
    /// Size of the state in bytes: all memory that the detector uses between calls.
    const STATE_BYTES: usize = size_of::<Self>();

    /// Usable frames before the first decision.
    fn warm_up(rules: &Self::Rules<'_>) -> u32;

    /// Assesses one frame, then learns from it. Readings are in the order of the variables; a short
    /// frame lacks its last variables. A tick that does not advance is answered `Blind{OutOfOrder}`
    /// and changes nothing.
    fn observe(&mut self, rules: &Self::Rules<'_>, tick: Tick, frame: &[Reading]) -> Assessment;

    /// The tick after the last accepted one; 0 before the first.
    fn next_tick(&self) -> Tick;

    /// Forgets everything.
    fn reset(&mut self);
}
