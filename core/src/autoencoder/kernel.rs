//! Which kernel computes dense layers: the portable one, or the one for Cortex-M cores that are
//! known to have the DSP extension (targets `thumbv7em-*`: Cortex-M4 and M7). Same bits.

#[cfg(bellwether_dsp)]
mod dsp;

#[cfg(bellwether_dsp)]
pub(super) use dsp::Dsp as Best;

#[cfg(not(bellwether_dsp))]
pub(super) use super::dense::Portable as Best;
