//! Shows: the smallest program with the detector, lanes and vote; to read its size.
//! Run: `bellwether cost --board qemu-lm3s6965` reads its size.
#![no_std]
#![no_main]

use bellwether::{Mid9, Reading, Settings, Tick};
use bellwether_firmware as _;
use core::hint::black_box;
use cortex_m_rt::entry;

#[entry]
fn main() -> ! {
    static mut ROLA: Mid9 = Mid9::new();
    if let Ok(rules) = Mid9::rules(Settings::DEFAULT) {
        for tick in 0.. {
            let frame = black_box([Reading::Value(0.0); 9]);
            black_box(ROLA.observe(&rules, Tick(tick), &frame).is_anomalous());
        }
    }
    loop {
        core::hint::spin_loop();
    }
}
