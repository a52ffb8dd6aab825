//! The choice of the kernel for dense layers. All kernels give the same bits.
//!
//! | processor | kernel | chosen |
//! |---|---|---|
//! | Cortex-M4 and M7 (`thumbv7em-*`) | `dsp` | by the target |
//! | Armv8.1-M with integer Helium (`thumbv8m.main-none-eabihf`: M52, M55, M85) | `helium` | by the feature `cortex-m-helium` |
//! | Armv8-M with the DSP extension (`thumbv8m.main-*`: most M33, M55, M85) | `dsp` | by the feature `cortex-m-dsp` |
//! | Cortex-M3, and Armv8-M Mainline without the features (`thumbv7m-*`, `thumbv8m.main-*`) | `thumb` | by the target |
//! | AArch64, little-endian | `neon` | by the target |
//! | x86-64 with AVX-512 and VNNI, or with AVX2 | `vnni`, `avx2` | at run time |
//! | x86-64 with AVX-512 and VNNI, packed weights | `packed_kernel` | by the caller, who has memory for them |
//! | any other | the portable one | |

/// Enables the DSP extension in the assembler for Armv8-M cores, whose target does not enable it.
#[cfg(bellwether_dsp_said)]
macro_rules! cpu {
    () => {
        ".cpu cortex-m33"
    };
}
#[cfg(all(bellwether_dsp, not(bellwether_dsp_said)))]
macro_rules! cpu {
    () => {
        ""
    };
}

#[cfg(any(bellwether_dsp, bellwether_thumb))]
mod call;
#[cfg(bellwether_dsp)]
mod dsp;
#[cfg(bellwether_helium)]
mod helium;
#[cfg(bellwether_neon)]
mod neon;
#[cfg(not(bellwether_dsp))]
mod portable;
pub(crate) mod squares;
#[cfg(bellwether_thumb)]
mod thumb;
#[cfg(not(bellwether_x86))]
mod unpacked;
#[cfg(any(bellwether_neon, bellwether_x86))]
mod wide;
#[cfg(bellwether_x86)]
mod x86;

#[cfg(bellwether_dsp)]
pub(super) use dsp::Dsp as Best;

#[cfg(bellwether_helium)]
pub(super) use helium::Helium as Best;

#[cfg(bellwether_neon)]
pub(super) use neon::Neon as Best;

#[cfg(bellwether_thumb)]
pub(super) use thumb::Thumb as Best;

#[cfg(bellwether_x86)]
pub(super) use x86::{Best, PackedWeights, dense};

#[cfg(not(any(
    bellwether_dsp,
    bellwether_helium,
    bellwether_neon,
    bellwether_thumb,
    bellwether_x86
)))]
pub(super) use portable::Portable as Best;

#[cfg(not(bellwether_x86))]
pub(super) use unpacked::PackedWeights;

/// Computes a layer with the target's only kernel.
#[cfg(not(bellwether_x86))]
#[inline(never)]
pub(super) fn dense(
    layer: &crate::model::Dense<'_>,
    _: PackedWeights<'_>,
    rounding: crate::model::Rounding,
    x: &mut [i16],
    y: &mut [i16],
) {
    super::dense::dense::<Best>(layer, rounding, x, y);
}

#[cfg(test)]
mod tests;
