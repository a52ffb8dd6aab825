//! The contract of every detector, and the detectors that judge by themselves.

pub mod autoencoder;
pub mod repad2;

use crate::assessment::Assessment;

/// An online detector: one call per input, in order.
///
/// Implementers guarantee: `observe` is total for every bit pattern of every `f32`, does not
/// allocate, does a bounded amount of work, and gives the same bits for the same inputs and
/// rules on every target. Input that cannot be used answers `Blind` and changes nothing that
/// was learned. Users pass the same rules to every call; changed rules take effect at the
/// next input.
pub trait Detector {
    /// One input.
    type Input: Copy;
    /// Checked settings.
    type Rules;
    /// Usable inputs before the first judgement.
    const WARM_UP: u16;
    /// Bytes of state: all the memory the detector uses between calls.
    const STATE_BYTES: usize;

    /// Judges one input, then learns from it.
    fn observe(&mut self, rules: &Self::Rules, input: Self::Input) -> Assessment;

    /// Forgets everything.
    fn reset(&mut self);
}
