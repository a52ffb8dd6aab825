#![no_std]
//! QEMU's machine `virt` with one hart: RV32IMAC code, 8 MiB of memory, half of which holds the program.

// The attribute only names the function `main`, as riscv-rt's does, and makes exclusive references of its
// `static mut` variables, as riscv-rt's does not.
pub use cortex_m_rt_macros::entry;

use riscv_rt as _;

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
