//! Shows: the flash of the sentinel that fits itself.
//! Run: `bellwether cost --board qemu-mps2-an386` reads its size.
//! Expected: tests/expect/sizes.txt
#![no_std]
#![no_main]

use bellwether::quartet::Shape;
use bellwether::sentinel::{Rules, Sentinel, Settings};
use bellwether::{Detector, Reading, Tick, sentinel_of};
use bellwether_firmware as _;
use board as _;
use core::hint::black_box;
use cortex_m_rt::entry;

const SHAPE: Shape = Shape::new(8);

#[entry]
fn main() -> ! {
    static mut STATE: sentinel_of!(SHAPE) = Sentinel::new();
    if let Ok(rules) = Rules::try_from(Settings::of_shape(SHAPE, 1000)) {
        for tick in 0.. {
            let frame = black_box([Reading::Value(0.0); 8]);
            black_box(STATE.observe(&rules, Tick(tick), &frame));
            black_box((STATE.event(), STATE.complaints().count()));
        }
    }
    loop {
        core::hint::spin_loop();
    }
}
