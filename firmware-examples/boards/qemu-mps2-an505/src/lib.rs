#![no_std]
//! Arm MPS2+ with the AN505 image: Cortex-M33, 4 MiB of flash, 4 MiB of RAM.

pub use cortex_m_rt::entry;

/// The ensemble that its memory has room for.
pub type Preset = bellwether::Paper9;
/// Variables of the preset.
pub const VARIABLES: usize = 9;
/// Errors that a threshold of the preset rests on.
pub const WINDOW: usize = 1440;
/// Whether the largest training fits on the stack, beside the preset.
pub const ROOMY: bool = true;
/// Whether its memory has room for a consensus and twelve half-space trees, of 29 KB, beside the charts.
pub const LARGE: bool = true;
