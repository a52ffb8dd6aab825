//! Shows: the sentinel with its fit, alarms and health, summaries and the check at start, linked; nothing in it can panic. A program of its own,
//! because the smallest flash has no room for it beside all the rest.
//! Run: `cargo verify no-panic`
//! Expected: no symbol of a panic in the linked program, and some with `panic-on-purpose`.
#![no_std]
#![no_main]

use bellwether::{Sentinel, sentinel_of};
use bellwether_firmware as _;
use bellwether_probes::everything;
use core::hint::black_box;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut SENTINEL: sentinel_of!(everything::SHAPE) = Sentinel::new();
    static mut BUFFER: [u8; 4096] = [0; 4096];
    let done = everything::sentinel(SENTINEL, BUFFER) + everything::observed();
    #[cfg(feature = "panic-on-purpose")]
    let done = done + usize::from(BUFFER[black_box(done)]);
    loop {
        black_box(done);
    }
}
