//! Markers around the instructions to be counted.
//!
//! The two markers are instructions that compilers never emit, each put twice. A plugin of the
//! emulator (`bellwether cost`) counts the instructions executed between them.

use core::arch::asm;

/// Counting begins anew.
#[inline(always)]
pub fn begin() {
    #[cfg(target_arch = "arm")]
    // SAFETY: both move a register onto itself.
    unsafe {
        asm!("mov r10, r10", "mov r10, r10");
    }
    #[cfg(target_arch = "riscv32")]
    // SAFETY: both are `c.nop 1`, a hint without meaning.
    unsafe {
        asm!(".2byte 0x0005", ".2byte 0x0005");
    }
}

/// Counting ends, if it has begun.
#[inline(always)]
pub fn end() {
    #[cfg(target_arch = "arm")]
    // SAFETY: both move a register onto itself.
    unsafe {
        asm!("mov r11, r11", "mov r11, r11");
    }
    #[cfg(target_arch = "riscv32")]
    // SAFETY: both are `c.nop 2`, a hint without meaning.
    unsafe {
        asm!(".2byte 0x0009", ".2byte 0x0009");
    }
}

/// Runs `work` between the markers.
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    begin();
    let result = work();
    end();
    result
}
