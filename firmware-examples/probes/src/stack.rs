//! How deep the stack got: the free part is painted, and what is no longer paint was used.

use core::ptr::addr_of_mut;

const PAINT: u32 = 0x5054_4e49;
/// Left free below the caller, for the painting itself.
const CLEARANCE: usize = 64;
/// Deepest stack that is looked for.
const DEEPEST: usize = 16 * 1024;

unsafe extern "C" {
    /// End of the static variables, from the linker script of the start-up code.
    static mut __ebss: u32;
}

/// Lowest address that is painted below `top`.
fn bottom(top: usize) -> usize {
    let words = (top - DEEPEST.min(top)).next_multiple_of(size_of::<u32>());
    words.max(addr_of_mut!(__ebss) as usize)
}

fn free_words(top: usize) -> impl Iterator<Item = *mut u32> {
    let first = bottom(top);
    let words = (top - CLEARANCE).saturating_sub(first) / size_of::<u32>();
    (0..words).map(move |k| (first as *mut u32).wrapping_add(k))
}

fn stack_pointer() -> usize {
    let mut here = 0u8;
    addr_of_mut!(here) as usize
}

/// Bytes between the stack in use and the static variables.
pub fn free() -> usize {
    stack_pointer().saturating_sub(addr_of_mut!(__ebss) as usize)
}

/// Bytes of stack that `work` needs below its caller. Only with interrupts off or unused.
#[inline(never)]
pub fn used_by<T>(work: impl FnOnce() -> T) -> usize {
    let top = stack_pointer();
    for word in free_words(top) {
        // SAFETY: the words lie between the static variables and the stack in use: nobody's.
        unsafe { word.write_volatile(PAINT) };
    }
    core::hint::black_box(work());
    let untouched = free_words(top)
        // SAFETY: as above, and initialised by the loop above.
        .take_while(|word| unsafe { word.read_volatile() } == PAINT)
        .count();
    top - (bottom(top) + untouched * size_of::<u32>())
}
