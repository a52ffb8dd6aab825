//! The handler of panics that cannot happen: its call has no definition, so a program in which one could does
//! not link.

use core::panic::PanicInfo;

unsafe extern "C" {
    fn bellwether_archive_has_a_panic_path() -> !;
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: no program that contains the call links, so none runs it.
    unsafe { bellwether_archive_has_a_panic_path() }
}
