//! Markers around the instructions to be counted.
//!
//! The two markers are instructions that compilers never emit, each put twice. A plugin of the
//! emulator (`bellwether cost`) counts the instructions executed between them.

use core::arch::asm;

/// Counting begins anew.
#[inline(always)]
pub fn begin() {
    // SAFETY: both move a register onto itself.
    unsafe { asm!("mov r10, r10", "mov r10, r10") };
}

/// Counting ends, if it has begun.
#[inline(always)]
pub fn end() {
    // SAFETY: both move a register onto itself.
    unsafe { asm!("mov r11, r11", "mov r11, r11") };
}

/// Runs `work` between the markers.
pub fn counted<T>(work: impl FnOnce() -> T) -> T {
    begin();
    let result = work();
    end();
    result
}
