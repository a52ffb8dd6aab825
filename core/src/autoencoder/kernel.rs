//! Which kernel computes a layer: the portable one, or the one for Cortex-M cores that are known
//! to have the DSP extension (targets `thumbv7em-*`: Cortex-M4 and M7). Same bits.

#[cfg(bellwether_dsp)]
mod dsp;

#[cfg(bellwether_dsp)]
pub(super) use dsp::dense;

#[cfg(not(bellwether_dsp))]
pub(super) use portable::dense;

#[cfg(not(bellwether_dsp))]
mod portable {
    use crate::autoencoder::dense;
    use crate::model::{Dense, Rounding};

    /// The inputs stay as they are.
    pub fn dense(layer: &Dense<'_>, rounding: Rounding, x: &mut [i16], y: &mut [i16]) {
        dense::dense(layer, rounding, x, y);
    }
}
