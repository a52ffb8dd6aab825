//! Shows: the sentinel with its fit, alarms and health, and `mahalanobis`, `half_space` and `consensus`, linked;
//! nothing in them can panic. A program of its own, because the smallest flash has no room for it beside all the rest.
//! Run: `cargo verify no-panic`
//! Expected: no symbol of a panic in the linked program, and some with `panic-on-purpose`.
#![no_std]
#![no_main]

use bellwether::consensus::Consensus;
use bellwether::half_space::HalfSpace;
use bellwether::mahalanobis::Mahalanobis;
use bellwether::{Sentinel, sentinel_of};
use bellwether_firmware as _;
use bellwether_probes::everything;
use core::hint::black_box;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut SENTINEL: sentinel_of!(everything::SHAPE) = Sentinel::new();
    static mut MAHALANOBIS: Mahalanobis<3> = Mahalanobis::new();
    static mut HALF_SPACE: HalfSpace<3, 4, 32> = HalfSpace::new();
    static mut CONSENSUS: Consensus<3, 4> = Consensus::new();
    static mut BUFFER: [u8; 4096] = [0; 4096];
    let mut done = everything::sentinel(SENTINEL, BUFFER);
    done += everything::mahalanobis(MAHALANOBIS, BUFFER);
    done += everything::half_space(HALF_SPACE, BUFFER);
    done += everything::consensus(CONSENSUS, BUFFER);
    #[cfg(feature = "panic-on-purpose")]
    let done = done + usize::from(BUFFER[black_box(done)]);
    loop {
        black_box(done);
    }
}
