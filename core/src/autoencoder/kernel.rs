//! Which kernel computes a layer: the portable one, or the one for Cortex-M cores that are known
//! to have the DSP extension (targets `thumbv7em-*`: Cortex-M4 and M7). Same bits.

#[cfg(bellwether_dsp)]
mod dsp;

#[cfg(bellwether_dsp)]
pub(super) use dsp::{Scratch, dense};

#[cfg(not(bellwether_dsp))]
pub(super) use portable::{Scratch, dense};

#[cfg(not(bellwether_dsp))]
mod portable {
    use crate::autoencoder::dense;
    use crate::model::{Dense, Rounding};

    /// Nothing: this kernel needs no room.
    #[derive(Clone, Debug, PartialEq, Eq)]
    #[cfg_attr(feature = "defmt", derive(defmt::Format))]
    pub struct Scratch<const N: usize>;

    impl<const N: usize> Scratch<N> {
        pub const fn new() -> Self {
            Self
        }
    }

    pub fn dense<const N: usize>(
        layer: &Dense<'_>,
        rounding: Rounding,
        x: &[i8],
        y: &mut [i8],
        _: &mut Scratch<N>,
    ) {
        dense::dense(layer, rounding, x, y);
    }
}
