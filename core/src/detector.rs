//! The contract of every detector, and the detectors that judge by themselves.

pub mod autoencoder;
pub mod repad2;
pub mod sigma;

use crate::assessment::Assessment;
use crate::error::SettingsError;
use crate::sample::{Reading, Tick};

/// An online detector: settings are checked once, then one call per frame, in order.
///
/// ```text
/// Settings ──try_from──▶ Rules ─┐
/// state (all zeros when new) ◀── observe(rules, tick, frame) ──▶ Assessment
/// ```
///
/// Implementers guarantee: `observe` is total for every bit pattern of every `f32`, does not
/// allocate, does a bounded amount of work, and gives the same bits for the same frames and
/// rules on every target. A frame that cannot be used answers `Blind` and changes nothing that
/// was learned. Rules that do not fit the state are of another type, or refused where they are made.
/// Users pass the same rules to every call; changed rules take effect at the next frame.
///
/// [`Monitor`](crate::Monitor) keeps state, rules and ticks together.
pub trait Detector: Sized {
    /// The choices of a user. They may borrow a trained model.
    type Settings<'r>;
    /// Checked settings; the error names the field that is out of range, or the size of a model that
    /// does not fit.
    type Rules<'r>: TryFrom<Self::Settings<'r>, Error = SettingsError>;
    /// Most readings that a frame can have; further ones are ignored.
    const MAX_VARIABLES: usize;
    /// Bytes of state: all the memory the detector uses between calls.
    const STATE_BYTES: usize = size_of::<Self>();

    /// Usable frames before the first judgement.
    fn warm_up(rules: &Self::Rules<'_>) -> u32;

    /// Judges one frame, then learns from it. Readings are in the order of the variables; those
    /// that are not given are missing. A tick that does not advance is answered
    /// `Blind{OutOfOrder}` and not learned from.
    fn observe(&mut self, rules: &Self::Rules<'_>, tick: Tick, frame: &[Reading]) -> Assessment;

    /// The tick after the last one that was taken; 0 before the first.
    fn next_tick(&self) -> Tick;

    /// Forgets everything.
    fn reset(&mut self);
}
