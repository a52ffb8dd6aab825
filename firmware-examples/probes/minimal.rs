//! Shows: the flash of the detector, lanes and vote, in the smallest program that uses it.
//! Run: `bellwether cost --board qemu-mps2-an386` reads its size.
//! Expected: tests/expect/sizes.txt
#![no_std]
#![no_main]

use bellwether::rola::{Rules, Settings};
use bellwether::{Reading, Tick};
use bellwether_firmware as _;
use board::{Preset, VARIABLES};
use core::hint::black_box;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Preset = Preset::new();
    if let Ok(rules) = Rules::new(Settings::DEFAULT) {
        for tick in 0.. {
            let frame = black_box([Reading::Value(0.0); VARIABLES]);
            black_box(ROLA.decide(&rules, Tick(tick), &frame).is_confirmed());
        }
    }
    loop {
        core::hint::spin_loop();
    }
}
