#![no_std]
//! BBC micro:bit, nRF51: Cortex-M0, 256 KiB of flash, 16 KiB of RAM.

pub use cortex_m_rt::entry;

/// The ensemble that its memory has room for.
pub type Preset = bellwether::Tiny9;
/// Variables of the preset.
pub const VARIABLES: usize = 9;
/// Errors that a threshold of the preset rests on.
pub const WINDOW: usize = 128;
/// Whether the largest training fits on the stack, beside the preset.
pub const ROOMY: bool = false;
/// Whether its memory has room for a consensus and twelve half-space trees, of 29 KB, beside the charts.
pub const LARGE: bool = false;
